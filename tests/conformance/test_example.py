"""The worked fourth channel is short, and passes the whole kit."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.conformance.running import ROOT, install, run_kit

EXAMPLE = ROOT / "examples" / "settlement_invoice"


def test_the_invoice_channel_passes_the_kit(tmp_path: Path) -> None:
    project, target = tmp_path / "project", tmp_path / "target"
    shutil.copytree(EXAMPLE, project)
    install(project, target)
    done = run_kit(project, "invoice", target=target)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"settlement channel invoice: \d{2} passed, 0 failed, \d+ do not apply, 0 not tried", done.stdout)


def test_the_invoice_channel_is_under_150_lines() -> None:
    assert len((EXAMPLE / "settlement_invoice" / "__init__.py").read_text().splitlines()) < 150
