"""Paying in to a prepaid balance online: begun by a member, and finished by what the channel hears of its provider."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from settlement_spec import ChannelRefusal, Money, OnlinePayments, PaymentIssue, TopUp
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.db.sql import statement
from app.errors import ChannelUnavailable, InvalidInput, OnlineTopUpUnavailable
from app.events.models import ActorKind
from app.events.recording import Actor, record
from app.settlement.arrears import update_standing_if_possible
from app.settlement.host import ChannelHost
from app.settlement.models import CaseKind
from app.settlement.reconciliation import tell_of_case
from app.settlement.refusals import refused_as
from app.settlement.top_ups import post_payment, top_up_of, withdraw, withdrawn
from app.settlement.wallets import amount_there

NOTE_ISSUE = statement(__file__, "note_issue")
log = logging.getLogger(__name__)


async def ask_to_pay(host: ChannelHost, account: Account, how_much: Decimal) -> Callable[[], Awaitable[TopUp]]:
    """How to begin an online payment to the account's prepaid balance, without a transaction; it names where to pay.

    Raises:
        StepOutOfOrder: the account has no prepaid balance.
        OnlineTopUpUnavailable: its channel takes no online payments, or not from this account.
        InvalidInput: the amount is none in the balance's currency, or the channel refuses it.
    """
    key, amount = await amount_there(host, account, how_much)

    async def ask() -> TopUp:
        with refused_as(InvalidInput, unavailable=OnlineTopUpUnavailable):
            return await host.ask(
                key,
                OnlinePayments,
                lambda channel: channel.start_online_top_up(account.id, amount, account.sandbox, account.now()),
                may_refuse=True,
            )

    return ask


async def online_top_up_begun(account: Account, top_up: TopUp, actor: Actor) -> TopUp:
    """Note that an online payment of a locked account was begun."""
    after = {"topUp": str(top_up.id), "amountMinor": top_up.amount.minor, "online": True}
    await record(account.id, account.now(), "top_up.requested", actor, after=after)
    return top_up


async def top_up_paid(host: ChannelHost, channel: str, top_up_id: UUID, reference: str, received: Money) -> None:
    """The provider has the money: credit it once, which pays what is owed first and lifts a suspension.

    Raises:
        ChannelRefusal: the channel refuses it.
    """
    async with in_transaction():
        account = await _lock_account_of(host, channel, top_up_id)
        await post_payment(host, account, top_up_id, channel, reference, received, Actor(ActorKind.SYSTEM, channel))
        await update_standing_if_possible(host, account)


async def top_up_lapsed(host: ChannelHost, channel: str, top_up_id: UUID) -> None:
    """Nobody paid in time.

    Raises:
        ChannelRefusal: the channel has no such top-up, or refuses it.
    """
    before = await top_up_of(host, channel, top_up_id)
    after = await withdraw(host, channel, top_up_id)
    async with in_transaction():
        account = await lock_account(before.account_id)
        await withdrawn(account, before, after, Actor(ActorKind.SYSTEM, channel))


async def note_issue(
    host: ChannelHost,
    channel: str,
    top_up_id: UUID,
    issue: PaymentIssue,
    reference: str,
    details: Mapping[str, Any],
) -> None:
    """Open a case for finance staff, or add to the one that is open; each ``reference`` is noted once, for ever."""
    log.warning("settlement channel %s, top-up %s: %s (%s)", channel, top_up_id, issue, reference)
    noted = orjson.dumps(dict(details)).decode()
    account = None
    with suppress(ChannelRefusal, ChannelUnavailable):
        account = await Account.get_or_none(id=(await top_up_of(host, channel, top_up_id)).account_id)
    sandbox = account is not None and account.sandbox
    values = [uuid7(), channel, top_up_id, CaseKind(issue), reference, noted, clock.now(), sandbox]
    async with in_transaction():
        for case in await NOTE_ISSUE.rows(*values):
            await tell_of_case(case["id"], channel, CaseKind(issue), sandbox)


async def _lock_account_of(host: ChannelHost, channel: str, top_up_id: UUID) -> Account:
    return await lock_account((await top_up_of(host, channel, top_up_id)).account_id)
