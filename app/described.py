"""Enums that say what each of their values means, once and for whoever shows them."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class DescribedEnum(StrEnum):
    """Members are declared as ``NAME = "VALUE", "What it means.", "名称"``; the docstring says what the enum is.

    A member is its value in every other respect: stored, compared, pickled and looked up by it. ``zh`` and ``en`` are
    what it is called in a sentence for people; Chinese is declared where such a sentence names it.
    """

    description: str
    zh: str

    def __new__(cls, value: str, description: str = "", zh: str = "") -> Self:
        """A member with its description; by its value alone it is looked up."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        member.zh = zh or value
        return member

    @property
    def en(self) -> str:
        """What it is called in an English sentence."""
        return self.value.replace("_", " ").lower()
