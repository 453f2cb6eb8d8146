"""Looking up what is suspended."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.db.sql import statement
from app.errors import AccountSuspended
from app.suspensions.models import Suspension

LASTING = statement(__file__, "lasting")


async def lasting_suspensions(subjects: Sequence[UUID]) -> list[Suspension | None]:
    """The suspension that lasts of each of these accounts, licenses or deployments."""
    found = {row.subject_id: row for row in await LASTING.objects(Suspension, subjects)}
    return [found.get(subject) for subject in subjects]


async def suspension_of(subject_id: UUID) -> Suspension | None:
    """The suspension that lasts of an account, license or deployment."""
    return (await lasting_suspensions([subject_id]))[0]


async def suspended_of(account_id: UUID) -> set[UUID]:
    """The keys of what is suspended of an account, its own among them if all of it is."""
    lasting = Suspension.filter(account_id=account_id, ended_at=None)
    return set(await lasting.values_list("subject_id", flat=True))  # type: ignore[arg-type]


async def refuse_suspended(account_id: UUID) -> None:
    """Refuse what members of a suspended account may not do.

    Raises:
        AccountSuspended: it is suspended.
    """
    held = await suspension_of(account_id)
    if held is not None:
        raise AccountSuspended(reason=held.reason)
