"""Who is the vendor's staff. Roles are given and taken at the command line alone."""

from __future__ import annotations

import strawberry

from app.accounts import staff
from app.accounts.models import StaffRole
from app.api.audience import staff_field
from app.api.context import Info


@strawberry.type(description="A member of the vendor's staff. Roles are given and taken with `billing staff`.")
class StaffMember:
    """Somebody with a staff role."""

    email: str = strawberry.field(description="The e-mail address.")
    roles: list[StaffRole] = strawberry.field(description="What they may do.")


@strawberry.type
class StaffQueries:
    """For operators."""

    @staff_field("Everybody who has a staff role, by e-mail address.", StaffRole.OPERATOR)
    async def staff_members(self, info: Info) -> list[StaffMember]:
        return [StaffMember(email=email, roles=roles) for email, roles in (await staff.everybody()).items()]
