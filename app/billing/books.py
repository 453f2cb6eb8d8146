"""What the books say of everybody: the trial balance, and what is owed by age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tortoise.connection import get_connection

from app import clock

AGES = (7, 30, 60, 90)


@dataclass(frozen=True)
class LedgerBalance:
    """A ledger account's turnover in minor units of a currency; ``balance_minor`` is debits less credits."""

    ledger_account: str
    currency: str
    debit_minor: int
    credit_minor: int
    balance_minor: int


@dataclass(frozen=True)
class Accrual:
    """Charges raised and not collected, ``from_days`` to ``to_days`` after (``None``: any longer), of one channel."""

    from_days: int
    to_days: int | None
    channel: str
    currency: str
    charges: int
    amount_minor: int


async def trial_balance(until: datetime | None = None) -> list[LedgerBalance]:
    """Every ledger account, over everything posted before ``until`` (accounts' clocks); the balances sum to zero."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT e.ledger_account, e.currency, "
        "coalesce(sum(e.amount_minor) FILTER (WHERE e.amount_minor > 0), 0)::bigint AS debit_minor, "
        "coalesce(-sum(e.amount_minor) FILTER (WHERE e.amount_minor < 0), 0)::bigint AS credit_minor, "
        "sum(e.amount_minor)::bigint AS balance_minor "
        "FROM journal_entry e JOIN journal_transaction t ON t.id = e.transaction_id "
        "WHERE t.at < coalesce($1, 'infinity'::timestamptz) GROUP BY 1, 2 ORDER BY 2, 1",
        [until],
    )
    return [LedgerBalance(**row) for row in rows]


async def accruals() -> list[Accrual]:
    """What is owed and not collected, by its age on the account's clock, channel and currency."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT width_bucket(extract(day FROM $1::timestamptz + make_interval(secs => a.clock_offset_seconds) "
        "- c.raised_at)::int, $2::int[]) AS age, s.channel, c.currency, count(*) AS charges, "
        "sum(c.amount_minor)::bigint AS amount_minor "
        "FROM settlement s JOIN charge c ON c.id = s.charge_id JOIN account a ON a.id = c.account_id "
        "WHERE s.state <> 'SETTLED' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        [clock.now(), [days + 1 for days in AGES]],
    )
    begins = (0, *(days + 1 for days in AGES))
    ends = (*AGES, None)
    return [Accrual(begins[age := row.pop("age")], ends[age], **row) for row in rows]
