"""Paying in to a prepaid balance by bank transfer: announced, then confirmed by staff, or cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from settlement_spec import NEWEST, ChannelRefusal, Money, TopUp, TopUps, TopUpState, Window

from app.accounts.models import Account
from app.billing import ledger
from app.errors import InvalidInput, NotFound, SandboxOnly, TopUpConflict
from app.events.recording import Actor, record
from app.inputs import above_zero, explanation
from app.settlement.host import ChannelHost
from app.settlement.locks import unlock
from app.settlement.refusals import refused_as
from app.settlement.wallets import amount_there


async def request_top_up(host: ChannelHost, account: Account, how_much: Decimal, actor: Actor) -> TopUp:
    """Announce a bank transfer to the account's prepaid balance.

    Raises:
        StepOutOfOrder: the account has no prepaid balance.
        InvalidInput: the amount is none in the balance's currency, or the channel refuses it.
    """
    key, amount = await amount_there(host, account, how_much)
    with refused_as(InvalidInput):
        top_up = await host.ask(
            key,
            TopUps,
            lambda channel: channel.request_top_up(account.id, amount, account.sandbox, account.now()),
            may_refuse=True,
        )
    await record(
        account.id,
        account.now(),
        "top_up.requested",
        actor,
        after={"topUp": str(top_up.id), "amountMinor": amount.minor, "online": False},
    )
    return top_up


async def find_top_up(host: ChannelHost, top_up_id: UUID) -> tuple[str, TopUp]:
    """A top-up, and the channel that has it.

    Raises:
        NotFound: no channel has it.
    """
    for key in host.implementing(TopUps):
        for top_up in await host.ask(key, TopUps, lambda channel: channel.top_ups(id=top_up_id)):
            return key, top_up
    raise NotFound(what="top-up", path=("topUpId",))


async def top_up_of(host: ChannelHost, channel: str, top_up_id: UUID) -> TopUp:
    """A channel's top-up as it is now.

    Raises:
        ChannelRefusal: the channel has no such top-up.
    """
    for top_up in await host.ask(channel, TopUps, lambda there: there.top_ups(id=top_up_id)):
        return top_up
    raise ChannelRefusal("topUpId", "there is no such top-up", "没有该笔充值")


@dataclass(frozen=True)
class Known:
    """Top-ups of one account or of all (of sandbox accounts, of others, or of both), of every channel that takes
    them."""

    host: ChannelHost
    account_id: UUID | None = None
    state: TopUpState | None = None
    sandbox: bool | None = None

    async def part(self, window: Window = NEWEST) -> Sequence[TopUp]:
        """Those in the window."""
        found: list[TopUp] = []
        for key in self.host.implementing(TopUps):
            found += await self.host.ask(
                key,
                TopUps,
                lambda channel: channel.top_ups(self.account_id, self.state, sandbox=self.sandbox, window=window),
            )
        return sorted(found, key=lambda one: one.id, reverse=not window.oldest_first)[: window.limit]

    async def count(self) -> int:
        """How many there are."""
        count = 0
        for key in self.host.implementing(TopUps):
            count += await self.host.ask(
                key, TopUps, lambda channel: channel.count_top_ups(self.account_id, self.state, self.sandbox)
            )
        return count


async def confirm_top_up(
    host: ChannelHost,
    account: Account,
    top_up: TopUp,
    channel: str,
    bank_reference: str,
    received_minor: int,
    actor: Actor,
) -> TopUp:
    """The transfer arrived, for a locked account. Confirming it again, with the same data, changes nothing.

    Raises:
        TopUpConflict: the channel refuses it (cancelled, confirmed with other data, reference used before).
    """
    received = Money(received_minor, top_up.amount.currency)
    with refused_as(TopUpConflict):
        return await post_payment(host, account, top_up.id, channel, bank_reference, received, actor)


async def receive_in_sandbox(host: ChannelHost, account: Account, top_up: TopUp, channel: str, actor: Actor) -> TopUp:
    """All of a transfer of a locked sandbox account arrived, as if it were one. Receiving it again changes nothing.

    Raises:
        SandboxOnly: the account is a production account.
        TopUpConflict: the channel refuses it (cancelled, or confirmed with other data).
    """
    if not account.sandbox:
        raise SandboxOnly()
    return await confirm_top_up(host, account, top_up, channel, top_up.reference, top_up.amount.minor, actor)


async def post_payment(
    host: ChannelHost,
    account: Account,
    top_up_id: UUID,
    channel: str,
    bank_reference: str,
    received: Money,
    actor: Actor,
) -> TopUp:
    """Let the channel credit what arrived for a locked account, once, and note it in the journal.

    Raises:
        ChannelRefusal: the channel refuses it.
    """
    before = await top_up_of(host, channel, top_up_id)
    confirmed = await host.ask(
        channel,
        TopUps,
        lambda there: there.confirm_top_up(top_up_id, bank_reference, received, actor.label, account.now()),
        may_refuse=True,
    )
    await ledger.top_up_confirmed(account.id, top_up_id, channel, received, account.now())
    if before.state != confirmed.state:
        await unlock(account, actor)
        await record(
            account.id,
            account.now(),
            "top_up.confirmed",
            actor,
            before={"topUp": str(top_up_id), "state": before.state},
            after={
                "state": confirmed.state,
                "bankReference": confirmed.bank_reference,
                "receivedMinor": received.minor,
            },
        )
    return confirmed


async def refund_top_up(
    host: ChannelHost,
    account: Account,
    top_up: TopUp,
    channel: str,
    amount_minor: int,
    reference: str,
    reason: str,
    actor: Actor,
) -> TopUp:
    """Money of a top-up went back to the payer, for a locked account: by a refund, or a dispute that was lost.

    Noting it again, with the same data, changes nothing.

    Raises:
        TopUpConflict: the channel refuses it (more than was received, reference used for another refund).
        InvalidInput: the amount is not above zero, or the reason is empty or too long.
    """
    above_zero(amount_minor)
    reason = explanation(reason)
    amount = Money(amount_minor, top_up.amount.currency)
    with refused_as(TopUpConflict):
        before = await top_up_of(host, channel, top_up.id)
        refund = await host.ask(
            channel,
            TopUps,
            lambda there: there.refund_top_up(top_up.id, amount, reference, actor.label, account.now()),
            may_refuse=True,
        )
    if refund.top_up.refunded != before.refunded:
        await ledger.top_up_refunded(account.id, refund.id, channel, amount, account.now())
        await record(
            account.id,
            account.now(),
            "top_up.refunded",
            actor,
            before={"topUp": str(top_up.id)},
            after={"amountMinor": amount_minor, "reference": refund.reference},
            reason=reason,
        )
    return refund.top_up


async def cancel_top_up(host: ChannelHost, channel: str, top_up_id: UUID) -> TopUp:
    """The money will not come. To be called without a transaction: it may ask a payment provider.

    Raises:
        TopUpConflict: it is confirmed already, or may have been paid online.
    """
    with refused_as(TopUpConflict):
        return await withdraw(host, channel, top_up_id)


async def withdraw(host: ChannelHost, channel: str, top_up_id: UUID) -> TopUp:
    """Let the channel cancel a top-up; to be called without a transaction.

    Raises:
        ChannelRefusal: the channel refuses it.
    """
    return await host.ask(channel, TopUps, lambda there: there.cancel_top_up(top_up_id), may_refuse=True)


async def withdrawn(account: Account, before: TopUp, cancelled: TopUp, actor: Actor) -> TopUp:
    """Note that the channel cancelled a top-up of a locked account, if it was not before."""
    if before.state != cancelled.state:
        await record(
            account.id,
            account.now(),
            "top_up.cancelled",
            actor,
            before={"topUp": str(before.id), "state": before.state},
            after={"state": cancelled.state},
        )
    return cancelled
