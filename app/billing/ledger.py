"""The journal: double entry, append-only. A debit is positive, a credit negative; a transaction sums to zero.

| ledger account | what it holds |
| --- | --- |
| ``receivable`` | what customers owe: charges raised and not collected yet |
| ``revenue`` | what was charged (a credit) |
| ``channel:<key>`` | what a channel collected for us, less what customers paid in there: a credit is prepaid money |
| ``bank`` | what customers paid in |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from app.billing.audit import QUESTIONS
from app.billing.models import Charge, JournalTransaction, LedgerAccount
from app.db.sql import statement
from app.described import DescribedEnum

POST = statement(__file__, "post")
POST_RAISED = statement(__file__, "post_raised")
OPEN_CHANNELS = statement(__file__, "open_channels")
BALANCES = statement(__file__, "balances")
POSTED = statement(__file__, "posted")
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


async def of_channel(key: str) -> str:
    """The name of a settlement channel's ledger account, which is opened if need be."""
    return (await of_channels([key]))[key]


async def of_channels(keys: Iterable[str]) -> dict[str, str]:
    """The names of settlement channels' ledger accounts, which are opened if need be, by channel."""
    wanted = sorted(set(keys))
    names = await _names(wanted)
    if len(names) < len(wanted):
        await OPEN_CHANNELS.run(wanted)
        names = await _names(wanted)
    return names


async def post(movements: Sequence[Movement]) -> None:
    """Write movements, all in one statement: the database refuses a statement whose entries do not sum to zero.

    Raises:
        IntegrityError: a cause was posted before.
    """
    await POST.run(
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
    )


async def charges_raised(charge_ids: Sequence[UUID]) -> None:
    """The customers owe these charges."""
    await POST_RAISED.run(charge_ids)


async def charges_settled(settled: Sequence[tuple[Charge, str, datetime]]) -> None:
    """Channels collected charges, each at its instant: what the customer owed, the channel now owes."""
    if not settled:
        return
    accounts = await of_channels(channel for _, channel, _ in settled)
    await post([_of_charge(charge, SETTLED, at, accounts[channel], RECEIVABLE) for charge, channel, at in settled])


async def top_up_confirmed(
    account_id: UUID, top_up_id: UUID, channel: str, amount_minor: int, currency: str, at: datetime
) -> None:
    """A customer's money arrived for a prepaid channel; posting it again changes nothing.

    The account is to be locked by the caller.
    """
    if not await JournalTransaction.exists(kind=TOP_UP, reference=top_up_id):
        there = await of_channel(channel)
        paid_in = Movement(account_id, TOP_UP, top_up_id, at, BANK, there, amount_minor, currency)
        await post([paid_in])


async def balances(account_id: UUID) -> dict[tuple[str, str], int]:
    """Each ledger account's balance in minor units, by ledger account and currency: the sum of its entries."""
    rows = await BALANCES.rows(account_id)
    return {(row["ledger_account"], row["currency"]): row["balance"] for row in rows}


async def paid_in(account_id: UUID) -> dict[str, int]:
    """What an account's customer paid in, in minor units by currency."""
    found = await balances(account_id)
    return {currency: minor for (name, currency), minor in found.items() if name == BANK}


async def posted_top_ups(top_up_ids: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
    """What was posted as paid in by each of these top-ups, of those that were: minor units, and the currency."""
    rows = await POSTED.rows(TOP_UP, BANK, top_up_ids)
    return {row["reference"]: (row["amount_minor"], row["currency"]) for row in rows}


async def check() -> list[str]:
    """What is wrong with the books, in words; nothing when they are right."""
    answers = [await question.rows() for question in QUESTIONS.values()]
    return [sentence for rows in answers for row in rows for sentence in row.values()]


async def _names(channels: Sequence[str]) -> dict[str, str]:
    opened = LedgerAccount.filter(channel__in=channels)
    return {str(key): str(name) for key, name in await opened.values_list("channel", "name")}


def _of_charge(charge: Charge, kind: str, at: datetime, debit: str, credit: str) -> Movement:
    return Movement(charge.account_id, kind, charge.id, at, debit, credit, charge.amount_minor, charge.currency)
