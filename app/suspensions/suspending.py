"""Staff suspend an account, a license or a deployment, and reinstate it.

While it lasts nothing is activated and no receipt is issued, so that deployments fall back when their receipts end, and
members of a suspended account only look and pay. Usage is still taken and billed: to end that, staff end the service.
"""

from __future__ import annotations

from uuid import UUID

from app.accounts.models import Account
from app.events.recording import Actor, record
from app.inputs import explanation
from app.suspensions.models import Suspended, Suspension
from app.suspensions.queries import suspension_of


async def suspend(account: Account, subject: Suspended, subject_id: UUID, reason: str, actor: Actor) -> Suspension:
    """Suspend something of a locked account; once more changes nothing.

    Raises:
        InvalidInput: the reason is empty or too long.
    """
    reason = explanation(reason)
    held = await suspension_of(subject_id)
    if held is None:
        held = await Suspension.create(
            account_id=account.id, subject=subject, subject_id=subject_id, reason=reason, began_at=account.now()
        )
        await record(account.id, account.now(), "suspension.began", actor, after=_said(held), reason=reason)
    return held


async def reinstate(account: Account, subject_id: UUID, reason: str, actor: Actor) -> Suspension | None:
    """End the suspension of something of a locked account, and answer what ended; nothing where there is none.

    Raises:
        InvalidInput: the reason is empty or too long.
    """
    reason = explanation(reason)
    held = await suspension_of(subject_id)
    if held is not None:
        held.ended_at, held.end_reason = account.now(), reason
        await held.save(update_fields=["ended_at", "end_reason"])
        await record(account.id, account.now(), "suspension.ended", actor, before=_said(held), reason=reason)
    return held


def _said(held: Suspension) -> dict[str, str]:
    return {"suspension": str(held.id), "subject": held.subject}
