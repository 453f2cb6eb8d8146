"""Paying in, vouchers and cards, and what happens to who owes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from app.accounts.models import StaffRole
from app.accounts.queries import lock_account
from app.api.accounts import Account
from app.api.enums import Source
from app.api.money import minor_units
from app.api.mutation import mutation
from app.api.node import AccountID, Info, decode_id
from app.api.wallets import Fund, TopUp
from app.errors import (
    ChannelUnavailable,
    FundRefused,
    OnlineTopUpUnavailable,
    StandingConflict,
    StepOutOfOrder,
    TopUpConflict,
)
from app.inputs import check_offset
from app.journey.ending import end_service
from app.settlement import online_top_ups, top_ups, vouchers
from app.settlement.arrears import review, review_if_possible, send_final_notice

TopUpID = Annotated[strawberry.ID, strawberry.argument(description="The top-up's global id.")]
Reason = Annotated[str, strawberry.argument(description="Why, 1 to 500 characters.")]


@strawberry.type(description="The transfer is announced; write its reference on it.")
class RequestTopUpSuccess:
    """Success."""

    top_up: TopUp = strawberry.field(description="The top-up.")


@strawberry.type(description="The payment is begun; send the payer to the top-up's `payUrl`.")
class StartOnlineTopUpSuccess:
    """Success."""

    top_up: TopUp = strawberry.field(description="The top-up.")


@strawberry.type(description="The transfer arrived and is credited.")
class ConfirmTopUpSuccess:
    """Success."""

    top_up: TopUp = strawberry.field(description="The top-up.")


@strawberry.type(description="The transfer will not come.")
class CancelTopUpSuccess:
    """Success."""

    top_up: TopUp = strawberry.field(description="The top-up.")


@strawberry.type(description="The voucher is granted.")
class IssueVoucherSuccess:
    """Success."""

    voucher: Fund = strawberry.field(description="The voucher.")


@strawberry.type(description="What was left of the voucher is void.")
class VoidVoucherSuccess:
    """Success."""

    voucher: Fund = strawberry.field(description="The voucher.")


@strawberry.type(description="The card is bought.")
class PurchaseCardSuccess:
    """Success."""

    card: Fund = strawberry.field(description="The card.")
    voucher: Fund | None = strawberry.field(description="The full-reduction voucher that comes with a large card.")


@strawberry.type(description="The account is warned.")
class SendFinalNoticeSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")


@strawberry.type(description="The account has the community edition; what it owes stays owed.")
class EndServiceSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")


@strawberry.type
class WalletMutations:
    """The prepaid balance, step by step."""

    @mutation(
        StepOutOfOrder,
        ChannelUnavailable,
        description="Announce a bank transfer to the prepaid balance; staff confirm it when it arrives.",
    )
    async def request_top_up(
        self,
        info: Info,
        account_id: AccountID,
        amount: Annotated[Decimal, strawberry.argument(description="How much, such as 1000.00.")],
    ) -> RequestTopUpSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        made = await top_ups.request_top_up(info.context.host, account, minor_units(amount, "amount"), actor)
        return RequestTopUpSuccess(top_up=TopUp.of(made))

    @mutation(
        StepOutOfOrder,
        OnlineTopUpUnavailable,
        ChannelUnavailable,
        description="Begin to pay in online. The balance is credited when the payment provider says that it was paid.",
        lane="outward",
    )
    async def start_online_top_up(
        self,
        info: Info,
        account_id: AccountID,
        amount: Annotated[Decimal, strawberry.argument(description="How much, such as 1000.00.")],
    ) -> StartOnlineTopUpSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        minor = minor_units(amount, "amount")
        begun = await online_top_ups.start_online_top_up(info.context.host, account, minor, actor)
        return StartOnlineTopUpSuccess(top_up=TopUp.of(begun))

    @mutation(
        TopUpConflict,
        ChannelUnavailable,
        description="Confirm that a transfer arrived, or credit an online payment that a reconciliation case tells of. "
        "For finance staff.",
    )
    async def confirm_top_up(
        self,
        info: Info,
        top_up_id: TopUpID,
        bank_reference: Annotated[
            str, strawberry.argument(description="The bank's own reference, or the payment's, used once.")
        ],
        received_amount: Annotated[Decimal, strawberry.argument(description="What was received.")],
    ) -> ConfirmTopUpSuccess:
        actor = await info.context.staff(StaffRole.FINANCE)
        host = info.context.host
        key, top_up = await top_ups.find_top_up(host, decode_id(top_up_id, "TopUp", "topUpId"))
        account = await lock_account(top_up.account_id)
        received = minor_units(received_amount, "receivedAmount")
        confirmed = await top_ups.confirm_top_up(host, account, top_up, key, bank_reference, received, actor)
        await review_if_possible(host, account)
        return ConfirmTopUpSuccess(top_up=TopUp.of(confirmed))

    @mutation(
        TopUpConflict,
        ChannelUnavailable,
        description="Withdraw an announced transfer, or an online payment that is not made yet.",
        lane="outward",
    )
    async def cancel_top_up(self, info: Info, top_up_id: TopUpID) -> CancelTopUpSuccess:
        host = info.context.host
        key, top_up = await top_ups.find_top_up(host, decode_id(top_up_id, "TopUp", "topUpId"))
        account, actor = await info.context.member(top_up.account_id, path=("topUpId",))
        return CancelTopUpSuccess(top_up=TopUp.of(await top_ups.cancel_top_up(host, account, top_up.id, key, actor)))

    @mutation(
        StepOutOfOrder,
        FundRefused,
        ChannelUnavailable,
        description="Grant an account a voucher. It pays charges to come, not what is owed. For finance staff.",
    )
    async def issue_voucher(
        self,
        info: Info,
        account_id: AccountID,
        amount: Annotated[Decimal, strawberry.argument(description="How much, such as 100.00.")],
        expires_at: Annotated[
            datetime, strawberry.argument(description="From when on it is void, on the account's clock.")
        ],
        note: Annotated[str, strawberry.argument(description="Why, 1 to 500 characters.")],
        source: Annotated[
            Source, strawberry.argument(description="VOUCHER, or FULL_REDUCTION, which pays after plain vouchers.")
        ] = Source.VOUCHER,
    ) -> IssueVoucherSuccess:
        actor = await info.context.staff(StaffRole.FINANCE)
        account = await lock_account(decode_id(account_id, "Account", "accountId"))
        check_offset(expires_at, "expiresAt", "2026-12-31T00:00:00+08:00")
        minor = minor_units(amount, "amount")
        issued = await vouchers.issue_voucher(info.context.host, account, source, minor, expires_at, note, actor)
        return IssueVoucherSuccess(voucher=Fund.of(issued))

    @mutation(FundRefused, ChannelUnavailable, description="Take back what is left of a voucher. For finance staff.")
    async def void_voucher(
        self,
        info: Info,
        voucher_id: Annotated[strawberry.ID, strawberry.argument(description="The voucher's global id.")],
        reason: Reason,
    ) -> VoidVoucherSuccess:
        actor = await info.context.staff(StaffRole.FINANCE)
        host = info.context.host
        key, fund = await vouchers.find_fund(host, decode_id(voucher_id, "Fund", "voucherId"))
        account = await lock_account(fund.account_id)
        return VoidVoucherSuccess(voucher=Fund.of(await vouchers.void_voucher(host, account, fund, key, reason, actor)))

    @mutation(
        StepOutOfOrder,
        FundRefused,
        ChannelUnavailable,
        description="Buy a stored-value card from cash: a multiple of 100 CNY, valid for 365 days, not refundable. "
        "From 10,000 / 30,000 / 100,000 CNY on it comes with a full-reduction voucher of 1,000 / 5,000 / 20,000 CNY.",
    )
    async def purchase_card(
        self,
        info: Info,
        account_id: AccountID,
        amount: Annotated[Decimal, strawberry.argument(description="How much, such as 10000.00.")],
    ) -> PurchaseCardSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        minor = minor_units(amount, "amount")
        card, *gifts = await vouchers.purchase_card(info.context.host, account, minor, actor)
        return PurchaseCardSuccess(card=Fund.of(card), voucher=Fund.of(gifts[0]) if gifts else None)

    @mutation(
        StandingConflict,
        ChannelUnavailable,
        description="Warn an account in arrears that its service may end. For account managers and finance staff.",
    )
    async def send_final_notice(self, info: Info, account_id: AccountID, reason: Reason) -> SendFinalNoticeSuccess:
        actor = await info.context.staff(StaffRole.ACCOUNT_MANAGER, StaffRole.FINANCE)
        account = await lock_account(decode_id(account_id, "Account", "accountId"))
        await review(info.context.host, account)
        await send_final_notice(account, reason, actor)
        return SendFinalNoticeSuccess(account=Account.of(account))

    @mutation(
        StandingConflict,
        ChannelUnavailable,
        description="Take an account in arrears that had its final notice back to the community edition, and revoke "
        "its licenses. What it owes stays owed. For account managers and finance staff.",
    )
    async def end_service(self, info: Info, account_id: AccountID, reason: Reason) -> EndServiceSuccess:
        actor = await info.context.staff(StaffRole.ACCOUNT_MANAGER, StaffRole.FINANCE)
        account = await lock_account(decode_id(account_id, "Account", "accountId"))
        await review(info.context.host, account)
        await end_service(account, reason, actor)
        return EndServiceSuccess(account=Account.of(account))
