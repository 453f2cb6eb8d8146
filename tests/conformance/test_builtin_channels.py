"""The channels that come with the billing center pass the kit."""

from __future__ import annotations

import re

import pytest

from tests.conformance.harnesses import HARNESSES
from tests.conformance.running import ROOT, run_kit


@pytest.mark.slow
@pytest.mark.parametrize("name", HARNESSES)
def test_it_passes_the_kit(name: str) -> None:
    done = run_kit(ROOT, name)
    assert re.search(rf"settlement channel {name}: \d{{2}} passed, 0 failed", done.stdout), done.stdout
    assert done.returncode == 0, done.stdout + done.stderr
