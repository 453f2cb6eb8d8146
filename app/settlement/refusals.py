"""What a channel refuses, as the API's typed errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from settlement_spec import ChannelRefusal, Funds, OnlinePayments, PrepaidBalance, TopUps

from app.errors import BillingError

UNSUPPORTED: dict[type, tuple[str, str]] = {
    PrepaidBalance: ("the settlement channel has no prepaid balance", "该结算方式没有预付费余额"),
    TopUps: ("the settlement channel takes no top-ups", "该结算方式不支持充值"),
    OnlinePayments: ("the settlement channel takes no online payments", "该结算方式不支持在线支付"),
    Funds: ("the settlement channel has no vouchers or cards", "该结算方式没有代金券或储值卡"),
}
"""Why a channel without a protocol refuses what is asked of it, in English and Chinese."""


@contextmanager
def refused_as(
    error: type[BillingError], *within: str, unavailable: type[BillingError] | None = None
) -> Iterator[None]:
    """Within the block a channel's refusal is ``error`` at the field at fault, which lies ``within`` an argument.

    Where no field is at fault it is ``unavailable``, if that is given, and the account is what it cannot be done for.
    """
    try:
        yield
    except ChannelRefusal as refusal:
        kind = error if refusal.field or unavailable is None else unavailable
        path = (*within, refusal.field) if refusal.field else within or ("accountId",)
        raise kind(reason_en=refusal.en, reason_zh=refusal.zh, path=path) from None
