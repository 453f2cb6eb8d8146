"""What the author of the mutants tells the kit: the ``conftest.py`` of their folder."""

from __future__ import annotations

import pytest

from tests.conformance.mutants import FINDS
from tests.conformance.reference import ReferenceHarness

__all__ = ["pytest_collection_modifyitems", "pytest_settlement_channel_harness"]
FOUND_BY = {mutant.key: check for mutant, check in FINDS.items()}


def pytest_settlement_channel_harness(name: str) -> ReferenceHarness:
    """Around each of them is the same."""
    return ReferenceHarness()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all checks of the sound channel, and of each mutant the one that names its fault."""
    items[:] = [item for item in items if FOUND_BY.get(_channel(item), _check(item)) == _check(item)]


def _channel(item: pytest.Item) -> str:
    assert isinstance(item, pytest.Function)
    return str(item.callspec.params["settlement_channel_name"])


def _check(item: pytest.Item) -> str:
    return item.name.partition("[")[0]
