"""Who belongs to an account, and with which role."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts.members import add_member, change_member_role, remove_member
from app.accounts.models import Account as AccountRow
from app.accounts.models import Membership as MembershipRow
from app.api.arguments import IdOf
from app.api.context import OWNERS
from app.api.enums import Role
from app.api.fields import argument, column
from app.api.mutation import mutation
from app.api.node import Node, reference
from app.api.owned import LazyAccount, OfAccount
from app.api.pagination import listed
from app.api.users import Email, User
from app.errors import LastOwner
from app.events.recording import Actor

MembershipID = Annotated[UUID, IdOf("Membership", "The membership's global id.")]
RoleArgument = Annotated[Role, argument("What the member may do.")]


@strawberry.type(description="A user's role in an account.")
class Membership(Node, table=MembershipRow):
    """A row of ``membership``."""

    role: Role = column("What the member may do.")
    created_at: datetime = column("Since when.")
    user = reference(User, "The member.", "user_id")


@strawberry.type
class MembersOfAccount(OfAccount):
    """Who may see an account."""

    members = listed(Membership, "The members.")


@strawberry.type
class MemberMutations:
    """For owners."""

    @mutation(
        description="Give a registered user a role in the account. For owners.",
        done="The member belongs to the account.",
        answers={"membership": (Membership, "The membership.")},
        member=OWNERS,
    )
    async def add_member(self, account: AccountRow, actor: Actor, email: Email, role: RoleArgument) -> MembershipRow:
        return await add_member(account, email, role, actor)

    @mutation(
        LastOwner,
        description="Change a member's role. For owners.",
        done="The member has another role.",
        answers={"membership": (Membership, "The membership.")},
        member=OWNERS,
        of="membership_id",
    )
    async def change_member_role(
        self, account: AccountRow, actor: Actor, membership_id: MembershipID, role: RoleArgument
    ) -> MembershipRow:
        return await change_member_role(account, membership_id, role, actor)

    @mutation(
        LastOwner,
        description="Take a member out of the account. For owners.",
        done="The member is out of the account.",
        answers={"account": (LazyAccount, "The account.")},
        member=OWNERS,
        of="membership_id",
    )
    async def remove_member(self, account: AccountRow, actor: Actor, membership_id: MembershipID) -> AccountRow:
        await remove_member(account, membership_id, actor)
        return account
