"""The editions by name, and how far an upgrade has come."""

from __future__ import annotations

from enum import StrEnum


class EditionKey(StrEnum):
    """The editions of the product."""

    COMMUNITY = "COMMUNITY"
    PAY_AS_YOU_GO = "PAY_AS_YOU_GO"
    SUBSCRIPTION = "SUBSCRIPTION"
    LICENSED = "LICENSED"


class UpgradeState(StrEnum):
    """How far an upgrade has come."""

    AGREEMENT_PENDING = "AGREEMENT_PENDING"
    CHANNEL_PENDING = "CHANNEL_PENDING"
    FREE_PERIOD = "FREE_PERIOD"
    ACTIVE = "ACTIVE"
    LAPSED = "LAPSED"
    REPLACED = "REPLACED"
    ENDED = "ENDED"
