"""Prepaid balances: what is there, what paid, and the vouchers and cards in them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry
from settlement_spec import BalancePart as BalancePartValue
from settlement_spec import Fund as FundValue
from settlement_spec import Movement as MovementValue

from app.accounts.models import ACCOUNTANTS, StaffRole
from app.accounts.models import Account as AccountRow
from app.accounts.queries import lock_account
from app.api.arguments import IdOf, Reason
from app.api.context import Context, Info
from app.api.enums import FundState, MovementKind, Source
from app.api.fields import View, argument, column
from app.api.money import Money, from_amount
from app.api.mutation import mutation
from app.api.node import Node, encode_id
from app.api.owned import OfAccount
from app.api.pagination import Listing, ListOrder, connection
from app.errors import ChannelUnavailable, FundRefused, NotFound, StepOutOfOrder
from app.events.recording import Actor
from app.settlement import vouchers
from app.settlement.wallets import Held, Moved, takes_online_payments, wallet
from app.settlement.wallets import Wallet as WalletValue

OfState = Annotated[FundState | None, argument("Only those in this state.")]


@strawberry.type(description="A voucher or stored-value card: it pays before cash does.")
class Fund(Node):
    """A voucher or card as its channel tells of it."""

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Fund | None:
        try:
            return cls.of((await vouchers.find_fund(context.host, key))[1])
        except NotFound:
            return None

    source: Source = column("What it is.")
    state: FundState = column("Whether it can pay.")
    amount: Money = column("What it was issued for.", from_amount("amount"))
    left: Money = column("What can still be paid from it.", from_amount("left"))
    issued_at: datetime = column("When it was issued or bought.")
    expires_at: datetime = column("From this second on it pays nothing, and what is left is void.")
    issued_by: str = column("The e-mail address of who issued or bought it.")
    note: str = column("Why it was issued.")
    void_reason: str | None = column("Why staff took it back.")


@strawberry.type(description="What one part of a prepaid balance gained, or gave where the amount is negative.")
class BalancePart(View):
    """A part of a movement."""

    row: strawberry.Private[BalancePartValue]

    source: Source = column("Which part of the balance.")
    amount: Money = column("What it gained; negative for what it gave.", from_amount("amount"))
    fund_id: strawberry.ID | None = column(
        "The voucher or card; null for cash.", lambda row: encode_id("Fund", row.fund_id) if row.fund_id else None
    )
    void: bool = column("Whether it was paid back to a voucher or card that was void by then, so that nobody has it.")


CAUSES = {MovementKind.CHARGE: "Charge", MovementKind.TOP_UP: "TopUp", MovementKind.REFUND: "TopUp"}


@strawberry.type(description="One change of a prepaid balance.")
class Movement(View):
    """A movement as its channel tells of it."""

    row: strawberry.Private[MovementValue]

    kind: MovementKind = column("Why the balance changed.")
    cause_id: strawberry.ID = column(
        "The global id of its cause: a Charge, TopUp, or Fund.",
        lambda row: encode_id(CAUSES.get(row.kind, "Fund"), row.reference),
    )
    for_account_id: strawberry.ID | None = column(
        "The other account whose charge it paid.",
        lambda row: encode_id("Account", row.for_account) if row.for_account else None,
    )
    at: datetime = column("When, on the account's clock.")
    parts: list[BalancePart] = column(
        "What each part of the balance gained or gave.", lambda row: [BalancePart.of(part) for part in row.parts]
    )


@strawberry.type(description="An account's prepaid balance.")
class Wallet(View):
    """A balance at one instant of the account's clock."""

    row: strawberry.Private[WalletValue]

    channel: str = column("The channel that keeps it.")
    balance: Money = column("The cash; negative when more was collected than was there.", from_amount("balance"))
    owed: Money = column("What a top-up pays first: the cash that is missing.", from_amount("owed"))
    available: Money = column(
        "What the next charges can be paid from: vouchers, cards and cash.", from_amount("available")
    )

    @strawberry.field(description="Whether `startOnlineTopUp` is set up for it.")
    async def takes_online_payments(self, info: Info) -> bool:
        return await takes_online_payments(info.context.host, self.row)

    @connection(Fund, "The vouchers, those that cannot pay any more included.", order=ListOrder.NEWEST_FIRST)
    def vouchers(self, info: Info, state: OfState = None) -> Listing:
        return Held(info.context.host, self.row, (Source.VOUCHER, Source.FULL_REDUCTION), state)

    @connection(Fund, "The stored-value cards, those that cannot pay any more included.", order=ListOrder.NEWEST_FIRST)
    def cards(self, info: Info, state: OfState = None) -> Listing:
        return Held(info.context.host, self.row, (Source.CARD,), state)

    @connection(Movement, "Every change of the balance.", order=ListOrder.NEWEST_FIRST)
    def movements(
        self,
        info: Info,
        since: Annotated[datetime | None, argument("Only from this instant on, by the account's clock.")] = None,
        until: Annotated[datetime | None, argument("Only before this instant.")] = None,
        kind: Annotated[MovementKind | None, argument("Only of this kind.")] = None,
    ) -> Listing:
        return Moved(info.context.host, self.row, since, until, kind)


@strawberry.type
class WalletOfAccount(OfAccount):
    """What an account paid ahead."""

    @strawberry.field(description="The prepaid balance; null where no prepaid channel pays, or ever did.")
    async def wallet(self, info: Info) -> Wallet | None:
        return Wallet.maybe(await wallet(info.context.host, self.row))


@strawberry.type
class WalletMutations:
    """For administrators, who buy cards, and for finance staff, who grant vouchers."""

    @mutation(
        StepOutOfOrder,
        FundRefused,
        ChannelUnavailable,
        description="Grant an account a voucher. It pays charges to come, not what is owed.",
        done="The voucher is granted.",
        answers={"voucher": (Fund, "The voucher.")},
        staff=(StaffRole.FINANCE,),
    )
    async def issue_voucher(
        self,
        info: Info,
        account: AccountRow,
        actor: Actor,
        amount: Annotated[Decimal, argument("How much, such as 100.00.")],
        expires_at: Annotated[datetime, argument("From when on it is void, on the account's clock.")],
        note: Reason,
        source: Annotated[
            Source, argument("VOUCHER, or FULL_REDUCTION, which pays after plain vouchers.")
        ] = Source.VOUCHER,
    ) -> FundValue:
        return await vouchers.issue_voucher(info.context.host, account, source, amount, expires_at, note, actor)

    @mutation(
        FundRefused,
        ChannelUnavailable,
        description="Take back what is left of a voucher.",
        done="What was left of the voucher is void.",
        answers={"voucher": (Fund, "The voucher.")},
        staff=(StaffRole.FINANCE,),
    )
    async def void_voucher(
        self,
        info: Info,
        actor: Actor,
        voucher_id: Annotated[UUID, IdOf("Fund", "The voucher's global id.")],
        reason: Reason,
    ) -> FundValue:
        host = info.context.host
        key, fund = await vouchers.find_fund(host, voucher_id)
        account = await lock_account(fund.account_id)
        return await vouchers.void_voucher(host, account, fund, key, reason, actor)

    @mutation(
        StepOutOfOrder,
        FundRefused,
        ChannelUnavailable,
        description="Buy a stored-value card from cash, on the terms of the channel that keeps the balance. A large "
        "one may come with a full-reduction voucher.",
        done="The card is bought.",
        answers={
            "card": (Fund, "The card."),
            "voucher": (Fund | None, "The full-reduction voucher that comes with a large card."),
        },
        member=ACCOUNTANTS,
    )
    async def purchase_card(
        self,
        info: Info,
        account: AccountRow,
        actor: Actor,
        amount: Annotated[Decimal, argument("How much, such as 10000.00.")],
    ) -> tuple[FundValue, FundValue | None]:
        card, *gifts = await vouchers.purchase_card(info.context.host, account, amount, actor)
        return card, gifts[0] if gifts else None
