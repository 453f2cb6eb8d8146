"""The values that channels are given."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal
from typing import Any

import pytest
from settlement_spec import Money


@pytest.mark.parametrize("minor", [1.0, Decimal(1), "1", True, None])
def test_money_is_an_integer(minor: Any) -> None:
    with pytest.raises(TypeError):
        Money(minor, "CNY")


@pytest.mark.parametrize("currency", ["", "cny", "CN", "CNYY", "¥¥¥"])
def test_money_has_an_iso_4217_code(currency: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, currency)


def test_money_cannot_be_changed() -> None:
    money = Money(-5, "CNY")
    with pytest.raises(FrozenInstanceError):
        money.minor = 6  # type: ignore[misc]
