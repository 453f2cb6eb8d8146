"""Vouchers by activation code."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry
from settlement_spec import Fund as FundValue
from tortoise.queryset import QuerySet

from app.accounts.models import ACCOUNTANTS
from app.accounts.models import Account as AccountRow
from app.api.arguments import IdOf, Reason
from app.api.audience import FINANCE, ForFinance
from app.api.context import Info
from app.api.enums import Source
from app.api.fields import argument, column
from app.api.money import Money, from_minor
from app.api.mutation import mutation
from app.api.node import Node
from app.api.pagination import connection
from app.api.throttles import codes
from app.api.wallets import Fund
from app.errors import ChannelUnavailable, FundRefused, StepOutOfOrder
from app.events.recording import Actor
from app.inputs import minor_units
from app.settlement import voucher_codes
from app.settlement.models import VoucherBatch as VoucherBatchRow


@strawberry.type(
    description="Vouchers that are granted to whoever redeems one of its activation codes. For finance staff."
)
class VoucherBatch(ForFinance, Node, table=VoucherBatchRow):
    """A row of ``voucher_batch``."""

    source: Source = column("What each voucher is.", lambda row: Source(row.source))
    amount: Money = column("What each voucher is issued for.", from_minor("amount_minor"))
    expires_at: datetime = column("From when on the vouchers are void, redeemed or not.")
    note: str = column("Why they are issued.")
    created_by: str = column("The e-mail address of who made it.")
    created_at: datetime = column("When it was made.")
    withdrawn_at: datetime | None = column("When it was withdrawn.")

    @strawberry.field(description="How many codes it has.")
    async def codes(self) -> int:
        return int(await self.row.codes.all().count())

    @strawberry.field(description="How many of them were redeemed.")
    async def redeemed(self) -> int:
        return int(await self.row.codes.filter(redeemed_at__isnull=False).count())


@strawberry.type
class VoucherCodeQueries:
    """For finance staff."""

    @connection(VoucherBatch, "The batches of vouchers by activation code.", staff=FINANCE)
    def voucher_batches(self) -> QuerySet[VoucherBatchRow]:
        return VoucherBatch.rows()


@strawberry.type
class VoucherCodeMutations:
    """For finance staff, who make codes, and for administrators, who redeem them."""

    @mutation(
        description="Make activation codes for vouchers, 1,000 at most in a batch. Each is redeemed once.",
        done="The codes can be redeemed.",
        answers={
            "batch": (VoucherBatch, "The batch."),
            "codes": (list[str], "The codes. Shown this once: only their hashes are kept."),
        },
        staff=FINANCE,
    )
    async def issue_voucher_codes(
        self,
        actor: Actor,
        count: Annotated[int, argument("How many, 1 to 1,000.")],
        amount: Annotated[Decimal, argument("What each voucher is issued for, such as 100.00.")],
        expires_at: Annotated[datetime, argument("From when on the vouchers are void, redeemed or not.")],
        note: Reason,
        currency: Annotated[str, argument("ISO 4217 code.")] = "CNY",
        source: Annotated[
            Source, argument("VOUCHER, or FULL_REDUCTION, which pays after plain vouchers.")
        ] = Source.VOUCHER,
    ) -> tuple[VoucherBatchRow, list[str]]:
        minor = minor_units(amount, currency, "amount")
        return await voucher_codes.issue_codes(count, source, minor, currency, expires_at, note, actor)

    @mutation(
        description="Let nobody redeem what is left of a batch of activation codes.",
        done="The codes that were not redeemed are void.",
        answers={"batch": (VoucherBatch, "The batch.")},
        staff=FINANCE,
    )
    async def withdraw_voucher_codes(
        self, batch_id: Annotated[UUID, IdOf("VoucherBatch", "The batch's global id.")]
    ) -> VoucherBatchRow:
        return await voucher_codes.withdraw_codes(batch_id)

    @mutation(
        StepOutOfOrder,
        FundRefused,
        ChannelUnavailable,
        description="Redeem an activation code: its voucher is granted to the account. It pays charges to come.",
        done="The voucher is granted.",
        answers={"voucher": (Fund, "The voucher.")},
        member=ACCOUNTANTS,
        throttled=codes,
    )
    async def redeem_voucher_code(
        self, info: Info, account: AccountRow, actor: Actor, code: Annotated[str, argument("The activation code.")]
    ) -> FundValue:
        return await voucher_codes.redeem_code(info.context.host, account, code, actor)
