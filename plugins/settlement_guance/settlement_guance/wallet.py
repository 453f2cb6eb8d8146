"""Moving money in a wallet: double entry, one movement for each cause, under the wallet's lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from settlement_spec import Charge, MovementKind, Source
from tortoise.connection import get_connection

from settlement_guance.deduction import Held, deduct, pay_back
from settlement_guance.kinds import Place
from settlement_guance.models import FundRow, Wallet, WalletEntry, WalletTransaction

CURRENCY = "CNY"

# What a credit note granted to cash is no cash paid back: the two sides of the grant cancel out here.
TAKEN_SQL = """
SELECT coalesce(f.source, 'CASH') AS source, e.fund_id, f.expires_at, (-sum(e.amount_minor))::bigint AS minor
FROM guance_entry e JOIN guance_transaction t ON t.id = e.transaction_id AND t.kind = 'CHARGE'
LEFT JOIN guance_fund f ON f.id = e.fund_id
WHERE e.account_id = $1 AND e.place <> 'VENDOR' GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Side:
    """One side of a movement that is to be booked."""

    place: Place
    minor: int
    fund_id: UUID | None = None


async def lock(account_id: UUID, now: datetime) -> Wallet:
    """The wallet, locked until the transaction ends, and opened if need be; what has expired at ``now`` is void."""
    await get_connection("default").execute_query(
        "INSERT INTO guance_wallet (account_id, opened_at, cash_minor) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
        [account_id, now],
    )
    wallet = await Wallet.filter(account_id=account_id).select_for_update().get()
    for fund in await FundRow.filter(account_id=account_id, left_minor__gt=0, expires_at__lte=now):
        gone = [Side(Place(fund.source), -fund.left_minor, fund.id), Side(Place.VOID, fund.left_minor, fund.id)]
        await book(MovementKind.EXPIRED, fund.id, account_id, gone, fund.expires_at)
    return wallet


async def book(
    kind: MovementKind,
    reference: UUID,
    account_id: UUID,
    sides: Sequence[Side],
    at: datetime,
    units: int = 0,
    collected_at: datetime | None = None,
) -> WalletTransaction:
    """Book a movement whose sides sum to zero. The wallet is to be locked, and the cause new."""
    made = await WalletTransaction.create(
        account_id=account_id, kind=kind, reference=reference, at=at, units=units, collected_at=collected_at
    )
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


async def collect(charge: Charge, now: datetime, rest_to_cash: bool = False) -> WalletTransaction | None:
    """Collect a charge, or pay back a negative one, once: again answers the same movement.

    What has expired is judged at the later of ``now`` and the charge's own ``due_from``: a production account is
    charged after its day ended, so that is the present; a sandbox account whose clock is ahead of the world's is
    charged as if its days were settled one by one as they ended.

    ``None``: more would be paid back than was ever taken, and the rest is not to become cash.
    """
    at = max(now, charge.due_from)
    await lock(charge.account_id, at)
    made = await WalletTransaction.get_or_none(kind=MovementKind.CHARGE, reference=charge.id)
    if made is not None:
        return made
    minor = charge.amount.minor
    sides: list[Side] | None
    if minor >= 0:
        sides = await _taken(charge.account_id, minor, at)
    else:
        sides = await _paid_back(charge.account_id, -minor, at, rest_to_cash)
    if sides is None:
        return None
    sides.append(Side(Place.VENDOR, -sum(side.minor for side in sides)))
    return await book(MovementKind.CHARGE, charge.id, charge.account_id, sides, at, charge.units, now)


async def _taken(account_id: UUID, minor: int, at: datetime) -> list[Side]:
    rows = await FundRow.filter(account_id=account_id, left_minor__gt=0, expires_at__gt=at)
    funds = [Held(row.source, row.left_minor, row.id, row.expires_at) for row in rows]
    return [Side(Place(part.source), -part.minor, part.fund_id) for part in deduct(minor, funds, at)]


async def _paid_back(account_id: UUID, minor: int, at: datetime, rest_to_cash: bool) -> list[Side] | None:
    """What goes back to a voucher or card that is void by now is void with it, as if it was never taken.

    The rest that becomes cash is a grant of the vendor's.
    """
    rows = await get_connection("default").execute_query_dict(TAKEN_SQL, [account_id])
    taken = [Held(Source(row["source"]), row["minor"], row["fund_id"], row["expires_at"]) for row in rows]
    parts, rest = pay_back(minor, taken)
    if rest and not rest_to_cash:
        return None
    gone = WalletTransaction.filter(account_id=account_id, kind__in=(MovementKind.EXPIRED, MovementKind.VOIDED))
    void = {row.reference for row in await gone}
    void |= {part.fund_id for part in parts if part.fund_id and part.expires_at and part.expires_at <= at}
    back = [
        Side(Place.VOID if part.fund_id in void else Place(part.source), part.minor, part.fund_id) for part in parts
    ]
    return [*back, Side(Place.CASH, rest), Side(Place.GRANTED, -rest)]
