"""The steps of the way to a billed commercial edition."""

from __future__ import annotations

from app.described import DescribedEnum


class NextAction(DescribedEnum):
    """A step of the way to a billed commercial edition."""

    CHOOSE_EDITION = "CHOOSE_EDITION", "Choose a commercial edition.", "选择版本"
    ACCEPT_AGREEMENT = "ACCEPT_AGREEMENT", "Accept the current service agreement.", "同意服务协议"
    CHOOSE_SETTLEMENT_CHANNEL = "CHOOSE_SETTLEMENT_CHANNEL", "Choose how to pay.", "选择结算方式"
    CREATE_LICENSE = "CREATE_LICENSE", "Create a license and copy it.", "创建 License"
    CREATE_ACCESS_KEY = "CREATE_ACCESS_KEY", "Create an AK/SK pair for the Launcher.", "创建 AK/SK"
    ACTIVATE_LICENSE = "ACTIVATE_LICENSE", "Activate the license from the Launcher.", "激活 License"
    REPORT_USAGE = "REPORT_USAGE", "Report usage, hourly.", "上报用量"
    TOP_UP = "TOP_UP", "Pay what is owed by topping up the prepaid balance.", "充值"
    ACCEPT_OFFER = "ACCEPT_OFFER", "Accept the offer made for an application.", "接受报价"
    WAIT_FOR_OFFER = "WAIT_FOR_OFFER", "Wait for the account manager, who has the application.", "等待报价"
    CONFIRM_SETTLEMENT_CHANNEL = (
        "CONFIRM_SETTLEMENT_CHANNEL",
        "Go on at the provider of the channel that was chosen.",
        "在结算平台完成确认",
    )
    RAISE_DK_LIMIT = (
        "RAISE_DK_LIMIT",
        "Connect fewer DataKits, or apply for a license that allows more.",
        "提高 DataKit 上限",
    )
