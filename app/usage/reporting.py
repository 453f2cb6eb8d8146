"""Taking in what deployments report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.accounts.models import Account
from app.db.sql import statement
from app.deployments.models import Deployment
from app.deployments.nonces import Nonce
from app.errors import ReplayedRequest
from app.usage.checks import HourlyReport, check_reports
from app.usage.queries import HourlyCount

TAKE = statement(__file__, "take")


async def report_usage(
    account: Account, deployment: Deployment, reports: Sequence[HourlyReport], nonce: Nonce | None = None
) -> list[HourlyCount]:
    """Add hourly usage; what was reported before is kept, so order and repetition do not matter.

    All is written or nothing, in a transaction of the caller or without one. The account is held meanwhile, so that no
    day closes while its usage arrives. A day that closed before is marked late, which adjusts it. ``nonce`` is that of
    the signed request which brought the usage.

    Raises:
        LimitExceeded: over 5,000 ids and numbers in one call.
        InvalidInput: an hour that is not a whole one, lies in the future, is older than 93 days or named twice;
            an id that is empty, too long, has control characters, or is named twice in its hour; an unknown meter.
        ReplayedRequest: the nonce was seen before.
    """
    now = account.now()
    await check_reports(reports, now)
    once = (nonce.access_key_id, nonce.value, nonce.expires_at) if nonce else (None, None, None)
    rows = await TAKE.rows(account.id, deployment.id, now, *once, *report_arguments(reports))
    if not rows:
        raise ReplayedRequest()
    return sorted((HourlyCount(row["hour"], row["quantity"]) for row in rows), key=lambda count: count.hour)


def report_arguments(reports: Sequence[HourlyReport]) -> tuple[Any, ...]:
    """The parameters of ``TAKE`` from the seventh on: all ids, one a line, and where each report's begin."""
    ids: list[str] = []
    begins = []
    for report in reports:
        begins.append(len(ids) + 1)
        ids += report.data_kits
    return (
        [report.hour for report in reports],
        [report.meter for report in reports],
        begins,
        [len(report.data_kits) for report in reports],
        "\n".join(ids),
        [report.value for report in reports],
    )
