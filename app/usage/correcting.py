"""Correcting usage: an hour's ids or number are replaced, down as well as up, and it stays on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app.accounts.models import Account
from app.constants import REPORTABLE
from app.db.locking import hold_for_usage
from app.db.sql import statement
from app.deployments.models import Deployment
from app.errors import InvalidInput
from app.events.recording import Actor, record
from app.inputs import explanation
from app.usage.checks import HourlyReport, check_reports
from app.usage.models import UsageCorrection
from app.usage.reporting import report_arguments

LATE = statement(__file__, "late")
CORRECT = statement(__file__, "correct")
STAFF = "STAFF"


async def correct_usage(
    account: Account,
    deployment: Deployment,
    reports: Sequence[HourlyReport],
    reason: str,
    actor: Actor,
    within_days: int = REPORTABLE.days,
) -> list[UsageCorrection]:
    """Replace what a deployment reported of some hours; no ids, or 0, take an hour back. In a transaction.

    What is reported for these hours after that changes nothing: a repeated or late report must not bring back what was
    wrong. They can be corrected again. A day that closed is marked late, which adjusts it, though never below what was
    credited of it. ``within_days``: the oldest hour that the reporter's own side may correct; staff may correct any
    that can be reported.

    Raises:
        LimitExceeded: over 5,000 ids and numbers in one call.
        InvalidInput: see ``report_usage``; or the reason is empty or too long, the hour is too old to be corrected, or
            nothing was reported for it.
    """
    now = account.now()
    reason = explanation(reason)
    await check_reports(reports, now, least=0)
    for index, report in enumerate(reports):
        if actor.kind != STAFF and report.hour < now - timedelta(days=within_days):
            raise InvalidInput(
                reason_en=f"hours older than {within_days} days are corrected by the vendor's staff",
                reason_zh=f"早于 {within_days} 天的用量须由工作人员更正",
                path=("reports", str(index), "hour"),
            )
    hours, meters, begins, counts, ids, values = report_arguments(reports)
    await hold_for_usage([account.id])
    await LATE.run(account.id, hours)
    rows = await CORRECT.rows(
        account.id, deployment.id, hours, meters, begins, counts, ids, values, reason, actor.label, now
    )
    corrected = {(row["meter"], row["hour"]): row["id"] for row in rows}
    for index, report in enumerate(reports):
        if (report.meter, report.hour) not in corrected:
            raise InvalidInput(
                reason_en="nothing was reported for this hour: there is nothing to correct",
                reason_zh="该小时没有上报过用量，无需更正",
                path=("reports", str(index), "hour"),
            )
    after = {"deployment": str(deployment.id), "corrections": len(rows)}
    await record(account.id, now, "usage.corrected", actor, after=after, reason=reason)
    return await UsageCorrection.filter(id__in=list(corrected.values())).order_by("meter", "hour")
