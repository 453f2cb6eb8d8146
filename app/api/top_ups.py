"""Top-ups: paying in to a prepaid balance, by bank transfer or online."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry
from settlement_spec import Payee as PayeeValue
from settlement_spec import TopUp as TopUpValue

from app.accounts.models import ACCOUNTANTS, TokenScope
from app.accounts.models import Account as AccountRow
from app.accounts.queries import lock_account
from app.api.arguments import IdOf, Sandboxes
from app.api.audience import FINANCE
from app.api.context import Context, Info
from app.api.enums import TopUpState
from app.api.fields import View, argument, column
from app.api.money import Money, from_amount, money
from app.api.mutation import mutation
from app.api.node import Node
from app.api.owned import OfAccount, Owned
from app.api.pagination import Listing, ListOrder, connection
from app.api.watching import Sandboxes as Watched
from app.api.watching import changed
from app.errors import ChannelUnavailable, NotFound, OnlineTopUpUnavailable, SandboxOnly, StepOutOfOrder, TopUpConflict
from app.events.recording import Actor
from app.inputs import minor_units
from app.settlement import online_top_ups, top_ups
from app.settlement.arrears import update_standing_if_possible

TopUpID = Annotated[UUID, IdOf("TopUp", "The top-up's global id.")]
Amount = Annotated[Decimal, argument("How much, such as 1000.00.")]
OfState = Annotated[TopUpState | None, argument("Only those in this state.")]


@strawberry.type(description="Whose bank account a transfer goes to.")
class Payee(View):
    """What the vendor has set."""

    row: strawberry.Private[PayeeValue]

    name: str = column("The account holder's name (户名).")
    bank: str = column("The bank and its branch (开户行).")
    account_number: str = column("The account's number (账号).")
    bank_code: str | None = column("The bank's code among banks: CNAPS (联行号), or SWIFT.")


@strawberry.type(description="Money on its way to an account's prepaid balance: a bank transfer, or an online payment.")
class TopUp(Owned, Node):
    """A top-up as its channel tells of it."""

    @classmethod
    async def load(cls, context: Context, key: UUID) -> TopUp | None:
        try:
            return cls.of((await top_ups.find_top_up(context.host, key))[1])
        except NotFound:
            return None

    amount: Money = column("What was announced, or is to be paid online.", from_amount("amount"))

    @strawberry.field(description="What the bank, or the payment provider, received.")
    def received(self) -> Money | None:
        received = self.row.received
        return money(received.minor, received.currency) if received else None

    @strawberry.field(description="What of it went back to the payer.")
    def refunded(self) -> Money | None:
        refunded = self.row.refunded
        return money(refunded.minor, refunded.currency) if refunded else None

    state: TopUpState = column("Whether the money has arrived.")
    reference: str = column("What the payer writes on the transfer.")
    bank_reference: str | None = column(
        "The bank's own reference of the transfer, or the payment provider's of the payment."
    )

    @strawberry.field(
        description="Where to transfer the money; null when no transfer is awaited, for a sandbox account, whose money "
        "is play money, and where the vendor has set none."
    )
    async def payee(self, info: Info) -> Payee | None:
        account = await info.context.loaders.of(AccountRow).load(self.row.account_id)
        return None if account.sandbox else Payee.maybe(self.row.payee)

    pay_url: str | None = column(
        "Where to pay online; null for a bank transfer, and when it is paid or cannot be paid any more.",
        lambda row: row.pay_url if row.state == TopUpState.REQUESTED else None,
    )
    requested_at: datetime = column("When it was announced.")
    confirmed_at: datetime | None = column("When it was confirmed.")


@strawberry.type
class TopUpsOfAccount(OfAccount):
    """What an account paid in."""

    @connection(TopUp, "What was paid in to the prepaid balance, or is to be.", order=ListOrder.NEWEST_FIRST)
    def top_ups(self, info: Info, state: OfState = None) -> Listing:
        return top_ups.Known(info.context.host, self.row.id, state)


@strawberry.type
class TopUpQueries:
    """For finance staff."""

    @connection(TopUp, "The top-ups of every account.", staff=FINANCE, order=ListOrder.NEWEST_FIRST)
    def top_ups(self, info: Info, state: OfState = None, sandboxes: Sandboxes = False) -> Listing:
        return top_ups.Known(info.context.host, state=state, sandbox=None if sandboxes else False)


@strawberry.type
class TopUpSubscriptions:
    """For finance staff."""

    @strawberry.subscription(
        description="A top-up of any account when it is announced or begun, and whenever it changes, over "
        "graphql-transport-ws. For finance staff."
    )
    async def top_up_changed(self, info: Info, sandboxes: Watched = False) -> AsyncGenerator[TopUp, None]:
        async for found in changed(info, TopUp, "top_up.", "topUp", FINANCE, sandboxes):
            yield found


async def _begin(info: Info, account: AccountRow, amount: Decimal) -> Callable[[], Awaitable[TopUpValue]]:
    return await online_top_ups.ask_to_pay(info.context.host, account, amount)


async def _own(info: Info, top_up_id: UUID) -> tuple[str, TopUpValue, AccountRow, Actor]:
    """A top-up of an account whose money the viewer sees to, its channel, and the account, locked."""
    await info.context.signed_in()
    key, top_up = await top_ups.find_top_up(info.context.host, top_up_id)
    account, actor = await info.context.member(top_up.account_id, ACCOUNTANTS, ("topUpId",), what="top-up")
    return key, top_up, account, actor


async def _cancel(info: Info, top_up_id: UUID) -> Callable[[], Awaitable[tuple[TopUpValue, TopUpValue]]]:
    key, before, _, _ = await _own(info, top_up_id)

    async def cancel() -> tuple[TopUpValue, TopUpValue]:
        return before, await top_ups.cancel_top_up(info.context.host, key, top_up_id)

    return cancel


@strawberry.type
class TopUpMutations:
    """For administrators, who pay in, and for finance staff, who confirm it."""

    @mutation(
        StepOutOfOrder,
        ChannelUnavailable,
        description="Announce a bank transfer to the prepaid balance; staff confirm it when it arrives.",
        done="The transfer is announced; send it to its payee with its reference.",
        answers={"top_up": (TopUp, "The top-up.")},
        member=ACCOUNTANTS,
    )
    async def request_top_up(self, info: Info, account: AccountRow, actor: Actor, amount: Amount) -> TopUpValue:
        return await top_ups.request_top_up(info.context.host, account, amount, actor)

    @mutation(
        StepOutOfOrder,
        OnlineTopUpUnavailable,
        ChannelUnavailable,
        description="Begin to pay in online. The balance is credited when the payment provider says that it was paid.",
        done="The payment is begun; send the payer to the top-up's `payUrl`.",
        answers={"top_up": (TopUp, "The top-up.")},
        member=ACCOUNTANTS,
        lane="outward",
        outside=_begin,
    )
    async def start_online_top_up(
        self, account: AccountRow, actor: Actor, amount: Amount, answer: TopUpValue
    ) -> TopUpValue:
        return await online_top_ups.online_top_up_begun(account, answer, actor)

    @mutation(
        TopUpConflict,
        ChannelUnavailable,
        description="Confirm that a transfer arrived, or credit an online payment that a reconciliation case tells of.",
        done="The transfer arrived and is credited.",
        answers={"top_up": (TopUp, "The top-up.")},
        staff=FINANCE,
    )
    async def confirm_top_up(
        self,
        info: Info,
        actor: Actor,
        top_up_id: TopUpID,
        bank_reference: Annotated[str, argument("The bank's own reference, or the payment's, used once.")],
        received_amount: Annotated[Decimal, argument("What was received.")],
    ) -> TopUpValue:
        host = info.context.host
        key, top_up = await top_ups.find_top_up(host, top_up_id)
        account = await lock_account(top_up.account_id)
        received = minor_units(received_amount, top_up.amount.currency, "receivedAmount")
        confirmed = await top_ups.confirm_top_up(host, account, top_up, key, bank_reference, received, actor)
        await update_standing_if_possible(host, account)
        return confirmed

    @mutation(
        SandboxOnly,
        TopUpConflict,
        ChannelUnavailable,
        description="Let the transfer of a sandbox account arrive, as finance staff confirm that of others.",
        done="The transfer is credited, as if it had arrived.",
        answers={"top_up": (TopUp, "The top-up.")},
        scope=TokenScope.MONEY,
    )
    async def receive_sandbox_top_up(self, info: Info, top_up_id: TopUpID) -> TopUpValue:
        host = info.context.host
        key, top_up, account, actor = await _own(info, top_up_id)
        received = await top_ups.receive_in_sandbox(host, account, top_up, key, actor)
        await update_standing_if_possible(host, account)
        return received

    @mutation(
        TopUpConflict,
        ChannelUnavailable,
        description="Note that money of a confirmed top-up went back to the payer, by a refund or a dispute that was "
        "lost: balance, books and what may be invoiced follow.",
        done="The refund is booked.",
        answers={"top_up": (TopUp, "The top-up.")},
        staff=FINANCE,
    )
    async def refund_top_up(
        self,
        info: Info,
        actor: Actor,
        top_up_id: TopUpID,
        amount: Annotated[Decimal, argument("What went back; at most what was received and not refunded yet.")],
        reference: Annotated[str, argument("The bank's or payment provider's reference of the refund, used once.")],
        reason: Annotated[str, argument("Why, 1 to 500 characters.")],
    ) -> TopUpValue:
        host = info.context.host
        key, top_up = await top_ups.find_top_up(host, top_up_id)
        account = await lock_account(top_up.account_id)
        minor = minor_units(amount, top_up.amount.currency, "amount")
        refunded = await top_ups.refund_top_up(host, account, top_up, key, minor, reference, reason, actor)
        await update_standing_if_possible(host, account)
        return refunded

    @mutation(
        TopUpConflict,
        ChannelUnavailable,
        description="Withdraw an announced transfer, or an online payment that is not made yet.",
        done="The transfer will not come.",
        answers={"top_up": (TopUp, "The top-up.")},
        scope=TokenScope.MONEY,
        lane="outward",
        outside=_cancel,
    )
    async def cancel_top_up(self, info: Info, top_up_id: TopUpID, answer: tuple[TopUpValue, TopUpValue]) -> TopUpValue:
        before, after = answer
        account, actor = await info.context.member(before.account_id, ACCOUNTANTS, ("topUpId",))
        return await top_ups.withdrawn(account, before, after, actor)
