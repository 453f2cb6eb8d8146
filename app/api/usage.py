"""Usage: what deployments report, over the network or by file, and how much it was."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, NewType
from uuid import UUID

import strawberry

from app.accounts.models import ADMINISTRATORS, StaffRole
from app.accounts.models import Account as AccountRow
from app.accounts.queries import lock_account
from app.api.activation import Receipt, receipt_of
from app.api.arguments import IdOf, Reason
from app.api.context import Info
from app.api.deployments import Deployment
from app.api.fields import argument, column
from app.api.measured import FirstDay, LastDay, Meters, MeterUsage, measured
from app.api.mutation import mutation
from app.api.node import Node, reference
from app.api.owned import OfAccount, Owned
from app.api.pagination import listed
from app.api.scalars import BigInt
from app.catalog.models import DATA_KITS
from app.constants import MOST_IDS
from app.deployments.models import Deployment as DeploymentRow
from app.deployments.nonces import remember_nonce
from app.errors import (
    DeploymentDenied,
    InvalidCredentials,
    InvalidDocument,
    InvalidSignature,
    LimitExceeded,
    ReplayedRequest,
)
from app.events.models import ActorKind
from app.events.recording import Actor
from app.inputs import within
from app.journey.activation import take_usage_file, usage_key
from app.settings import get_settings
from app.usage.checks import HourlyReport
from app.usage.correcting import correct_usage
from app.usage.models import UsageCorrection as UsageCorrectionRow
from app.usage.reporting import report_usage

DataKitIds = NewType("DataKitIds", tuple[str, ...])
"""Thousands of ids in one call: as a scalar they are looked at once, and not one by one by every stage of GraphQL."""


def _ids(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not set(map(type, value)) <= {str}:
        raise ValueError("DataKitIds must be a list of strings.")
    return tuple(value)


DATA_KIT_IDS = strawberry.scalar(
    name="DataKitIds",
    description="A list of DataKit ids, each a string and each once: 1 to 128 characters without control characters.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-5",
    serialize=list,
    parse_value=_ids,
)


@strawberry.type(description="That an hour's usage was replaced, on record; it never changes.")
class UsageCorrection(Owned, Node, table=UsageCorrectionRow):
    """A row of ``usage_correction``."""

    deployment = reference(Deployment, "The deployment that had reported it.", "deployment_id")
    meter: str = column("The meter's key.")
    hour: datetime = column("The start of the hour.")
    quantity_before: BigInt = column("What the hour came to before.")
    quantity_after: BigInt = column("What it comes to since.")
    reason: str = column("Why.")
    corrected_by: str = column("The e-mail address of who corrected it, or the deployment's fingerprint.")
    corrected_at: datetime = column("When.")


@strawberry.type
class UsageOfAccount(OfAccount):
    """What an account used."""

    usage_corrections = listed(UsageCorrection, "The corrections of its usage.")

    @strawberry.field(description="What each meter came to on the billing days from one to another.")
    async def usage(self, from_: FirstDay, to: LastDay, meters: Meters = None) -> list[MeterUsage]:
        return await measured(self.row.id, from_, to, meters)


@strawberry.input(description="What was measured at the deployment in one hour: the DataKits that reported to it.")
class HourlyUsageInput:
    """One hour."""

    hour: datetime = strawberry.field(description="The start of the hour, whole, with its offset.")
    data_kits: DataKitIds | None = strawberry.field(default=None, description="Their ids, a list of strings.")
    meter: str = strawberry.field(default=DATA_KITS, description="Another meter's key, to report that instead.")
    value: BigInt | None = strawberry.field(
        default=None, description="The number, for a meter of numbers; of two reports of an hour the larger one stays."
    )


@strawberry.type(description="What is known of an hour now.")
class AcceptedHour:
    """One hour."""

    hour: datetime = strawberry.field(description="The start of the hour.")
    count: BigInt = strawberry.field(description="How many distinct DataKits are known to have reported in it.")


Reports = Annotated[list[HourlyUsageInput], argument("One entry for each hour.")]


@strawberry.type(description="The usage is recorded.")
class ReportUsageSuccess:
    """Success."""

    accepted: list[AcceptedHour] = strawberry.field(description="What is known of the reported hours now, by hour.")
    reporter: strawberry.Private[DeploymentRow]

    @strawberry.field(
        description="The renewed receipt; null when no license is active on the deployment any more: it was revoked, "
        "transferred, or it expired."
    )
    async def receipt(self) -> Receipt | None:
        return await receipt_of(self.reporter)


@strawberry.type(description="The usage in the file is recorded.")
class ImportUsageFileSuccess:
    """Success."""

    deployment: Deployment = strawberry.field(description="The deployment that it came from.")
    hours: int = strawberry.field(description="How many hours it had.")

    @strawberry.field(description="The renewed receipt to carry back; null when no license is active there any more.")
    async def receipt(self) -> Receipt | None:
        return await receipt_of(self.deployment.row)


@strawberry.type
class UsageMutations:
    """Mutations."""

    @mutation(
        DeploymentDenied,
        InvalidSignature,
        InvalidCredentials,
        ReplayedRequest,
        LimitExceeded,
        description=f"Report the DataKits of some hours, {MOST_IDS:,} ids at most in a call. The request is signed "
        "with AK/SK (RFC 9421, see docs/launcher-signing.md). Order and repetition do not matter: sets are added up.",
        rerun=True,
        transaction=False,
        deployment=True,
    )
    async def report_usage(
        self,
        info: Info,
        fingerprint: Annotated[str, argument("The reporting deployment's fingerprint.")],
        reports: Reports,
    ) -> ReportUsageSuccess:
        account, deployment, nonce = await info.context.reporting(fingerprint)
        counts = await report_usage(account, deployment, _hourly(reports), nonce)
        accepted = [AcceptedHour(hour=count.hour, count=BigInt(count.quantity)) for count in counts]
        return ReportUsageSuccess(accepted=accepted, reporter=deployment)

    @mutation(
        LimitExceeded,
        description="Replace what a deployment reported of some hours, on record: no ids, or the value 0, take an hour "
        "back. Days that were charged are adjusted. Later reports of these hours change nothing; another "
        "correction does. For owners and administrators within the days that the vendor allows, and for operators and "
        "finance staff.",
        done="The usage is replaced.",
        answers={"corrections": (list[UsageCorrection], "What was replaced, by meter and hour.")},
        member=ADMINISTRATORS,
        staff=(StaffRole.OPERATOR, StaffRole.FINANCE),
        of="deployment_id",
    )
    async def correct_usage(
        self,
        account: AccountRow,
        actor: Actor,
        deployment_id: Annotated[UUID, IdOf("Deployment", "The deployment's global id.")],
        reports: Reports,
        reason: Reason,
    ) -> list[UsageCorrectionRow]:
        deployment = await DeploymentRow.get(id=deployment_id)
        within_days = get_settings().usage_correction_days
        return await correct_usage(account, deployment, _hourly(reports), reason, actor, within_days)

    @mutation(
        DeploymentDenied,
        InvalidSignature,
        InvalidCredentials,
        ReplayedRequest,
        LimitExceeded,
        description="As `correctUsage`, by the deployment itself, which signs the request as it signs `reportUsage`.",
        done="The usage is replaced.",
        answers={"corrections": (list[UsageCorrection], "What was replaced, by meter and hour.")},
        deployment=True,
    )
    async def correct_reported_usage(
        self,
        info: Info,
        fingerprint: Annotated[str, argument("The reporting deployment's fingerprint.")],
        reports: Reports,
        reason: Reason,
    ) -> list[UsageCorrectionRow]:
        account, deployment, nonce = await info.context.reporting(fingerprint)
        account = await lock_account(account.id)
        await remember_nonce(nonce)
        actor = Actor(ActorKind.DEPLOYMENT, deployment.fingerprint, address=info.context.address)
        within_days = get_settings().usage_correction_days
        return await correct_usage(account, deployment, _hourly(reports), reason, actor, within_days)

    @mutation(
        InvalidDocument,
        LimitExceeded,
        description="Report usage without a network: a member brings the file that the Launcher wrote and signed, and "
        "carries the renewed receipt back. A file is accepted once.",
    )
    async def import_usage_file(
        self, info: Info, file: Annotated[str, argument("The text of the usage file.")]
    ) -> ImportUsageFileSuccess:
        await info.context.signed_in()
        key = await usage_key(file)
        account, _ = await info.context.member(key.account_id, path=("file",))
        deployment, usage = await take_usage_file(account, key, file)
        hours = [HourlyReport(hour, ids) for hour, ids in usage.reports]
        with within("file"):
            for hour in hours:
                await report_usage(account, deployment, [hour])
        return ImportUsageFileSuccess(deployment=Deployment.of(deployment), hours=len(hours))


def _hourly(reports: list[HourlyUsageInput]) -> list[HourlyReport]:
    return [HourlyReport(report.hour, report.data_kits or (), report.meter, report.value) for report in reports]
