"""The signed-in user, and what the user may see."""

from __future__ import annotations

import strawberry

from app.accounts.models import Account as AccountRow
from app.accounts.models import Identity as IdentityRow
from app.accounts.models import Membership as MembershipRow
from app.accounts.models import Passkey as PasskeyRow
from app.accounts.models import TokenKind
from app.accounts.second_factor import has_one
from app.accounts.tokens import Viewer as ViewerValue
from app.accounts.tokens import live_tokens
from app.api.accounts import Account
from app.api.context import Info
from app.api.enums import StaffRole
from app.api.fields import View, column
from app.api.links import LASTING, link_to
from app.api.members import Membership
from app.api.pagination import listed
from app.api.passkeys import Passkey
from app.api.persons import PATH
from app.api.sign_in import Identity
from app.api.users import PersonalAccessToken, Session, User


@strawberry.type(description="The signed-in user, and what the user may see.")
class Viewer(View):
    """Whoever asks."""

    row: strawberry.Private[ViewerValue]

    user: User = column("The user.", lambda viewer: User.of(viewer.user))
    memberships = listed(
        Membership, "The user's roles in accounts.", lambda viewer: MembershipRow.filter(user_id=viewer.user.id)
    )
    accounts = listed(
        Account,
        "The accounts that the user is a member of.",
        lambda viewer: AccountRow.filter(id__in=list(viewer.memberships)),
    )
    staff_roles: list[StaffRole] = column(
        "The user's roles as the vendor's staff.", lambda viewer: sorted(viewer.staff_roles)
    )

    @strawberry.field(description="Whether the user signs in with a second factor.")
    async def has_second_factor(self) -> bool:
        return await has_one(self.row.user)

    @strawberry.field(description=f"Where all that is kept of the user is had, a JSON object a line: {LASTING}.")
    async def personal_data(self, info: Info) -> str:
        return await link_to(info.context, PATH)

    passkeys = listed(
        Passkey,
        "What devices and browsers keep for the user to sign in by.",
        lambda viewer: PasskeyRow.filter(user_id=viewer.user.id),
    )
    identities = listed(
        Identity,
        "Whom sign-in providers know the user as.",
        lambda viewer: IdentityRow.filter(user_id=viewer.user.id),
    )
    personal_access_tokens = listed(
        PersonalAccessToken,
        "The user's personal access tokens that work; what ended or was revoked is left out.",
        lambda viewer: live_tokens(viewer.user, TokenKind.PERSONAL),
    )
    sessions = listed(
        Session, "Where the user is signed in.", lambda viewer: live_tokens(viewer.user, TokenKind.SESSION)
    )


@strawberry.type
class ViewerQueries:
    """For everyone."""

    @strawberry.field(description="The signed-in user; null without a token, and for a service token.")
    async def viewer(self, info: Info) -> Viewer | None:
        viewer = await info.context.viewer()
        return None if viewer is None or viewer.is_service else Viewer.of(viewer)
