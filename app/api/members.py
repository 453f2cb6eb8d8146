"""Who belongs to an account, and with which role."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts.invitations import accept_invitation, invite, open_invitations, revoke_invitation
from app.accounts.members import change_member_role, leave, remove_member
from app.accounts.models import AccessToken as TokenRow
from app.accounts.models import Account as AccountRow
from app.accounts.models import Invitation as InvitationRow
from app.accounts.models import Membership as MembershipRow
from app.accounts.models import TokenKind
from app.accounts.models import User as UserRow
from app.accounts.tokens import Viewer, create_service_token, revoke_service_token, service_tokens
from app.api.arguments import IdOf, Label
from app.api.audience import ForAdministrators
from app.api.context import OWNERS, Info
from app.api.enums import Role, StaffRole, TokenScope
from app.api.fields import argument, column
from app.api.mutation import mutation
from app.api.node import Node, reference
from app.api.owned import ACCOUNT, LazyAccount, OfAccount
from app.api.pagination import listed
from app.api.throttles import codes
from app.api.users import Email, Scopes, User
from app.errors import InvalidCredentials, LastOwner, LimitExceeded
from app.events.recording import Actor

MembershipID = Annotated[UUID, IdOf("Membership", "The membership's global id.")]
RoleArgument = Annotated[Role, argument("What the member may do.")]


@strawberry.type(description="A user's role in an account.")
class Membership(Node, table=MembershipRow):
    """A row of ``membership``."""

    role: Role = column("What the member may do.")
    created_at: datetime = column("Since when.")
    user = reference(User, "The member.", "user_id")

    account = ACCOUNT.field(LazyAccount, "The account.")


@strawberry.type(description="That somebody was invited to an account, and may accept.")
class Invitation(ForAdministrators, Node, table=InvitationRow, only={"staff_role": None}):
    """A row of ``invitation`` to an account."""

    email: str = column("To whom it went.")
    role: Role = column("What the member may do.")
    invited_by: str = column("Who invited.")
    created_at: datetime = column("When.")
    expires_at: datetime = column("Until when it may be accepted.")
    accepted_at: datetime | None = column("When it was accepted.")
    revoked_at: datetime | None = column("When it was taken back.")


@strawberry.type(description="A bearer token of an account itself, for services; its secret was shown once.")
class ServiceToken(ForAdministrators, Node, table=TokenRow, only={"kind": TokenKind.SERVICE}):
    """A row of ``access_token`` of the kind SERVICE."""

    name: str = column("What its maker called it.")
    role: Role = column("What it may do, as a member would.")
    scopes: list[TokenScope] | None = column("What it may do of that besides reading; null: everything.")
    created_at: datetime = column("When it was made.")
    last_used_at: datetime | None = column("When it was last used, noted once an hour at most; null if never.")
    expires_at: datetime | None = column("When it ends by itself.")
    revoked_at: datetime | None = column("When it was revoked.")


@strawberry.type
class MembersOfAccount(OfAccount):
    """Who may see an account."""

    @strawberry.field(description="What the viewer may do in it; null for staff, who are no members.")
    async def viewer_role(self, info: Info) -> Role | None:
        viewer = await info.context.viewer()
        return viewer.memberships.get(self.row.id) if viewer else None

    members = listed(Membership, "The members.")
    invitations = listed(
        Invitation,
        "The invitations that may still be accepted.",
        lambda row: open_invitations().filter(account_id=row.id),
        administrators=True,
    )
    service_tokens = listed(
        ServiceToken, "The service tokens that work.", lambda row: service_tokens(row.id), administrators=True
    )


@strawberry.type
class MemberMutations:
    """For owners."""

    @mutation(
        LimitExceeded,
        description="Invite somebody to the account, registered or not; for a week. Whoever accepts is a member. "
        "Another invitation of the same address replaces it; three are mailed to it in an hour. For owners.",
        done="The invitation is on its way.",
        answers={
            "invitation": (Invitation, "The invitation."),
            "invitation_code": (
                str | None,
                "What to accept it with, where this billing center sends no mails: hand it over. Shown this once.",
            ),
        },
        member=OWNERS,
    )
    async def invite_member(
        self, account: AccountRow, actor: Actor, email: Email, role: RoleArgument
    ) -> tuple[InvitationRow, str | None]:
        return await invite(account, email, role, actor)

    @mutation(
        description="Take an invitation back. For owners.",
        done="The invitation is taken back.",
        answers={"invitation": (Invitation, "The invitation.")},
        member=OWNERS,
        of="invitation_id",
    )
    async def revoke_invitation(
        self,
        account: AccountRow,
        actor: Actor,
        invitation_id: Annotated[UUID, IdOf("Invitation", "The invitation's global id.")],
    ) -> InvitationRow:
        return await revoke_invitation(account, invitation_id, actor)

    @mutation(
        InvalidCredentials,
        description="Accept an invitation, to an account or to the vendor's staff. Whoever is a member already keeps "
        "the role.",
        done="The viewer belongs to it.",
        answers={
            "membership": (Membership | None, "The membership; null if it is to the staff."),
            "staff_role": (StaffRole | None, "The role among the staff; null if it is to an account."),
        },
        throttled=codes,
    )
    async def accept_invitation(
        self,
        info: Info,
        viewer: Viewer,
        code: Annotated[str, argument("The code in the mail, or handed over.")],
    ) -> tuple[MembershipRow | None, StaffRole | None]:
        accepted = await accept_invitation(viewer.user, code, info.context.actor(viewer))
        return (accepted, None) if isinstance(accepted, MembershipRow) else (None, accepted)

    @mutation(
        LastOwner,
        description="Leave an account, as any member may.",
        done="The viewer is no member any more.",
        answers={"user": (User, "The viewer.")},
        member=frozenset(Role),
    )
    async def leave_account(self, account: AccountRow, actor: Actor, viewer: Viewer) -> UserRow:
        await leave(account, viewer.user, actor)
        return viewer.user

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

    @mutation(
        LimitExceeded,
        description="Make a bearer token of the account itself, for a service: it stays when its maker leaves. For "
        "owners.",
        done="A token was made.",
        answers={
            "service_token": (ServiceToken, "The token."),
            "token": (str, "What to send as the bearer token. Shown this once."),
        },
        member=OWNERS,
    )
    async def create_service_token(
        self,
        account: AccountRow,
        actor: Actor,
        name: Label,
        role: RoleArgument,
        scopes: Scopes = None,
        expires_at: Annotated[datetime | None, argument("When it ends; never by default.")] = None,
    ) -> tuple[TokenRow, str]:
        return await create_service_token(account, name, role, scopes, expires_at, actor)

    @mutation(
        description="Revoke one of the account's service tokens. For owners.",
        done="The token is revoked.",
        answers={"service_token": (ServiceToken, "The token.")},
        member=OWNERS,
        of="service_token_id",
    )
    async def revoke_service_token(
        self,
        account: AccountRow,
        actor: Actor,
        service_token_id: Annotated[UUID, IdOf("ServiceToken", "The token's global id.")],
    ) -> TokenRow:
        return await revoke_service_token(account, service_token_id, actor)
