"""Dates, times and decimals as arguments: what is none of them is refused with an example of one that is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from operator import methodcaller
from typing import Any

import strawberry
from strawberry.types.scalar import ScalarDefinition


def _parsed(parse: Callable[[str], Any], example: str) -> Callable[[Any], Any]:
    def value_of(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"Give a string such as {example}.")
        try:
            return parse(str(value))
        except (ValueError, InvalidOperation):
            raise ValueError(f"It must be of the form {example}.") from None

    return value_of


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="Date with time (isoformat)",
        serialize=methodcaller("isoformat"),
        parse_value=_parsed(datetime.fromisoformat, "2026-01-31T09:00:00+08:00"),
    ),
    date: strawberry.scalar(
        name="Date",
        description="Date (isoformat)",
        serialize=methodcaller("isoformat"),
        parse_value=_parsed(date.fromisoformat, "2026-01-31"),
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="Decimal (fixed-point)",
        serialize=str,
        parse_value=_parsed(_decimal, "1000.00"),
    ),
}
