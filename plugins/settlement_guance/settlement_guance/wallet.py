"""Moving money in a wallet: double entry, one movement for each cause, under the wallet's lock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from settlement_spec import Charge, Money, MovementKind, Source
from tortoise.connection import get_connection

from settlement_guance.deduction import Held, Taken, deduct, pay_back
from settlement_guance.kinds import Place
from settlement_guance.models import FundRow, Wallet, WalletEntry, WalletTransaction

CURRENCY = "CNY"

# What the charges took from the wallet $2 that correct each other, the one with the key $1 among them. What was granted
# to cash is no cash paid back: the two sides of the grant cancel out here.
TAKEN_SQL = """
WITH RECURSIVE day(charge) AS (
    SELECT $1::uuid
    UNION
    SELECT linked.charge FROM day AS d JOIN guance_transaction AS t
        ON t.kind = 'CHARGE' AND (t.reference = d.charge OR t.corrects = d.charge)
    CROSS JOIN LATERAL (VALUES (t.reference), (t.corrects)) AS linked(charge) WHERE linked.charge IS NOT NULL)
SELECT coalesce(f.source, 'CASH') AS source, e.fund_id, f.expires_at, (-sum(e.amount_minor))::bigint AS minor,
    coalesce(-sum(e.amount_minor) FILTER (WHERE t.reference = $1), 0)::bigint AS own
FROM day AS d JOIN guance_transaction AS t ON t.kind = 'CHARGE' AND t.reference = d.charge AND t.account_id = $2
JOIN guance_entry AS e ON e.transaction_id = t.id AND e.place <> 'VENDOR'
LEFT JOIN guance_fund AS f ON f.id = e.fund_id GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Side:
    """One side of a movement that is to be booked."""

    place: Place
    minor: int
    fund_id: UUID | None = None


class Charged(TypedDict, total=False):
    """What the movement of a charge has beside those of others."""

    units: int
    corrects: UUID | None
    collected_at: datetime
    for_account_id: UUID | None


CardExpired = Callable[[UUID, UUID, Money, datetime], Awaitable[None]]


class Wallets:
    """Where money moves. ``card_expired`` is told of every card that expired with something left, as that is booked."""

    def __init__(self, card_expired: CardExpired | None = None) -> None:
        self._card_expired = card_expired

    async def lock(self, account_id: UUID, now: datetime) -> Wallet:
        """The wallet, locked until the transaction ends, and opened if need be; what has expired at ``now`` is void."""
        await get_connection("default").execute_query(
            "INSERT INTO guance_wallet (account_id, opened_at, cash_minor) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
            [account_id, now],
        )
        wallet = await Wallet.filter(account_id=account_id).select_for_update().get()
        for fund in await FundRow.filter(account_id=account_id, left_minor__gt=0, expires_at__lte=now):
            gone = [Side(Place(fund.source), -fund.left_minor, fund.id), Side(Place.VOID, fund.left_minor, fund.id)]
            await book(MovementKind.EXPIRED, fund.id, account_id, gone, fund.expires_at)
            if fund.source == Source.CARD and self._card_expired:
                await self._card_expired(account_id, fund.id, Money(fund.left_minor, CURRENCY), fund.expires_at)
        return wallet

    async def collect(self, charge: Charge, now: datetime) -> WalletTransaction:
        """Collect a charge, or pay back a negative one, once: again answers the same movement.

        What has expired is judged at the later of ``now`` and the charge's own ``due_from``: a production account is
        charged after its day ended, so that is the present; a sandbox account whose clock is ahead of the world's is
        charged as if its days were settled one by one as they ended.
        """
        at = max(now, charge.due_from)
        await self.lock(charge.payer, at)
        made = await WalletTransaction.get_or_none(kind=MovementKind.CHARGE, reference=charge.id)
        if made is not None:
            return made
        sides = await (_taken if charge.amount.minor >= 0 else _paid_back)(charge, at)
        return await _collected(charge, sides, now, at)

    async def collect_from_funds(self, charge: Charge, now: datetime) -> WalletTransaction | None:
        """``collect`` where vouchers and cards pay the whole charge; otherwise nothing, and ``None``."""
        if charge.amount.currency != CURRENCY:
            return None
        at = max(now, charge.due_from)
        await self.lock(charge.payer, at)
        made = await WalletTransaction.get_or_none(kind=MovementKind.CHARGE, reference=charge.id)
        if made is not None:
            return made
        sides = await _taken(charge, at)
        whole = charge.amount.minor > 0 and all(side.fund_id for side in sides)
        return await _collected(charge, sides, now, at) if whole else None


async def accounts_with_funds(account_ids: Collection[UUID]) -> set[UUID]:
    """Which of these accounts ever had a voucher or a card."""
    had = FundRow.filter(account_id__in=account_ids).distinct()
    return set(await had.values_list("account_id", flat=True))  # type: ignore[arg-type]


async def _collected(charge: Charge, sides: Sequence[Side], now: datetime, at: datetime) -> WalletTransaction:
    vendor = Side(Place.VENDOR, -sum(side.minor for side in sides))
    whose = charge.account_id if charge.paid_by else None
    about = Charged(units=charge.units, corrects=charge.corrects, collected_at=now, for_account_id=whose)
    return await book(MovementKind.CHARGE, charge.id, charge.payer, [*sides, vendor], at, **about)


async def book(
    kind: MovementKind,
    reference: UUID,
    account_id: UUID,
    sides: Sequence[Side],
    at: datetime,
    **charged: Unpack[Charged],
) -> WalletTransaction:
    """Book a movement whose sides sum to zero. The wallet is to be locked, and the cause new."""
    made = await WalletTransaction.create(account_id=account_id, kind=kind, reference=reference, at=at, **charged)
    await WalletEntry.bulk_create(
        WalletEntry(
            transaction_id=made.id,
            account_id=account_id,
            place=side.place,
            fund_id=side.fund_id,
            amount_minor=side.minor,
            currency=CURRENCY,
        )
        for side in sides
        if side.minor
    )
    return made


async def _taken(charge: Charge, at: datetime) -> list[Side]:
    rows = await FundRow.filter(account_id=charge.payer, left_minor__gt=0, expires_at__gt=at)
    funds = [Held(row.source, row.left_minor, row.id, row.expires_at) for row in rows]
    return [Side(Place(part.source), -part.minor, part.fund_id) for part in deduct(charge.amount.minor, funds, at)]


async def _paid_back(charge: Charge, at: datetime) -> list[Side]:
    """What goes back to a voucher or card that is void by now is void with it, as if it was never taken.

    What was not taken here, since another channel collected it, becomes cash: a grant of the vendor's.
    """
    rows = await get_connection("default").execute_query_dict(TAKEN_SQL, [charge.corrects, charge.payer])
    taken = [
        Taken(Held(Source(row["source"]), row["minor"], row["fund_id"], row["expires_at"]), row["own"]) for row in rows
    ]
    parts, rest = pay_back(-charge.amount.minor, taken)
    gone = WalletTransaction.filter(account_id=charge.payer, kind__in=(MovementKind.EXPIRED, MovementKind.VOIDED))
    void = {row.reference for row in await gone}
    void |= {part.fund_id for part in parts if part.fund_id and part.expires_at and part.expires_at <= at}
    back = [
        Side(Place.VOID if part.fund_id in void else Place(part.source), part.minor, part.fund_id) for part in parts
    ]
    return [*back, Side(Place.CASH, rest), Side(Place.GRANTED, -rest)]
