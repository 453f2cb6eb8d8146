"""The journal: double entry, append-only. A debit is positive, a credit negative; a transaction sums to zero.

| ledger account | what it tells |
| --- | --- |
| ``receivable`` | what customers owe: charges raised and not collected yet |
| ``revenue`` | what was charged (a credit) |
| ``channel:<key>`` | what a channel collected for us, less what customers paid in there: a credit is prepaid money |
| ``bank`` | what customers paid in |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from app.billing.audit import QUESTIONS
from app.billing.models import Charge, JournalTransaction
from app.described import DescribedEnum

RECEIVABLE = "receivable"
REVENUE = "revenue"
BANK = "bank"
RAISED = "charge.raised"
SETTLED = "charge.settled"
TOP_UP = "top_up.confirmed"


class CashFlowKind(DescribedEnum):
    """Why money moved."""

    CHARGE_SETTLED = SETTLED, "A channel collected a charge, or gave one back."
    TOP_UP_CONFIRMED = TOP_UP, "The customer paid in."


POST_SQL = """
WITH moved AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[],
                         $6::text[], $7::text[], $8::bigint[], $9::text[], $10::uuid[], $11::uuid[])
        AS m(id, account_id, kind, reference, at, debit, credit, amount_minor, currency, debit_id, credit_id)),
posted AS (
    INSERT INTO journal_transaction (id, account_id, kind, reference, at)
    SELECT id, account_id, kind, reference, at FROM moved)
INSERT INTO journal_entry (id, transaction_id, ledger_account, amount_minor, currency)
SELECT side.id, moved.id, side.ledger_account, side.amount_minor, moved.currency
FROM moved CROSS JOIN LATERAL (VALUES (debit_id, debit, amount_minor), (credit_id, credit, -amount_minor))
    AS side(id, ledger_account, amount_minor)
"""


RAISED_SQL = f"""
WITH raised AS MATERIALIZED (
    SELECT c.*, uuid7() AS transaction_id FROM charge c WHERE c.id = ANY($1) ORDER BY c.id
), posted AS (
    INSERT INTO journal_transaction (id, account_id, kind, reference, at)
    SELECT transaction_id, account_id, '{RAISED}', id, raised_at FROM raised
)
INSERT INTO journal_entry (id, transaction_id, ledger_account, amount_minor, currency)
SELECT uuid7(), transaction_id, side.account, side.sign * amount_minor, currency
FROM raised CROSS JOIN (VALUES ('{RECEIVABLE}', 1), ('{REVENUE}', -1)) AS side(account, sign)
"""  # noqa: S608


@dataclass(frozen=True)
class Movement:
    """``amount_minor`` of a currency from ``credit`` to ``debit``; ``(kind, reference)`` is its cause, once."""

    account_id: UUID
    kind: str
    reference: UUID
    at: datetime
    debit: str
    credit: str
    amount_minor: int
    currency: str


def of_channel(key: str) -> str:
    """The ledger account of a settlement channel."""
    return f"channel:{key}"


async def post(movements: Sequence[Movement]) -> None:
    """Write movements, all in one statement: the database refuses a statement whose entries do not sum to zero.

    Raises:
        IntegrityError: a cause was posted before.
    """
    await get_connection("default").execute_query(
        POST_SQL,
        [
            [uuid7() for _ in movements],
            [movement.account_id for movement in movements],
            [movement.kind for movement in movements],
            [movement.reference for movement in movements],
            [movement.at for movement in movements],
            [movement.debit for movement in movements],
            [movement.credit for movement in movements],
            [movement.amount_minor for movement in movements],
            [movement.currency for movement in movements],
            [uuid7() for _ in movements],
            [uuid7() for _ in movements],
        ],
    )


async def charges_raised(charge_ids: Sequence[UUID]) -> None:
    """The customers owe these charges."""
    await get_connection("default").execute_query(RAISED_SQL, [charge_ids])


async def charges_settled(settled: Sequence[tuple[Charge, str, datetime]]) -> None:
    """Channels collected charges, each at its instant: what the customer owed, the channel now owes."""
    await post([_of_charge(charge, SETTLED, at, of_channel(channel), RECEIVABLE) for charge, channel, at in settled])


async def top_up_confirmed(
    account_id: UUID, top_up_id: UUID, channel: str, amount_minor: int, currency: str, at: datetime
) -> None:
    """A customer's money arrived for a prepaid channel; telling it again changes nothing.

    The account is to be locked by the caller.
    """
    if not await JournalTransaction.exists(kind=TOP_UP, reference=top_up_id):
        paid_in = Movement(account_id, TOP_UP, top_up_id, at, BANK, of_channel(channel), amount_minor, currency)
        await post([paid_in])


async def balances(account_id: UUID) -> dict[tuple[str, str], int]:
    """Each ledger account's balance in minor units, by ledger account and currency: the sum of its entries."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT e.ledger_account, e.currency, sum(e.amount_minor)::bigint AS balance FROM journal_entry e "
        "JOIN journal_transaction t ON t.id = e.transaction_id WHERE t.account_id = $1 GROUP BY 1, 2",
        [account_id],
    )
    return {(row["ledger_account"], row["currency"]): row["balance"] for row in rows}


async def paid_in(account_id: UUID) -> dict[str, int]:
    """What an account's customer paid in, in minor units by currency."""
    found = await balances(account_id)
    return {currency: minor for (name, currency), minor in found.items() if name == BANK}


async def check() -> list[str]:
    """What is wrong with the books, in words; nothing when they are right."""
    connection = get_connection("default")
    answers = [await connection.execute_query_dict(question) for question in QUESTIONS]
    return [sentence for rows in answers for row in rows for sentence in row.values()]


def _of_charge(charge: Charge, kind: str, at: datetime, debit: str, credit: str) -> Movement:
    return Movement(charge.account_id, kind, charge.id, at, debit, credit, charge.amount_minor, charge.currency)
