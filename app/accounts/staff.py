"""Who is the vendor's staff. The operator says so, at the command line: no role is granted through the API."""

from __future__ import annotations

from app.accounts.models import StaffAssignment, StaffRole, User
from app.accounts.queries import find_user
from app.errors import InvalidInput


async def grant(email: str, role: str) -> None:
    """Give the registered user with that e-mail address a staff role; granting it again changes nothing.

    Raises:
        InvalidInput: nobody has registered with that address, or there is no such role.
    """
    await StaffAssignment.get_or_create(user_id=(await _user(email)).id, role=_role(role))


async def revoke(email: str, role: str) -> None:
    """Take a staff role from a user, from the next request on; revoking it again changes nothing.

    Raises:
        InvalidInput: nobody has registered with that address, or there is no such role.
    """
    await StaffAssignment.filter(user_id=(await _user(email)).id, role=_role(role)).delete()


async def everybody() -> dict[str, list[StaffRole]]:
    """The roles of each member of staff, by e-mail address."""
    found: dict[str, list[StaffRole]] = {}
    for assignment in await StaffAssignment.all().order_by("user__email", "role").select_related("user"):
        found.setdefault(assignment.user.email, []).append(assignment.role)
    return found


async def _user(email: str) -> User:
    user = await find_user(email)
    if user is None:
        address = email.strip().lower()
        raise InvalidInput(
            reason_en=f"nobody has registered as {address}: register first (the mutation register), then grant",
            reason_zh=f"没有以 {address} 注册的用户:请先注册(变更 register),再授予",
            path=("email",),
        )
    return user


def _role(name: str) -> StaffRole:
    try:
        return StaffRole(name.upper())
    except ValueError:
        known = ", ".join(StaffRole)
        raise InvalidInput(
            reason_en=f"there is no role {name}: it is one of {known}",
            reason_zh=f"没有角色 {name}:可用的有 {known}",
            path=("role",),
        ) from None
