"""When a license needs the worker next: to remind of its end, to note it, or to revoke what was rotated."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.licenses.models import License, LicenseState

REMINDERS = tuple(timedelta(days=days) for days in (30, 7, 1))


def next_attention(license: License, now: datetime) -> datetime | None:
    """The first instant after ``now`` at which there is something to do; ``None`` when nothing is left."""
    if license.state == LicenseState.REVOKED:
        return None
    if license.revoke_at is not None:
        return min(license.revoke_at, license.expires_at or license.revoke_at)
    if license.expires_at is None:
        return None
    instants = [license.expires_at - before for before in REMINDERS] + [license.expires_at]
    return min((at for at in instants if at > now), default=None)


def reminder_due(license: License, now: datetime) -> int | None:
    """How many days before its end the nearest reminder that is due was to be sent; ``None`` when none is."""
    end = license.expires_at
    due = [before.days for before in REMINDERS if end is not None and end - before <= now < end]
    return min(due, default=None)
