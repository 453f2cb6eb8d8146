"""The hook by which an author's ``conftest.py`` gives the kit a harness."""

from __future__ import annotations

import pytest

from settlement_spec.conformance.harness import Harness


@pytest.hookspec(firstresult=True)
def pytest_settlement_channel_harness(name: str) -> Harness | None:
    """Return a new harness for the channel ``name``, or None if it is not yours; called once for each check."""
