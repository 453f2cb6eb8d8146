"""Which channel pays for an account, and how far each charge's settlement has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from settlement_spec import BindingEnd
from tortoise import fields
from tortoise.models import Model

from app.accounts.models import Account
from app.billing.models import Charge
from app.codes import DIGEST
from app.constants import ARREARS_AFTER
from app.db.models import Row
from app.described import DescribedEnum


class BindingState(DescribedEnum):
    """Whether a settlement channel pays for the account."""

    PENDING = "PENDING", "The provider's confirmation is awaited."
    BOUND = "BOUND", "It pays for what is charged from now on."
    UNBOUND = "UNBOUND", "It does not any more."


class ChannelBinding(Row):
    """That an account chose a settlement channel; ``external_reference`` is the channel's own name for the account.

    ``ended_by`` says that the provider ended the link, and how; ``change_allowed``, that staff lifted the rule of one
    change a month for the next one.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    channel = fields.CharField(max_length=40)
    state = fields.CharEnumField(BindingState, max_length=10)
    configuration: dict[str, Any] = fields.JSONField()
    external_reference = fields.CharField(max_length=200, null=True)
    continue_url = fields.CharField(max_length=2000, null=True)
    created_at = fields.DatetimeField()
    bound_at = fields.DatetimeField(null=True)
    unbound_at = fields.DatetimeField(null=True)
    ended_by: BindingEnd | None = fields.CharEnumField(  # type: ignore[assignment]
        BindingEnd, max_length=20, null=True
    )
    change_allowed = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "channel_binding"


class KnownChannel(Model):
    """A channel that this database has worked with: its key is of the distribution that had it first.

    ``push_within`` is how many seconds its provider leaves to hand a charge over, which is kept to while its plugin is
    missing, too.
    """

    key = fields.CharField(max_length=40, primary_key=True)
    distribution = fields.CharField(max_length=200)
    push_within: int | None = fields.BigIntField(null=True)
    seen_at = fields.DatetimeField()

    class Meta:
        table = "known_channel"


class SettlementState(DescribedEnum):
    """How far the collecting of a charge has come."""

    PENDING = "PENDING", "To be handed to the channel, or to be tried again.", "待结算"
    ACCEPTED = "ACCEPTED", "The channel took it; its confirmation is awaited.", "结算中"
    SETTLED = "SETTLED", "Collected.", "已结算"
    NEEDS_ATTENTION = (
        "NEEDS_ATTENTION",
        "It was refused, came too late, or nobody can collect it; staff look into it.",
        "需人工处理",
    )


class Settlement(Row):
    """The collecting of one charge through the channel that it was raised for.

    A worker has it in hand until ``claimed_until``. ``uncertain``: it was handed over and what came of it is not known,
    so that it may be collected already. ``due_from`` is when the charge became due: its day's end, or its raising.
    ``deadline`` is set where the provider named one; else the channel's limits say. ``handed_over_at`` is on the
    world's clock, ``settled_at`` on the account's. ``sandbox``: the account is one. ``payer_id`` is the account whose
    balance pays: itself, unless it was let into another's.
    """

    charge: fields.OneToOneRelation[Charge] = fields.OneToOneField("app.Charge", on_delete=fields.RESTRICT)
    charge_id: UUID
    account_id: UUID = fields.UUIDField(db_index=True)
    payer_id: UUID = fields.UUIDField()
    binding: fields.ForeignKeyRelation[ChannelBinding] = fields.ForeignKeyField(
        "app.ChannelBinding", on_delete=fields.RESTRICT
    )
    binding_id: UUID
    channel = fields.CharField(max_length=40)
    state = fields.CharEnumField(SettlementState, max_length=20)
    attempts = fields.IntField(default=0)
    next_attempt_at = fields.DatetimeField()
    due_from = fields.DatetimeField()
    provider_reference = fields.CharField(max_length=200, null=True)
    reason = fields.CharField(max_length=1000, null=True)
    settled_at = fields.DatetimeField(null=True)
    claimed_until = fields.DatetimeField(null=True)
    handed_over_at = fields.DatetimeField(null=True)
    uncertain = fields.BooleanField(default=False, db_default=False)
    deadline = fields.DatetimeField(null=True)
    sandbox = fields.BooleanField()

    class Meta:
        table = "settlement"


class CaseKind(DescribedEnum):
    """How a provider's record of a charge differs from ours, or what is wrong with an online payment."""

    MISSING_AT_PROVIDER = "MISSING_AT_PROVIDER", "Settled here; the provider does not know of it."
    NOT_SETTLED_HERE = "NOT_SETTLED_HERE", "The provider collected it; here it needs attention."
    UNKNOWN_CHARGE = "UNKNOWN_CHARGE", "The provider collected it; the channel was not to collect it."
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS", "Both know of it, with another amount or number of units."
    PAYMENT_NOT_CREDITED = (
        "PAYMENT_NOT_CREDITED",
        "Paid online, and not credited: the amount is wrong, or nobody here waits for it, or the payment "
        "provider does not know the page any more, where it may have been paid.",
    )
    PAYMENT_REVERSED = (
        "PAYMENT_REVERSED",
        "Paid online, and refunded or disputed at the payment provider; the balance is as it was.",
    )


class CaseState(DescribedEnum):
    """Whether somebody has still to look into a case."""

    OPEN = "OPEN", "Nobody resolved it yet."
    RESOLVED = "RESOLVED", "Somebody resolved it, or the records agree by now."


class ReconciliationCase(Row):
    """One difference between what a provider says it collected and what we think; open until somebody resolves it.

    For an online payment, ``charge_id`` is the top-up's id. ``sandbox``: it is of play money, of a sandbox account.
    """

    channel = fields.CharField(max_length=40)
    charge_id: UUID = fields.UUIDField()
    kind = fields.CharEnumField(CaseKind, max_length=20)
    details: dict[str, Any] = fields.JSONField()
    sandbox = fields.BooleanField()
    opened_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)
    resolved_by = fields.CharField(max_length=254, null=True)
    note = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "reconciliation_case"
        indexes = (("channel", "charge_id"),)


class Lock(Row):
    """That an account's subscription at a cloud, ``channel``, ended, and that it chose no other way to pay yet."""

    account: fields.OneToOneRelation[Account] = fields.OneToOneField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    channel = fields.CharField(max_length=40)
    since = fields.DatetimeField()
    reminded = fields.BooleanField(default=False)
    final_notice_at = fields.DatetimeField(null=True)

    class Meta:
        table = "account_lock"


class StandingState(DescribedEnum):
    """Whether what an account owes has consequences yet."""

    GOOD = "GOOD", "Nothing is owed.", "正常"
    SUSPENDED = "SUSPENDED", "The prepaid balance is used up; usage is still metered and owed.", "已暂停"
    IN_ARREARS = (
        "IN_ARREARS",
        f"Suspended for {ARREARS_AFTER.days} days; staff may end the service after a final notice.",
        "欠费",
    )


class Standing(Row):
    """The standing of an account that owed something at some time.

    ``since`` is when its prepaid balance was used up, or when it was reinstated.
    """

    account: fields.OneToOneRelation[Account] = fields.OneToOneField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    state = fields.CharEnumField(StandingState, max_length=10)
    since = fields.DatetimeField()
    final_notice_at = fields.DatetimeField(null=True)

    class Meta:
        table = "standing"


class VoucherBatch(Row):
    """Vouchers of ``amount_minor`` each that are granted to whoever redeems one of its codes, until it is withdrawn."""

    source = fields.CharField(max_length=20)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    expires_at = fields.DatetimeField()
    note = fields.CharField(max_length=500)
    created_by = fields.CharField(max_length=254)
    created_at = fields.DatetimeField()
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "voucher_batch"


class VoucherCode(Row):
    """An activation code, by the SHA-256 (hex) of it, and which account got which voucher by it."""

    batch: fields.ForeignKeyRelation[VoucherBatch] = fields.ForeignKeyField(
        "app.VoucherBatch", related_name="codes", on_delete=fields.RESTRICT
    )
    batch_id: UUID
    code_hash = fields.CharField(max_length=64, unique=True)
    redeemed_at: datetime | None = fields.DatetimeField(null=True)
    account_id: UUID | None = fields.UUIDField(null=True)
    voucher_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "voucher_code"
        indexes = (("batch_id",),)


class ShareState(DescribedEnum):
    """Whether the balance of an account pays for another."""

    INVITED = "INVITED", "The other account may join."
    ACTIVE = "ACTIVE", "It pays what is charged from now on."
    ENDED = "ENDED", "It does not any more."


class WalletShare(Row):
    """That the balance of ``owner`` with a channel pays for ``member``, who joins with a code, of which only the digest
    is kept."""

    owner: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "app.Account", related_name="shares_given", on_delete=fields.RESTRICT
    )
    owner_id: UUID
    member: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "app.Account", related_name="shares_taken", on_delete=fields.RESTRICT, null=True
    )
    member_id: UUID | None
    channel = fields.CharField(max_length=40)
    state = fields.CharEnumField(ShareState, max_length=10)
    code_hash = fields.CharField(max_length=DIGEST, null=True, unique=True)
    code_until = fields.DatetimeField()
    invited_at = fields.DatetimeField()
    began_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "wallet_share"
        indexes = (("owner_id", "id"), ("member_id", "id"))
