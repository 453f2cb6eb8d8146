"""The journal: double entry, append-only. A debit is positive, a credit negative; a transaction sums to zero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection

from app.billing.models import Charge, JournalEntry, JournalTransaction

RECEIVABLE = "receivable"
REVENUE = "revenue"


RAISED_SQL = f"""
WITH raised AS MATERIALIZED (
    SELECT c.*, uuid7() AS transaction_id FROM charge c WHERE c.id = ANY($1) ORDER BY c.id
), posted AS (
    INSERT INTO journal_transaction (id, account_id, kind, reference, at)
    SELECT transaction_id, account_id, 'charge.raised', id, raised_at FROM raised
)
INSERT INTO journal_entry (id, transaction_id, ledger_account, amount_minor, currency)
SELECT uuid7(), transaction_id, side.account, side.sign * amount_minor, currency
FROM raised CROSS JOIN (VALUES ('{RECEIVABLE}', 1), ('{REVENUE}', -1)) AS side(account, sign)
"""  # noqa: S608


async def charges_raised(charge_ids: Sequence[UUID]) -> None:
    """The customers owe these charges."""
    await get_connection("default").execute_query(RAISED_SQL, [charge_ids])


async def charges_settled(settled: Sequence[tuple[Charge, str, datetime]]) -> None:
    """Channels collected charges, each at its instant: what the customer owed, the channel now owes."""
    transactions = [
        JournalTransaction(account_id=charge.account_id, kind="charge.settled", reference=charge.id, at=at)
        for charge, _, at in settled
    ]
    await JournalTransaction.bulk_create(transactions)
    await JournalEntry.bulk_create(
        entry
        for transaction, (charge, channel, _) in zip(transactions, settled, strict=True)
        for entry in _entries(transaction, charge, f"channel:{channel}", RECEIVABLE)
    )


async def balances(account_id: UUID) -> dict[tuple[str, str], int]:
    """Each ledger account's balance in minor units, by ledger account and currency: the sum of its entries."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT e.ledger_account, e.currency, sum(e.amount_minor)::bigint AS balance FROM journal_entry e "
        "JOIN journal_transaction t ON t.id = e.transaction_id WHERE t.account_id = $1 GROUP BY 1, 2",
        [account_id],
    )
    return {(row["ledger_account"], row["currency"]): row["balance"] for row in rows}


async def check() -> list[str]:
    """What is wrong with the journal, in words; nothing when it is right."""
    connection = get_connection("default")
    unbalanced = await connection.execute_query_dict(
        "SELECT transaction_id, currency, sum(amount_minor)::bigint AS off FROM journal_entry "
        "GROUP BY 1, 2 HAVING sum(amount_minor) <> 0"
    )
    unposted = await connection.execute_query_dict(
        "SELECT c.id FROM charge c LEFT JOIN journal_transaction t ON t.kind = 'charge.raised' AND t.reference = c.id "
        "WHERE t.id IS NULL"
    )
    uncollected = await connection.execute_query_dict(
        "SELECT s.charge_id FROM settlement s LEFT JOIN journal_transaction t "
        "ON t.kind = 'charge.settled' AND t.reference = s.charge_id WHERE (s.state = 'SETTLED') <> (t.id IS NOT NULL)"
    )
    return [
        *(
            f"transaction {row['transaction_id']} is off by {row['off']} {row['currency']} (minor units)"
            for row in unbalanced
        ),
        *(f"charge {row['id']} is not in the journal" for row in unposted),
        *(f"charge {row['charge_id']}: its settlement and the journal disagree" for row in uncollected),
    ]


async def _post(charge: Charge, kind: str, reference: UUID, at: datetime, debit: str, credit: str) -> None:
    transaction = await JournalTransaction.create(account_id=charge.account_id, kind=kind, reference=reference, at=at)
    await JournalEntry.bulk_create(_entries(transaction, charge, debit, credit))


def _entries(transaction: JournalTransaction, charge: Charge, debit: str, credit: str) -> list[JournalEntry]:
    return [
        JournalEntry(
            transaction_id=transaction.id,
            ledger_account=name,
            amount_minor=sign * charge.amount_minor,
            currency=charge.currency,
        )
        for name, sign in ((debit, 1), (credit, -1))
    ]
