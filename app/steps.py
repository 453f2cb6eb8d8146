"""The steps of the way to a billed commercial edition."""

from __future__ import annotations

from app.described import DescribedEnum


class NextAction(DescribedEnum):
    """A step of the way to a billed commercial edition."""

    CHOOSE_EDITION = "CHOOSE_EDITION", "Choose a commercial edition."
    ACCEPT_AGREEMENT = "ACCEPT_AGREEMENT", "Accept the current service agreement."
    CHOOSE_SETTLEMENT_CHANNEL = "CHOOSE_SETTLEMENT_CHANNEL", "Choose how to pay."
    CREATE_LICENSE = "CREATE_LICENSE", "Create a license and copy it."
    CREATE_ACCESS_KEY = "CREATE_ACCESS_KEY", "Create an AK/SK pair for the Launcher."
    ACTIVATE_LICENSE = "ACTIVATE_LICENSE", "Activate the license from the Launcher."
    REPORT_USAGE = "REPORT_USAGE", "Report usage, hourly."
    TOP_UP = "TOP_UP", "Pay what is owed by topping up the prepaid balance."
    ACCEPT_OFFER = "ACCEPT_OFFER", "Accept the offer made for an application."
    WAIT_FOR_OFFER = "WAIT_FOR_OFFER", "Wait for the account manager, who has the application."
    CONFIRM_SETTLEMENT_CHANNEL = "CONFIRM_SETTLEMENT_CHANNEL", "Go on at the provider of the channel that was chosen."
    RAISE_DK_LIMIT = "RAISE_DK_LIMIT", "Connect fewer DataKits, or apply for a license that allows more."
