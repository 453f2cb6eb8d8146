"""Usage that deployments report, over the network or by file."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, NewType

import strawberry

from app.api.licenses import Deployment, Receipt, receipt_of
from app.api.mutation import mutation
from app.api.node import Info
from app.catalog.models import DATA_KITS
from app.deployments.models import Deployment as DeploymentRow
from app.errors import InvalidCredentials, InvalidDocument, InvalidSignature, LimitExceeded, ReplayedRequest
from app.journey.activation import take_usage_file, usage_key
from app.usage.checks import HourlyReport
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
    serialize=list,
    parse_value=_ids,
)


@strawberry.input(description="What was measured at the deployment in one hour: the DataKits that reported to it.")
class HourlyUsageInput:
    """One hour."""

    hour: datetime = strawberry.field(description="The start of the hour, whole, with its offset.")
    data_kits: DataKitIds | None = strawberry.field(default=None, description="Their ids, a list of strings.")
    meter: str = strawberry.field(default=DATA_KITS, description="Another meter's key, to report that instead.")
    value: int | None = strawberry.field(
        default=None, description="The number, for a meter of numbers; of two reports of an hour the larger one stays."
    )


@strawberry.type(description="What is known of an hour now.")
class AcceptedHour:
    """One hour."""

    hour: datetime = strawberry.field(description="The start of the hour.")
    count: int = strawberry.field(description="How many distinct DataKits are known to have reported in it.")


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
        return await receipt_of(self.deployment.record)


@strawberry.type
class UsageMutations:
    """Mutations."""

    @mutation(
        InvalidSignature,
        InvalidCredentials,
        ReplayedRequest,
        LimitExceeded,
        description="Report the DataKits of some hours, 5,000 ids at most in a call. The request is signed with AK/SK "
        "(RFC 9421, see docs/launcher-signing.md). Order and repetition do not matter: sets are added up.",
        rerun=True,
        transaction=False,
    )
    async def report_usage(
        self,
        info: Info,
        deployment_fingerprint: Annotated[
            str, strawberry.argument(description="The reporting deployment's fingerprint.")
        ],
        reports: Annotated[list[HourlyUsageInput], strawberry.argument(description="One entry for each hour.")],
    ) -> ReportUsageSuccess:
        account, deployment, nonce = await info.context.reporting(deployment_fingerprint)
        hours = [HourlyReport(report.hour, report.data_kits or (), report.meter, report.value) for report in reports]
        counts = await report_usage(account, deployment, hours, nonce)
        accepted = [AcceptedHour(hour=count.hour, count=count.count) for count in counts]
        return ReportUsageSuccess(accepted=accepted, reporter=deployment)

    @mutation(
        InvalidDocument,
        LimitExceeded,
        description="Report usage without a network: a member brings the file that the Launcher wrote and signed, and "
        "carries the renewed receipt back. A file is accepted once.",
    )
    async def import_usage_file(
        self, info: Info, file: Annotated[str, strawberry.argument(description="The text of the usage file.")]
    ) -> ImportUsageFileSuccess:
        await info.context.signed_in()
        key = await usage_key(file)
        account, _ = await info.context.member(key.account_id, path=("file",))
        deployment, usage = await take_usage_file(account, key, file)
        hours = [HourlyReport(hour, ids) for hour, ids in usage.reports]
        for hour in hours:
            await report_usage(account, deployment, [hour])
        return ImportUsageFileSuccess(deployment=Deployment.of(deployment), hours=len(hours))
