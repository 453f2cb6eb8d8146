"""Enums that say what each of their values means, once and for whoever shows them."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class DescribedEnum(StrEnum):
    """Members are declared as ``NAME = "VALUE", "What it means."``; the docstring says what the enum is.

    A member is its value in every other respect: stored, compared, pickled and looked up by it.
    """

    description: str

    def __new__(cls, value: str, description: str = "") -> Self:
        """A member with its description; by its value alone it is looked up."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member
