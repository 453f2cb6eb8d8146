"""Which staff something is for: its description says so, and nobody else gets it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from app.accounts.models import StaffRole
from app.api.context import Context, Info
from app.api.fields import View

WORDS = {
    StaffRole.ACCOUNT_MANAGER: "account managers",
    StaffRole.FINANCE: "finance staff",
    StaffRole.OPERATOR: "operators",
    StaffRole.AUDITOR: "auditors",
}


FINANCE = (StaffRole.FINANCE,)


@strawberry.type
class ForFinance(View):
    """What only finance staff see."""

    async def visible(self, context: Context) -> bool:
        return await context.is_staff(StaffRole.FINANCE)


@strawberry.type
class ForAdministrators(View):
    """What only owners and administrators of its account see."""

    async def visible(self, context: Context) -> bool:
        return await context.may_administer(self.row.account_id)


def for_staff(description: str, staff: tuple[StaffRole, ...]) -> str:
    """A description that says which staff it is for, unless it is for everybody or says so itself."""
    if not staff:
        return description
    audience = "staff" if set(staff) == set(StaffRole) else " and ".join(WORDS[role] for role in staff)
    return description if f"For {audience}" in description else f"{description} For {audience}."


def staff_column(description: str, *staff: StaffRole) -> Any:
    """A field of the row's column of the same name, a text; null for all but staff with one of these roles."""

    async def read(root: View, info: Info) -> str | None:
        shown = await info.context.is_staff(*staff)
        return getattr(root.row, info.python_name) if shown else None

    return strawberry.field(resolver=read, description=for_staff(description, staff))


def staff_field(description: str, *staff: StaffRole) -> Callable[[Callable[..., Awaitable[Any]]], StrawberryField]:
    """Make a field of a resolver, for staff with one of these roles.

    It raises what ``Context.staff`` raises.
    """

    def decorate(resolver: Callable[..., Awaitable[Any]]) -> StrawberryField:
        @wraps(resolver)
        async def run(self: Any, info: Any, **arguments: Any) -> Any:
            await info.context.reads_as_staff(*staff)
            return await resolver(self, info, **arguments)

        field: StrawberryField = strawberry.field(resolver=run, description=for_staff(description, staff))
        return field

    return decorate
