"""The way from the community edition to a billed commercial one."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from app.accounts.models import Account as AccountRow
from app.accounts.models import StaffRole
from app.accounts.service import hold_account
from app.agreements.service import accept
from app.api.accounts import Acceptance, Account
from app.api.billing import SettlementBinding
from app.api.enums import EditionKey
from app.api.licenses import Deployment, License
from app.api.mutation import mutation
from app.api.node import AccountID, Info, decode_id
from app.billing.service import close_due
from app.editions.service import agreement_accepted, choose_edition, current_upgrade
from app.errors import (
    BindingRejected,
    ChannelChangeTooSoon,
    ChannelUnavailable,
    EditionByApplication,
    InvalidCredentials,
    InvalidGatewayUrl,
    InvalidInput,
    InvalidLicense,
    InvalidSignature,
    LicenseLimit,
    LimitExceeded,
    NotFound,
    ReplayedRequest,
    StaleAgreement,
    StepOutOfOrder,
    UnknownChannel,
    UpgradeConflict,
)
from app.licenses.service import activate_license, create_license, find_deployment, revoke_license
from app.settlement import service as settlement
from app.settlement.standing import refuse_in_arrears
from app.usage.counting import DATA_KITS
from app.usage.service import HourlyReport, report_usage


@strawberry.input(description="What was measured at the deployment in one hour: the DataKits that reported to it.")
class HourlyUsageInput:
    """One hour."""

    hour: datetime = strawberry.field(description="The start of the hour, whole, with its offset.")
    data_kits: list[str] = strawberry.field(
        default_factory=list, description="Their ids, each once: 1 to 128 characters without control characters."
    )
    meter: str = strawberry.field(default=DATA_KITS, description="Another meter's key, to report that instead.")
    value: int | None = strawberry.field(
        default=None, description="The number, for a meter of numbers; of two reports of an hour the larger one stays."
    )


@strawberry.type(description="What is known of an hour now.")
class AcceptedHour:
    """One hour."""

    hour: datetime = strawberry.field(description="The start of the hour.")
    count: int = strawberry.field(description="How many distinct DataKits are known to have reported in it.")


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


@strawberry.type(description="The license is made.")
class CreateLicenseSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")
    license: License = strawberry.field(description="The license, with the line to copy.")


@strawberry.type(description="The license is revoked.")
class RevokeLicenseSuccess:
    """Success."""

    license: License = strawberry.field(description="The license.")


@strawberry.type(description="The license is active on the deployment.")
class ActivateLicenseSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")
    deployment: Deployment = strawberry.field(description="The deployment.")


@strawberry.type(description="The usage is recorded.")
class ReportUsageSuccess:
    """Success."""

    accepted: list[AcceptedHour] = strawberry.field(description="What is known of the reported hours now, by hour.")


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
        await refuse_in_arrears(account)
        await choose_edition(account, edition, actor)
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
        upgrade = await current_upgrade(account.id)
        if upgrade is None:
            raise StepOutOfOrder(missing_step="CHOOSE_EDITION")
        viewer = await info.context.signed_in()
        key = decode_id(agreement_id, "AgreementVersion", "agreementId")
        acceptance = await accept(account, viewer.user, key, content_hash, actor)
        await agreement_accepted(upgrade, acceptance.id)
        return AcceptAgreementSuccess(account=Account.of(account), acceptance=Acceptance.of(acceptance))

    @mutation(
        StepOutOfOrder,
        UnknownChannel,
        ChannelUnavailable,
        BindingRejected,
        ChannelChangeTooSoon,
        description="Choose how to pay. When the channel is bound, a pending upgrade takes effect.",
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
            raise InvalidInput(reason="configuration must be a JSON object", path=("configuration",))
        binding = await settlement.choose_channel(info.context.host, account, channel, settings, actor)
        return ChooseSettlementChannelSuccess(account=Account.of(account), binding=SettlementBinding.of(binding))

    @mutation(
        StepOutOfOrder, LicenseLimit, description="Make a license of the edition that the account was upgraded to."
    )
    async def create_license(
        self,
        info: Info,
        account_id: AccountID,
        label: Annotated[str, strawberry.argument(description="What to call it, 1 to 200 characters.")],
    ) -> CreateLicenseSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        made = await create_license(account, label, actor)
        return CreateLicenseSuccess(account=Account.of(account), license=License.of(made))

    @mutation(description="Revoke a license for good.")
    async def revoke_license(
        self,
        info: Info,
        license_id: Annotated[strawberry.ID, strawberry.argument(description="The license's global id.")],
        reason: Annotated[str, strawberry.argument(description="Why, 1 to 500 characters.")],
    ) -> RevokeLicenseSuccess:
        key = decode_id(license_id, "License", "licenseId")
        found = await License.load(info.context, key)
        if found is None:
            raise NotFound(what="license", path=("licenseId",))
        account, actor = await info.context.member(found.record.account_id, path=("licenseId",))
        return RevokeLicenseSuccess(license=License.of(await revoke_license(account, key, reason, actor)))

    @mutation(
        InvalidLicense,
        InvalidCredentials,
        InvalidGatewayUrl,
        StepOutOfOrder,
        description="Activate a license on a deployment, as its Launcher does: no bearer token, AK/SK instead. "
        "After the free period ended this upgrades the account again, and bills from this day on.",
    )
    async def activate_license(
        self,
        info: Info,
        license: Annotated[str, strawberry.argument(description="The license's line of text, as it was copied.")],
        ak: Annotated[str, strawberry.argument(description="The access key id.")],
        sk: Annotated[str, strawberry.argument(description="The secret key.")],
        data_gateway_url: Annotated[
            str,
            strawberry.argument(
                description="Such as https://gateway.example.com?token={} with that literal placeholder."
            ),
        ],
        fingerprint: Annotated[
            str, strawberry.argument(description="What the deployment is known by: 8 to 128 visible ASCII characters.")
        ],
        dialing_test: Annotated[bool, strawberry.argument(description="Whether dialing tests are on.")] = False,
    ) -> ActivateLicenseSuccess:
        deployment = await activate_license(
            license, ak, sk, data_gateway_url, fingerprint, dialing_test, info.context.address
        )
        account = await AccountRow.get(id=deployment.account_id)
        return ActivateLicenseSuccess(account=Account.of(account), deployment=Deployment.of(deployment))

    @mutation(
        InvalidSignature,
        InvalidCredentials,
        ReplayedRequest,
        LimitExceeded,
        description="Report the DataKits of some hours, 5,000 ids at most in a call. The request is signed with AK/SK "
        "(RFC 9421, see docs/launcher-signing.md). Order and repetition do not matter: sets are added up.",
        rerun=True,
    )
    async def report_usage(
        self,
        info: Info,
        deployment_fingerprint: Annotated[
            str, strawberry.argument(description="The reporting deployment's fingerprint.")
        ],
        reports: Annotated[list[HourlyUsageInput], strawberry.argument(description="One entry for each hour.")],
    ) -> ReportUsageSuccess:
        key = await info.context.signed()
        account = await hold_account(key.account_id)
        deployment = await find_deployment(account.id, deployment_fingerprint)
        hours = [HourlyReport(report.hour, report.data_kits, report.meter, report.value) for report in reports]
        counts = await report_usage(account, deployment, hours)
        return ReportUsageSuccess(accepted=[AcceptedHour(**asdict(count)) for count in counts])

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
