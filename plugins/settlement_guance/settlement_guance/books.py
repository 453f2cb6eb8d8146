"""Reading the wallet's books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from settlement_spec import (
    AccountBalance,
    BalancePart,
    Money,
    Movement,
    MovementKind,
    Owing,
    ProviderRecord,
    Source,
    Window,
)
from tortoise.connection import get_connection
from tortoise.queryset import QuerySet

from settlement_guance.kinds import Place
from settlement_guance.lists import given, listed
from settlement_guance.models import RefundRow, Wallet, WalletEntry, WalletTransaction
from settlement_guance.wallet import CURRENCY

COLLECTED_SQL = """
SELECT t.id, t.reference, t.units, t.collected_at AS at,
    coalesce(sum(e.amount_minor) FILTER (WHERE e.place IN ('VENDOR', 'GRANTED')), 0)::bigint AS minor
FROM guance_transaction t LEFT JOIN guance_entry e ON e.transaction_id = t.id
WHERE t.kind = 'CHARGE' AND t.collected_at >= $1 AND t.collected_at < $2 GROUP BY t.id ORDER BY t.id
"""


BALANCES_SQL = """
SELECT w.account_id, w.cash_minor AS cash,
    (SELECT coalesce(sum(f.left_minor), 0) FROM guance_fund AS f
        WHERE f.account_id = w.account_id AND f.source = 'CARD')::bigint AS cards,
    coalesce(sum(e.amount_minor) FILTER (WHERE e.place = 'CASH'), 0)::bigint AS cash_moved,
    coalesce(sum(e.amount_minor) FILTER (WHERE e.place = 'CARD'), 0)::bigint AS cards_moved
FROM guance_wallet AS w LEFT JOIN guance_entry AS e ON e.account_id = w.account_id AND e.place IN ('CASH', 'CARD')
WHERE w.account_id > $1 GROUP BY w.account_id ORDER BY w.account_id LIMIT $2
"""
FIRST = UUID(int=0)


async def cash(account_id: UUID) -> Money:
    """The wallet's cash; negative when more was collected than was there."""
    wallet = await Wallet.get_or_none(account_id=account_id)
    return Money(wallet.cash_minor if wallet else 0, CURRENCY)


async def owing(account_id: UUID | None) -> list[Owing]:
    """The wallets whose cash is negative."""
    wallets = Wallet.filter(cash_minor__lt=0)
    if account_id is not None:
        wallets = wallets.filter(account_id=account_id)
    return [
        Owing(wallet.account_id, Money(-wallet.cash_minor, CURRENCY), wallet.owing_since)
        for wallet in await wallets
        if wallet.owing_since is not None
    ]


def moved(
    account_id: UUID, since: datetime | None, until: datetime | None, kind: MovementKind | None
) -> QuerySet[WalletTransaction]:
    """Movements of one wallet in ``[since, until)``, of a kind or of all."""
    return given(WalletTransaction.filter(account_id=account_id), at__gte=since, at__lt=until, kind=kind)


async def movements(found: QuerySet[WalletTransaction], window: Window) -> list[Movement]:
    """Those of a wallet's movements that are in the window."""
    rows = await listed(found, window)
    parts = await _parts([row.id for row in rows])
    refunds = RefundRow.filter(id__in=[row.reference for row in rows if row.kind == MovementKind.REFUND])
    top_ups = {refund.id: refund.top_up_id for refund in await refunds}
    return [
        Movement(
            row.id,
            row.account_id,
            row.kind,
            top_ups.get(row.reference, row.reference),
            row.at,
            tuple(parts.get(row.id, ())),
            row.for_account_id,
        )
        for row in rows
    ]


async def paid_from(charge_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[BalancePart]]:
    """What paid each charge; with what went back to a voucher or card that was void, and is void with it."""
    rows = await WalletTransaction.filter(kind=MovementKind.CHARGE, reference__in=list(charge_ids))
    parts = await _parts([row.id for row in rows], Place.VOID)
    return {row.reference: tuple(parts.get(row.id, ())) for row in rows}


async def balances(after: UUID | None, limit: int) -> list[AccountBalance]:
    """Every wallet's balances, and what its entries add up to, by account."""
    rows = await get_connection("default").execute_query_dict(BALANCES_SQL, [after or FIRST, limit])
    names = ("cash", "cards", "cash_moved", "cards_moved")
    return [AccountBalance(row["account_id"], *(Money(row[name], CURRENCY) for name in names)) for row in rows]


async def collected(since: datetime, until: datetime) -> list[ProviderRecord]:
    """Every charge collected in ``[since, until)`` on the world's clock, as the entries have it."""
    rows = await get_connection("default").execute_query_dict(COLLECTED_SQL, [since, until])
    return [
        ProviderRecord(row["reference"], str(row["id"]), row["units"], Money(row["minor"], CURRENCY), row["at"])
        for row in rows
    ]


async def _parts(transaction_ids: list[UUID], *besides: Place) -> dict[UUID, list[BalancePart]]:
    """The sides within the wallet of each movement, and those in other places that are asked for."""
    places = [*(str(source) for source in Source), *besides]
    entries = WalletEntry.filter(transaction_id__in=transaction_ids, place__in=places).select_related("fund")
    found: defaultdict[UUID, list[BalancePart]] = defaultdict(list)
    for entry in await entries.order_by("id"):
        source = entry.fund.source if entry.fund else Source.CASH
        part = BalancePart(source, Money(entry.amount_minor, CURRENCY), entry.fund_id, entry.place == Place.VOID)
        found[entry.transaction_id].append(part)
    return found
