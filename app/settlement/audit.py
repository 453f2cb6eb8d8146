"""The books against what the channels themselves say, beside the questions that the database answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

from settlement_spec import AccountBalance, Money, PrepaidBalance, TopUpState

from app.billing import ledger
from app.billing.models import LedgerAccountKind
from app.settlement.host import ChannelHost
from app.settlement.top_ups import Known

PAGE = 1000


async def check(host: ChannelHost) -> list[str]:
    """What is wrong with the books, in words; nothing when they are right.

    Raises:
        ChannelUnavailable: a channel failed.
    """
    answers = [await question(host) for question in QUESTIONS.values()]
    return [*await ledger.check(), *(sentence for answer in answers for sentence in answer)]


async def top_ups_equal_paid_in(host: ChannelHost) -> list[str]:
    """Of the newest confirmed top-ups, as many as the channels list: what was received is what was posted."""
    confirmed = await Known(host, state=TopUpState.CONFIRMED).part()
    found = await ledger.posted_top_ups([top_up.id for top_up in confirmed])
    posted = {top_up_id: Money(minor, currency) for top_up_id, (minor, currency) in found.items()}
    return [
        f"top-up {top_up.id}: the channel received {top_up.received}, and the journal says {posted.get(top_up.id)}"
        for top_up in confirmed
        if posted.get(top_up.id) != top_up.received
    ]


async def wallets_equal_ledger(host: ChannelHost) -> list[str]:
    """Every prepaid balance, and what is on its cards, is the sum of its movements, and what the journal says."""
    wrong: list[str] = []
    for key in host.implementing(PrepaidBalance):
        booked = await ledger.prepaid(key)
        async for there in _balances(host, key):
            for what, kind, shown, moved in (
                ("cash", LedgerAccountKind.PREPAID, there.cash, there.cash_moved),
                ("cards", LedgerAccountKind.CARDS, there.cards, there.cards_moved),
            ):
                posted = Money(booked.pop((there.account_id, kind, shown.currency), 0), shown.currency)
                if not shown == moved == posted:
                    wrong.append(
                        f"account {there.account_id}: its {what} with {key} is {shown}, its movements sum to {moved}, "
                        f"and the journal says {posted}"
                    )
        wrong += [
            f"account {account_id}: the journal says {Money(minor, currency)} on {kind.lower()}:{key}, which has none"
            for (account_id, kind, currency), minor in booked.items()
            if minor
        ]
    return wrong


Question = Callable[[ChannelHost], Awaitable[list[str]]]
QUESTIONS: dict[str, Question] = {
    question.__name__: question for question in (top_ups_equal_paid_in, wallets_equal_ledger)
}
"""Each question by its name, which says what holds where it has no answer."""


async def _balances(host: ChannelHost, key: str) -> AsyncIterator[AccountBalance]:
    after: UUID | None = None
    while page := await host.ask(key, PrepaidBalance, lambda channel, after=after: channel.balances(after, PAGE)):  # type: ignore[misc]
        for one in page:
            yield one
        after = page[-1].account_id
