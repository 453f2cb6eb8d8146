"""Recomputing the wallet's books from their entries alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from settlement_guance.channel import EnterpriseAccount
from settlement_spec import Charge, ChargeBatch, ChargeKind, Money, SettlementResult, TopUp
from tortoise.connection import get_connection

NOW = datetime(2026, 3, 2, 10, 30, 15, tzinfo=UTC)

WRONG = """
SELECT 'movement ' || transaction_id AS what FROM guance_entry GROUP BY transaction_id HAVING sum(amount_minor) <> 0
UNION ALL
SELECT 'cash of ' || w.account_id FROM guance_wallet w LEFT JOIN guance_entry e
ON e.account_id = w.account_id AND e.place = 'CASH'
GROUP BY w.account_id HAVING w.cash_minor <> coalesce(sum(e.amount_minor), 0)
UNION ALL
SELECT 'fund ' || f.id FROM guance_fund f LEFT JOIN guance_entry e ON e.fund_id = f.id AND e.place = f.source
GROUP BY f.id HAVING f.left_minor <> coalesce(sum(e.amount_minor), 0)
UNION ALL
SELECT 'late payment ' || e.id FROM guance_entry e JOIN guance_fund f ON f.id = e.fund_id AND e.place = f.source
JOIN guance_transaction t ON t.id = e.transaction_id AND t.kind = 'CHARGE' WHERE t.at >= f.expires_at
"""


async def differences() -> list[dict[str, Any]]:
    """What is wrong: unbalanced movements, balances that are not their entries' sum, payments by what was expired."""
    return list(await get_connection("default").execute_query_dict(WRONG))


def cny(minor: int) -> Money:
    """Fen."""
    return Money(minor, "CNY")


def charge(
    account: UUID, minor: int, id: UUID | None = None, currency: str = "CNY", due: datetime = NOW, sandbox: bool = False
) -> Charge:
    """A charge of a day that is due at an instant."""
    owed, day = Money(minor, currency), date(2026, 3, 1)
    return Charge(id or uuid4(), account, str(account), {}, ChargeKind.DAILY, day, due, due, 20, owed, sandbox)


def correction(of: Charge, minor: int, due: datetime = NOW, kind: ChargeKind = ChargeKind.CREDIT_NOTE) -> Charge:
    """A charge that gives ``minor`` of another back, or adds to it where it is above zero."""
    return replace(of, id=uuid4(), kind=kind, due_from=due, amount=Money(minor, "CNY"), corrects=of.id)


async def settle(channel: EnterpriseAccount, *charges: Charge, now: datetime = NOW) -> list[SettlementResult]:
    """What the channel answers to one batch."""
    return list(await channel.settle(ChargeBatch(charges, now)))


async def top_up(
    channel: EnterpriseAccount, account: UUID, minor: int, bank_reference: str | None = None, now: datetime = NOW
) -> TopUp:
    """A confirmed transfer."""
    asked = await channel.request_top_up(account, cny(minor), False, now)
    return await channel.confirm_top_up(asked.id, bank_reference or asked.reference, cny(minor), "finance", now)
