"""The editions by name."""

from __future__ import annotations

from enum import StrEnum


class EditionKey(StrEnum):
    """The editions of the product."""

    COMMUNITY = "COMMUNITY"
    PAY_AS_YOU_GO = "PAY_AS_YOU_GO"
    SUBSCRIPTION = "SUBSCRIPTION"
    LICENSED = "LICENSED"
