"""The steps of the way to a billed commercial edition."""

from __future__ import annotations

from enum import StrEnum


class NextAction(StrEnum):
    """A step of the way to a billed commercial edition."""

    CHOOSE_EDITION = "CHOOSE_EDITION"
    ACCEPT_AGREEMENT = "ACCEPT_AGREEMENT"
    CHOOSE_SETTLEMENT_CHANNEL = "CHOOSE_SETTLEMENT_CHANNEL"
    CREATE_LICENSE = "CREATE_LICENSE"
    CREATE_ACCESS_KEY = "CREATE_ACCESS_KEY"
    ACTIVATE_LICENSE = "ACTIVATE_LICENSE"
    REPORT_USAGE = "REPORT_USAGE"
    TOP_UP = "TOP_UP"
    ACCEPT_OFFER = "ACCEPT_OFFER"
    RAISE_DK_LIMIT = "RAISE_DK_LIMIT"
