"""Who is the vendor's staff. The operator says so, at the command line: no role is granted through the API."""

from __future__ import annotations

from tortoise.transactions import in_transaction

from app import clock
from app.accounts.invitations import invite_staff, open_invitations
from app.accounts.models import StaffAssignment, StaffRole
from app.accounts.queries import find_user
from app.errors import InvalidInput
from app.events.models import ActorKind
from app.events.recording import Actor
from app.inputs import sign_in_address

OPERATOR = Actor(ActorKind.SYSTEM, "command line")
MAILED = "mailed"


async def grant(email: str, role: str) -> str | None:
    """Give the user with that e-mail address a staff role, from the next request on; again changes nothing.

    Whoever did not confirm the address, or did not register, is invited, and is staff on accepting: by mail, or with
    the code that this answers with, where no mail is sent.

    Raises:
        InvalidInput: not an e-mail address, or there is no such role.
    """
    granted, user = _role(role), await find_user(email)
    if user is None or user.confirmed_at is None:
        async with in_transaction():
            _, code = await invite_staff(email, granted, OPERATOR)
        return code or MAILED
    await StaffAssignment.get_or_create(user_id=user.id, role=granted)
    return None


async def revoke(email: str, role: str) -> None:
    """Take a staff role from a user, from the next request on, or an invitation to it back; again changes nothing.

    Raises:
        InvalidInput: not an e-mail address, or there is no such role.
    """
    address, taken = sign_in_address(email), _role(role)
    await StaffAssignment.filter(user__email=address, role=taken).delete()
    invited = open_invitations().filter(email=address, staff_role=taken)
    await invited.update(revoked_at=clock.now(), code=None, mail_at=None)


async def everybody() -> dict[str, list[StaffRole]]:
    """The roles of each member of staff, by e-mail address."""
    found: dict[str, list[StaffRole]] = {}
    for assignment in await StaffAssignment.all().order_by("user__email", "role").select_related("user"):
        found.setdefault(assignment.user.email, []).append(assignment.role)
    return found


def _role(name: str) -> StaffRole:
    try:
        return StaffRole(name.upper())
    except ValueError:
        known = ", ".join(role.lower() for role in StaffRole)
        raise InvalidInput(
            reason_en=f"there is no role {name}: it is one of {known}",
            reason_zh=f"没有角色 {name}：可用的有 {known}",
            path=("role",),
        ) from None
