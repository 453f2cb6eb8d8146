"""Moving money in a wallet: double entry, one movement for each cause, under the wallet's lock."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from settlement_spec import Money
from tortoise.connection import get_connection

from settlement_guance.models import Wallet, WalletEntry, WalletTransaction

CASH = "cash"
BANK = "bank"
VENDOR = "vendor"


async def lock(account_id: UUID, now: datetime) -> None:
    """Lock the wallet until the transaction ends; it is opened if need be."""
    await get_connection("default").execute_query(
        "INSERT INTO guance_wallet (account_id, opened_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", [account_id, now]
    )
    await Wallet.filter(account_id=account_id).select_for_update().first()


async def move(
    kind: str, reference: UUID, account_id: UUID, amount: Money, source: str, target: str, now: datetime
) -> UUID:
    """Move ``amount`` from one place to another for this cause, once: a repeated cause answers the first movement's id.

    The wallet is to be locked.
    """
    made = await WalletTransaction.get_or_none(kind=kind, reference=reference)
    if made is None:
        made = await WalletTransaction.create(account_id=account_id, kind=kind, reference=reference, at=now)
        await WalletEntry.bulk_create(
            WalletEntry(
                transaction_id=made.id,
                account_id=account_id,
                place=place,
                amount_minor=sign * amount.minor,
                currency=amount.currency,
            )
            for place, sign in ((source, -1), (target, 1))
        )
    return made.id


async def balance(account_id: UUID, currency: str) -> Money:
    """The wallet's cash: the sum of its entries; negative when more was collected than was paid in."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT coalesce(sum(amount_minor), 0)::bigint AS minor FROM guance_entry "
        "WHERE account_id = $1 AND place = $2 AND currency = $3",
        [account_id, CASH, currency],
    )
    return Money(rows[0]["minor"], currency)
