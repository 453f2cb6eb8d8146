"""Prepaid balances: what is there, what paid, what is owed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from settlement_spec import Fund as FundValue
from settlement_spec import Movement as MovementValue
from settlement_spec import Part as PartValue
from settlement_spec import TopUp as TopUpValue

from app.api.context import Context
from app.api.enums import FundState, MovementKind, Source, StandingState, TopUpState
from app.api.money import Money, money
from app.api.node import Info, Node, decode_id, encode_id
from app.api.owned import Owned
from app.api.pagination import MOST
from app.errors import InvalidInput, NotFound
from app.settlement.arrears import StandingNow
from app.settlement.top_ups import find_top_up
from app.settlement.vouchers import find_fund
from app.settlement.wallets import Wallet as WalletValue
from app.settlement.wallets import movements, takes_online_payments


@strawberry.type(description="Money on its way to an account's prepaid balance: a bank transfer, or an online payment.")
class TopUp(Owned, Node):
    """A top-up as its channel tells of it."""

    record: strawberry.Private[TopUpValue]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> TopUp | None:
        try:
            return cls.of((await find_top_up(context.host, key))[1])
        except NotFound:
            return None

    @strawberry.field(description="The account that it is for.")
    def account_id(self) -> strawberry.ID:
        return encode_id("Account", self.record.account_id)

    @strawberry.field(description="What was announced, or is to be paid online.")
    def amount(self) -> Money:
        return money(self.record.amount.minor, self.record.amount.currency)

    @strawberry.field(description="What the bank, or the payment provider, received.")
    def received(self) -> Money | None:
        received = self.record.received
        return money(received.minor, received.currency) if received else None

    @strawberry.field(description="Whether the money has arrived.")
    def state(self) -> TopUpState:
        return self.record.state

    @strawberry.field(description="What the payer writes on the transfer.")
    def reference(self) -> str:
        return self.record.reference

    @strawberry.field(description="The bank's own reference of the transfer, or the payment provider's of the payment.")
    def bank_reference(self) -> str | None:
        return self.record.bank_reference

    @strawberry.field(
        description="Where to pay online; null for a bank transfer, and when it is paid or cannot be paid any more."
    )
    def pay_url(self) -> str | None:
        return self.record.pay_url if self.record.state == TopUpState.REQUESTED else None

    @strawberry.field(description="When it was announced.")
    def requested_at(self) -> datetime:
        return self.record.requested_at

    @strawberry.field(description="When it was confirmed.")
    def confirmed_at(self) -> datetime | None:
        return self.record.confirmed_at


@strawberry.type(description="A voucher or stored-value card: it pays before cash does.")
class Fund(Node):
    """A voucher or card as its channel tells of it."""

    record: strawberry.Private[FundValue]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Fund | None:
        try:
            return cls.of((await find_fund(context.host, key))[1])
        except NotFound:
            return None

    @strawberry.field(description="What it is.")
    def source(self) -> Source:
        return self.record.source

    @strawberry.field(description="Whether it can pay.")
    def state(self) -> FundState:
        return self.record.state

    @strawberry.field(description="What it was issued for.")
    def amount(self) -> Money:
        return money(self.record.amount.minor, self.record.amount.currency)

    @strawberry.field(description="What can still be paid from it.")
    def left(self) -> Money:
        return money(self.record.left.minor, self.record.left.currency)

    @strawberry.field(description="When it was issued or bought.")
    def issued_at(self) -> datetime:
        return self.record.issued_at

    @strawberry.field(description="From this second on it pays nothing, and what is left is void.")
    def expires_at(self) -> datetime:
        return self.record.expires_at

    @strawberry.field(description="The e-mail address of who issued or bought it.")
    def issued_by(self) -> str:
        return self.record.issued_by

    @strawberry.field(description="Why it was issued.")
    def note(self) -> str:
        return self.record.note

    @strawberry.field(description="Why staff took it back.")
    def void_reason(self) -> str | None:
        return self.record.void_reason


@strawberry.type(description="What one part of a prepaid balance gained, or gave where the amount is negative.")
class BalancePart:
    """A part of a movement."""

    value: strawberry.Private[PartValue]

    @strawberry.field(description="Which part of the balance.")
    def source(self) -> Source:
        return self.value.source

    @strawberry.field(description="What it gained; negative for what it gave.")
    def amount(self) -> Money:
        return money(self.value.amount.minor, self.value.amount.currency)

    @strawberry.field(description="The voucher or card; null for cash.")
    def fund_id(self) -> strawberry.ID | None:
        return encode_id("Fund", self.value.fund_id) if self.value.fund_id else None


@strawberry.type(description="One change of a prepaid balance.")
class Movement:
    """A movement as its channel tells of it."""

    value: strawberry.Private[MovementValue]

    @strawberry.field(description="Marks this place, for `before`.")
    def cursor(self) -> str:
        return encode_id("Movement", self.value.id)

    @strawberry.field(description="Why the balance changed.")
    def kind(self) -> MovementKind:
        return self.value.kind

    @strawberry.field(description="The global id of its cause: a Charge, TopUp, or Fund.")
    def cause_id(self) -> strawberry.ID:
        causes = {MovementKind.CHARGE: "Charge", MovementKind.TOP_UP: "TopUp"}
        return encode_id(causes.get(self.value.kind, "Fund"), self.value.reference)

    @strawberry.field(description="When, on the account's clock.")
    def at(self) -> datetime:
        return self.value.at

    @strawberry.field(description="What each part of the balance gained or gave.")
    def parts(self) -> list[BalancePart]:
        return [BalancePart(value=part) for part in self.value.parts]


@strawberry.type(description="An account's prepaid balance.")
class Wallet:
    """A balance at one instant of the account's clock."""

    value: strawberry.Private[WalletValue]

    @strawberry.field(description="The channel that keeps it.")
    def channel(self) -> str:
        return self.value.channel

    @strawberry.field(description="The cash; negative when more was collected than was there.")
    def balance(self) -> Money:
        return money(self.value.balance.minor, self.value.balance.currency)

    @strawberry.field(description="What a top-up pays first: the cash that is missing.")
    def owed(self) -> Money:
        return money(self.value.owed.minor, self.value.owed.currency)

    @strawberry.field(description="What the next charges can be paid from: vouchers, cards and cash.")
    def available(self) -> Money:
        return money(self.value.available.minor, self.value.available.currency)

    @strawberry.field(description="Whether `startOnlineTopUp` is set up for it.")
    async def takes_online_payments(self, info: Info) -> bool:
        return await takes_online_payments(info.context.host, self.value)

    @strawberry.field(description="The vouchers, newest first, those that cannot pay any more included.")
    def vouchers(self) -> list[Fund]:
        return [Fund.of(fund) for fund in self.value.funds if fund.source != Source.CARD]

    @strawberry.field(description="The stored-value cards, newest first, those that cannot pay any more included.")
    def cards(self) -> list[Fund]:
        return [Fund.of(fund) for fund in self.value.funds if fund.source == Source.CARD]

    @strawberry.field(description="Every change of the balance, newest first.")
    async def movements(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 20,
        before: Annotated[str | None, strawberry.argument(description="Only those before this cursor.")] = None,
    ) -> list[Movement]:
        if not 1 <= first <= MOST:
            raise InvalidInput(
                reason_en=f"first must be 1 to {MOST}", reason_zh=f"first 须在 1 到 {MOST} 之间", path=("first",)
            )
        seen = decode_id(before, "Movement", "before") if before is not None else None
        return [Movement(value=found) for found in await movements(info.context.host, self.value, seen, first)]


@strawberry.type(description="Whether what an account owes has consequences yet.")
class Standing:
    """The standing as of the last review."""

    value: strawberry.Private[StandingNow]

    @strawberry.field(description="The standing.")
    def state(self) -> StandingState:
        return self.value.state

    @strawberry.field(description="When the balance was used up, or the account reinstated; null if it never owed.")
    def since(self) -> datetime | None:
        return self.value.since

    @strawberry.field(description="When a suspended account will be in arrears.")
    def deadline(self) -> datetime | None:
        return self.value.deadline

    @strawberry.field(description="When staff warned that the service may end.")
    def final_notice_at(self) -> datetime | None:
        return self.value.final_notice_at

    @strawberry.field(description="What is owed, for each currency.")
    def owed(self) -> list[Money]:
        return [money(owed.minor, owed.currency) for owed in self.value.owed]
