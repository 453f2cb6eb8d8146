"""The journal: double entry, append-only. A debit is positive, a credit negative; a transaction sums to zero.

| ledger account | what it holds |
| --- | --- |
| ``receivable`` | what customers owe: charges raised and not collected yet |
| ``revenue`` | what was charged, and what days recognized of contracts (a credit) |
| ``deferred`` | what contracts' instalments charged, and no day has recognized yet (a credit) |
| ``discounts`` | what coupons took off and vouchers paid of that: less revenue |
| ``breakage`` | what was left on stored-value cards that expired (a credit) |
| ``channel:<key>`` | what a channel collected for us from its own customers |
| ``prepaid:<key>`` | customers' cash in a prepaid channel (a credit); a debit is what they owe there |
| ``cards:<key>`` | what is left on customers' stored-value cards there (a credit) |
| ``shared`` | what one account's balance paid for another (a credit of who paid); for each charge it comes to nothing |
| ``bank`` | what customers paid in, less what went back to them |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from settlement_spec import Money
from uuid_utils.compat import uuid7

from app.billing.audit import QUESTIONS
from app.billing.models import OF_CHANNELS, Charge, JournalTransaction, LedgerAccount, LedgerAccountKind
from app.db.sql import statement
from app.described import DescribedEnum

POST = statement(__file__, "post")
POST_RAISED = statement(__file__, "post_raised")
OPEN_CHANNELS = statement(__file__, "open_channels")
BALANCES = statement(__file__, "balances")
POSTED = statement(__file__, "posted")
PREPAID = statement(__file__, "prepaid")
RECEIVABLE = "receivable"
REVENUE = "revenue"
DEFERRED = "deferred"
BANK = "bank"
SHARED = "shared"
SETTLED = "charge.settled"
PAID_FOR_ANOTHER = "charge.paid_for_another"
TOP_UP = "top_up.confirmed"
REFUND = "top_up.refunded"
CARD_PURCHASED = "card.purchased"
CARD_EXPIRED = "card.expired"
RECOGNIZED = "revenue.recognized"


class CashFlowKind(DescribedEnum):
    """Why money moved."""

    CHARGE_SETTLED = SETTLED, "A channel collected a charge, or gave one back."
    CHARGE_PAID_FOR_ANOTHER = PAID_FOR_ANOTHER, "The prepaid balance paid another account's charge."
    TOP_UP_CONFIRMED = TOP_UP, "The customer paid in."
    TOP_UP_REFUNDED = REFUND, "What the customer had paid in went back to the customer."

    def sides(self, minor: int) -> tuple[int | None, int | None]:
        """The minor units of an entry as the customer's income, or else as its expense; the other is ``None``."""
        return (-minor, None) if self == CashFlowKind.TOP_UP_CONFIRMED else (None, minor)


CASH_FLOWS = {"transaction__kind__in": [*map(str, CashFlowKind)], "ledger_account__kind__in": OF_CHANNELS}
"""Which entries are a customer's income and expense: not those between the customer's own cash and cards."""


@dataclass(frozen=True)
class Posting:
    """A transaction of the journal: minor units of a currency on some ledger accounts, which sum to zero.

    ``(kind, reference)`` is its cause, once.
    """

    account_id: UUID
    kind: str
    reference: UUID
    at: datetime
    currency: str
    entries: Mapping[str, int]


@dataclass(frozen=True)
class Collected:
    """That a channel collected a charge: ``paid`` are the minor units that each kind of ledger account paid of it, of
    the account ``payer_id``, which may be another than the charged one."""

    charge: Charge
    payer_id: UUID
    channel: str
    at: datetime
    paid: Mapping[LedgerAccountKind, int]


@dataclass(frozen=True)
class Recognized:
    """That a day of a contract earned so much of what was charged ahead, in minor units of a currency; its key."""

    id: UUID
    account_id: UUID
    at: datetime
    amount_minor: int
    currency: str


async def of_channels(wanted: Iterable[tuple[LedgerAccountKind, str]]) -> dict[tuple[LedgerAccountKind, str], str]:
    """The names of settlement channels' ledger accounts, which are opened if need be, by kind and channel."""
    asked = sorted(set(wanted))
    names = await _names()
    if not names.keys() >= set(asked):
        await OPEN_CHANNELS.run([str(kind) for kind, _ in asked], [channel for _, channel in asked])
        names = await _names()
    return {one: names[one] for one in asked}


async def post(postings: Sequence[Posting]) -> None:
    """Write transactions, all in one statement: the database refuses a statement whose entries do not sum to zero.

    Raises:
        IntegrityError: a cause was posted before.
    """
    ids = [uuid7() for _ in postings]
    entries = [
        (id, name, minor, posting.currency)
        for id, posting in zip(ids, postings, strict=True)
        for name, minor in posting.entries.items()
    ]
    await POST.run(
        ids,
        [posting.account_id for posting in postings],
        [posting.kind for posting in postings],
        [posting.reference for posting in postings],
        [posting.at for posting in postings],
        *map(list, zip(*entries, strict=True)),
    )


async def charges_raised(charge_ids: Sequence[UUID]) -> None:
    """The customers owe these charges."""
    await POST_RAISED.run(charge_ids)


async def charges_settled(collected: Sequence[Collected]) -> None:
    """Channels collected charges: what the customer owed, the channel now owes, or the customer had paid ahead, or it
    was given away."""
    if not collected:
        return
    names = await _names_of((kind, one.channel) for one in collected for kind in one.paid)
    await post([posting for one in collected for posting in _settled(one, names)])


def _settled(one: Collected, names: Mapping[tuple[LedgerAccountKind, str], str]) -> Iterator[Posting]:
    """The postings of a charge that was collected: one, or, where another account paid, one for each account."""
    charge, about = one.charge, (one.charge.id, one.at, one.charge.currency)
    paid = {names[kind, one.channel]: minor for kind, minor in one.paid.items()}
    if one.payer_id != charge.account_id:
        yield Posting(one.payer_id, PAID_FOR_ANOTHER, *about, paid | {SHARED: -charge.amount_minor})
        paid = {SHARED: charge.amount_minor}
    yield Posting(charge.account_id, SETTLED, *about, paid | {RECEIVABLE: -charge.amount_minor})


async def top_up_confirmed(account_id: UUID, top_up_id: UUID, channel: str, received: Money, at: datetime) -> None:
    """A customer's money arrived for a prepaid channel; posting it again changes nothing.

    The account is to be locked by the caller, as for the others below.
    """
    await _move(account_id, TOP_UP, top_up_id, channel, LedgerAccountKind.BANK, LedgerAccountKind.PREPAID, received, at)


async def top_up_refunded(account_id: UUID, refund_id: UUID, channel: str, paid: Money, at: datetime) -> None:
    """A customer's money went back to the customer; posting it again changes nothing."""
    await _move(account_id, REFUND, refund_id, channel, LedgerAccountKind.PREPAID, LedgerAccountKind.BANK, paid, at)


async def card_purchased(account_id: UUID, card_id: UUID, channel: str, price: Money, at: datetime) -> None:
    """A customer turned cash into a stored-value card; posting it again changes nothing."""
    cash, cards = LedgerAccountKind.PREPAID, LedgerAccountKind.CARDS
    await _move(account_id, CARD_PURCHASED, card_id, channel, cash, cards, price, at)


async def card_expired(account_id: UUID, card_id: UUID, channel: str, left: Money, at: datetime) -> None:
    """What was left on a stored-value card is income now; posting it again changes nothing."""
    cards, breakage = LedgerAccountKind.CARDS, LedgerAccountKind.BREAKAGE
    await _move(account_id, CARD_EXPIRED, card_id, channel, cards, breakage, left, at)


async def revenue_recognized(recognized: Sequence[Recognized]) -> None:
    """What contracts' instalments charged ahead is earned, day by day; less where an instalment was given back."""
    postings = [
        Posting(
            one.account_id,
            RECOGNIZED,
            one.id,
            one.at,
            one.currency,
            {DEFERRED: one.amount_minor, REVENUE: -one.amount_minor},
        )
        for one in recognized
        if one.amount_minor
    ]
    if postings:
        await post(postings)


async def balances(account_id: UUID) -> dict[tuple[str, str], int]:
    """Each ledger account's balance in minor units, by ledger account and currency: the sum of its entries."""
    rows = await BALANCES.rows(account_id)
    return {(row["ledger_account"], row["currency"]): row["balance"] for row in rows}


async def paid_in(account_id: UUID) -> dict[str, int]:
    """What an account's customer paid in, less what went back, in minor units by currency."""
    found = await balances(account_id)
    return {currency: minor for (name, currency), minor in found.items() if name == BANK}


async def prepaid(channel: str) -> dict[tuple[UUID, LedgerAccountKind, str], int]:
    """What customers have with a prepaid channel, by account, kind of ledger account and currency, in minor units."""
    kinds = (LedgerAccountKind.PREPAID, LedgerAccountKind.CARDS)
    names = {name: kind for (kind, of), name in (await _names()).items() if kind in kinds and of == channel}
    return {
        (row["account_id"], names[row["ledger_account"]], row["currency"]): row["minor"]
        for row in await PREPAID.rows(list(names))
    }


async def posted_top_ups(top_up_ids: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
    """What was posted as paid in by each of these top-ups, of those that were: minor units, and the currency."""
    rows = await POSTED.rows(TOP_UP, BANK, top_up_ids)
    return {row["reference"]: (row["amount_minor"], row["currency"]) for row in rows}


async def cards_of(account_id: UUID) -> set[UUID]:
    """The stored-value cards that the account bought."""
    bought = JournalTransaction.filter(account_id=account_id, kind=CARD_PURCHASED)
    return set(await bought.values_list("reference", flat=True))  # type: ignore[arg-type]


async def check() -> list[str]:
    """What is wrong with the books, in words; nothing when they are right."""
    answers = [await question.rows() for question in QUESTIONS.values()]
    return [sentence for rows in answers for row in rows for sentence in row.values()]


async def _move(
    account_id: UUID,
    cause: str,
    reference: UUID,
    channel: str,
    debit: LedgerAccountKind,
    credit: LedgerAccountKind,
    amount: Money,
    at: datetime,
) -> None:
    """Post ``amount`` from one of a customer's ledger accounts to another, unless its cause was posted before."""
    if not await JournalTransaction.exists(kind=cause, reference=reference):
        names = await _names_of([(debit, channel), (credit, channel)])
        entries = {names[debit, channel]: amount.minor, names[credit, channel]: -amount.minor}
        await post([Posting(account_id, cause, reference, at, amount.currency, entries)])


async def _names_of(wanted: Iterable[tuple[LedgerAccountKind, str]]) -> dict[tuple[LedgerAccountKind, str], str]:
    """The names of ledger accounts, by kind and channel: of some kinds each channel has its own."""
    asked = set(wanted)
    own = await of_channels(one for one in asked if one[0] in OF_CHANNELS)
    return {one: own.get(one, one[0].lower()) for one in asked}


async def _names() -> dict[tuple[LedgerAccountKind, str], str]:
    opened = LedgerAccount.filter(channel__isnull=False)
    return {
        (LedgerAccountKind(kind), channel): name
        for kind, channel, name in await opened.values_list("kind", "channel", "name")
    }
