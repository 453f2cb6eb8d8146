"""Dates, times and numbers as arguments: what is none of them is refused with an example of one that is.

A time says its offset, and no date or time lies at the edge of the calendar, where another zone has none of that day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from operator import methodcaller
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
YEARS = range(1970, 9999)


def _parsed(parse: Callable[[str], Any], example: str) -> Callable[[Any], Any]:
    def value_of(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"Give a string such as {example}.")
        try:
            return parse(str(value))
        except ValueError:
            raise ValueError(f"It must be of the form {example}.") from None

    return value_of


def _decimal(text: str) -> Decimal:
    if not DECIMAL.fullmatch(text):
        raise ValueError
    return Decimal(text)


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or at.year not in YEARS:
        raise ValueError
    return at


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) > 2**53:
        raise ValueError("Give a whole number, up to 2^53 either way.")
    return value


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError
    return day


BigInt = NewType("BigInt", int)
"""A whole number that may exceed 32 bits."""

SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant with its offset, such as 2026-01-31T09:00:00+08:00, from 1970 to 9998.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=methodcaller("isoformat"),
        parse_value=_parsed(_time, "2026-01-31T09:00:00+08:00"),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day, such as 2026-01-31, from 1970 to 9998.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date.html",
        serialize=methodcaller("isoformat"),
        parse_value=_parsed(_day, "2026-01-31"),
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number as JSON has it, beyond 32 bits, too: up to 2^53 either way.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-6",
        serialize=int,
        parse_value=_whole,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="A decimal number as a string of ASCII digits, such as 1000.00.",
        specified_by_url="https://www.w3.org/TR/xmlschema-2/#decimal",
        serialize=str,
        parse_value=_parsed(_decimal, "1000.00"),
    ),
}
