"""Usage: what deployments report, over the network or by file, and how much it was."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, NewType

import strawberry

from app.api.activation import Receipt, receipt_of
from app.api.context import Info
from app.api.deployments import Deployment
from app.api.fields import View, argument, column
from app.api.mutation import mutation
from app.api.owned import OfAccount
from app.api.scalars import BigInt
from app.catalog.models import DATA_KITS
from app.constants import MOST_IDS
from app.deployments.models import Deployment as DeploymentRow
from app.errors import (
    InvalidCredentials,
    InvalidDocument,
    InvalidInput,
    InvalidSignature,
    LimitExceeded,
    ReplayedRequest,
)
from app.inputs import within
from app.journey.activation import take_usage_file, usage_key
from app.upgrades.queries import billing_zone
from app.usage.checks import HourlyReport
from app.usage.queries import DayUsage, daily_usage
from app.usage.reporting import report_usage

MOST_DAYS = 366
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)

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


@strawberry.type(description="The distinct DataKits of one hour.")
class UsageHour:
    """An hour of usage."""

    hour: datetime = strawberry.field(description="The start of the hour.")
    data_kits: int = strawberry.field(description="How many distinct DataKits reported in it.")


@strawberry.type(description="The DataKits of one billing day.")
class UsageDay(View):
    """A day of usage."""

    row: strawberry.Private[DayUsage]

    day: date = column("The calendar day, in the plan's time zone.")
    data_kits: int = column("The day's DataKits: the largest of its hourly counts.", "count")
    hours: list[UsageHour] = column(
        "The hours that had any.", lambda row: [UsageHour(hour=hour.hour, data_kits=hour.count) for hour in row.hours]
    )


@strawberry.type
class UsageOfAccount(OfAccount):
    """What an account used."""

    @strawberry.field(description="The DataKits of each billing day from one day to another.")
    async def usage(
        self,
        from_: Annotated[date, strawberry.argument(name="from", description="The first day.")],
        to: Annotated[date, argument("The last day, at most 366 days on.")],
    ) -> list[UsageDay]:
        if not EARLIEST <= from_ <= LATEST:
            raise InvalidInput(
                reason_en=f"from must be between {EARLIEST} and {LATEST}",
                reason_zh=f"from 须在 {EARLIEST} 与 {LATEST} 之间",
                path=("from",),
            )
        if not 0 <= (to - from_).days < MOST_DAYS:
            raise InvalidInput(
                reason_en=f"to must be 0 to {MOST_DAYS - 1} days after from",
                reason_zh=f"to 须在 from 之后 0 到 {MOST_DAYS - 1} 天内",
                path=("to",),
            )
        days = await daily_usage(self.row.id, from_, to, await billing_zone(self.row.id))
        return [UsageDay.of(day) for day in days]


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
        InvalidSignature,
        InvalidCredentials,
        ReplayedRequest,
        LimitExceeded,
        description=f"Report the DataKits of some hours, {MOST_IDS:,} ids at most in a call. The request is signed "
        "with AK/SK (RFC 9421, see docs/launcher-signing.md). Order and repetition do not matter: sets are added up.",
        rerun=True,
        transaction=False,
    )
    async def report_usage(
        self,
        info: Info,
        deployment_fingerprint: Annotated[str, argument("The reporting deployment's fingerprint.")],
        reports: Annotated[list[HourlyUsageInput], argument("One entry for each hour.")],
    ) -> ReportUsageSuccess:
        account, deployment, nonce = await info.context.reporting(deployment_fingerprint)
        hours = [HourlyReport(report.hour, report.data_kits or (), report.meter, report.value) for report in reports]
        counts = await report_usage(account, deployment, hours, nonce)
        accepted = [AcceptedHour(hour=count.hour, count=BigInt(count.count)) for count in counts]
        return ReportUsageSuccess(accepted=accepted, reporter=deployment)

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
