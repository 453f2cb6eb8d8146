"""The way from the community edition to a billed commercial one."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from app.accounts.models import StaffRole
from app.api.accounts import Account
from app.api.agreements import Acceptance
from app.api.billing import SettlementBinding
from app.api.enums import EditionKey
from app.api.mutation import mutation
from app.api.node import AccountID, Info, decode_id
from app.closing.days import close_due
from app.errors import (
    BindingRejected,
    ChannelChangeTooSoon,
    ChannelUnavailable,
    EditionByApplication,
    InvalidInput,
    StaleAgreement,
    StepOutOfOrder,
    UnknownChannel,
    UpgradeConflict,
)
from app.journey import upgrading
from app.journey.channels import choose_channel
from app.journey.upgrading import begin_upgrade


@strawberry.type(description="The edition is chosen; the account's nextSteps say how to go on.")
class UpgradeEditionSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")


@strawberry.type(description="The agreement is accepted.")
class AcceptAgreementSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")
    acceptance: Acceptance = strawberry.field(description="Who accepted what, when and from where.")


@strawberry.type(description="The channel is chosen; when it is bound, the upgrade has taken effect.")
class ChooseSettlementChannelSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")
    binding: SettlementBinding = strawberry.field(description="The link between account and channel.")


@strawberry.type(description="What was due is done.")
class CloseDaySuccess:
    """Success."""

    accounts: int = strawberry.field(description="How many accounts were due.")
    charges: int = strawberry.field(description="How many charges were raised.")


@strawberry.type
class JourneyMutations:
    """The journey, step by step."""

    @mutation(
        EditionByApplication,
        UpgradeConflict,
        StepOutOfOrder,
        description="Choose a commercial edition. Changes nothing else yet: the account's nextSteps show how to go on.",
    )
    async def upgrade_edition(
        self,
        info: Info,
        account_id: AccountID,
        edition: Annotated[EditionKey, strawberry.argument(description="The edition to upgrade to.")],
    ) -> UpgradeEditionSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        await begin_upgrade(account, edition, actor)
        return UpgradeEditionSuccess(account=Account.of(account))

    @mutation(StaleAgreement, StepOutOfOrder, description="Accept the current service agreement for the account.")
    async def accept_agreement(
        self,
        info: Info,
        account_id: AccountID,
        agreement_id: Annotated[strawberry.ID, strawberry.argument(description="The current AgreementVersion's id.")],
        content_hash: Annotated[str, strawberry.argument(description="Its contentHash: what exactly is accepted.")],
    ) -> AcceptAgreementSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        viewer = await info.context.signed_in()
        key = decode_id(agreement_id, "AgreementVersion", "agreementId")
        acceptance = await upgrading.accept_agreement(account, viewer.user, key, content_hash, actor)
        return AcceptAgreementSuccess(account=Account.of(account), acceptance=Acceptance.of(acceptance))

    @mutation(
        StepOutOfOrder,
        UnknownChannel,
        ChannelUnavailable,
        BindingRejected,
        ChannelChangeTooSoon,
        description="Choose how to pay. When the channel is bound, a pending upgrade takes effect.",
        lane="outward",
    )
    async def choose_settlement_channel(
        self,
        info: Info,
        account_id: AccountID,
        channel: Annotated[str, strawberry.argument(description="The key of a settlement channel.")],
        configuration: Annotated[
            JSON | None, strawberry.argument(description="What the channel's configurationSchema asks for.")
        ] = None,
    ) -> ChooseSettlementChannelSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        settings: object = {} if configuration is None else configuration
        if not isinstance(settings, dict):
            raise InvalidInput(
                reason_en="configuration must be a JSON object",
                reason_zh="configuration 必须是 JSON 对象",
                path=("configuration",),
            )
        binding = await choose_channel(info.context.host, account, channel, settings, actor)
        return ChooseSettlementChannelSuccess(account=Account.of(account), binding=SettlementBinding.of(binding))

    @mutation(
        description="Close the billing days that ended, of every account. For operators; the worker does it by itself."
    )
    async def close_day(
        self,
        info: Info,
        until: Annotated[
            date | None, strawberry.argument(description="The last day to close; all that ended by default.")
        ] = None,
    ) -> CloseDaySuccess:
        await info.context.staff(StaffRole.OPERATOR)
        summary = await close_due(until)
        return CloseDaySuccess(accounts=summary.accounts, charges=summary.charges)
