"""Registering, signing in, tokens, accounts and their members."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts import passwords
from app.accounts.members import add_member, change_member_role, create_account, remove_member
from app.accounts.models import Membership as MembershipRow
from app.accounts.models import TokenKind
from app.accounts.passwords import sign_in
from app.accounts.registration import register
from app.accounts.tokens import create_personal_access_token, open_session, revoke_token
from app.api.accounts import Account
from app.api.context import OWNERS
from app.api.enums import Role
from app.api.identity import AccessKey, Membership, PersonalAccessToken, Session, User
from app.api.mutation import mutation
from app.api.node import AccountID, Info, decode_id
from app.deployments.access_keys import create_access_key, revoke_access_key
from app.errors import (
    ChannelUnavailable,
    EmailTaken,
    InvalidCredentials,
    InvalidInput,
    LastOwner,
    NotFound,
    SandboxOnly,
)
from app.events.recording import Actor
from app.inputs import check_offset
from app.journey.clockwork import travel
from app.settings import get_settings

Email = Annotated[str, strawberry.argument(description="An e-mail address.")]
Password = Annotated[str, strawberry.argument(description="10 to 256 characters.")]
Sandbox = Annotated[
    bool, strawberry.argument(description="Whether the account's clock can be advanced, to try things out.")
]
OrganizationName = Annotated[str, strawberry.argument(description="The organisation's name, 1 to 200 characters.")]
Label = Annotated[str, strawberry.argument(description="What to call it, 1 to 200 characters.")]
MembershipID = Annotated[strawberry.ID, strawberry.argument(description="The membership's global id.")]
RoleArgument = Annotated[Role, strawberry.argument(description="What the member may do.")]


@strawberry.type(description="Registered, and signed in.")
class RegisterSuccess:
    """Success."""

    user: User = strawberry.field(description="The new user.")
    account: Account = strawberry.field(description="The organisation's account, in the community edition.")
    token: str = strawberry.field(description="A session's bearer token. Shown this once.")


@strawberry.type(description="Signed in.")
class SignInSuccess:
    """Success."""

    user: User = strawberry.field(description="The user.")
    token: str = strawberry.field(description="A session's bearer token. Shown this once.")


@strawberry.type(description="Signed out.")
class SignOutSuccess:
    """Success."""

    user: User = strawberry.field(description="Who was signed in.")


@strawberry.type(description="A token was made.")
class CreatePersonalAccessTokenSuccess:
    """Success."""

    personal_access_token: PersonalAccessToken = strawberry.field(description="The token.")
    secret: str = strawberry.field(description="What to send as the bearer token. Shown this once.")


@strawberry.type(description="The token is revoked.")
class RevokePersonalAccessTokenSuccess:
    """Success."""

    personal_access_token: PersonalAccessToken = strawberry.field(description="The token.")


@strawberry.type(description="The session is ended.")
class EndSessionSuccess:
    """Success."""

    session: Session = strawberry.field(description="The session.")


@strawberry.type(description="The password is changed.")
class ChangePasswordSuccess:
    """Success."""

    user: User = strawberry.field(description="The user.")


@strawberry.type(description="If somebody registered with the address, a mail is on its way.")
class RequestPasswordResetSuccess:
    """Success."""

    email: str = strawberry.field(description="The address.")


@strawberry.type(description="The password is set; sign in with it.")
class ResetPasswordSuccess:
    """Success."""

    user: User = strawberry.field(description="The user.")


@strawberry.type(description="The account is open.")
class CreateAccountSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account, in the community edition.")


@strawberry.type(description="The member belongs to the account.")
class AddMemberSuccess:
    """Success."""

    membership: Membership = strawberry.field(description="The membership.")


@strawberry.type(description="The member has another role.")
class ChangeMemberRoleSuccess:
    """Success."""

    membership: Membership = strawberry.field(description="The membership.")


@strawberry.type(description="The member is out of the account.")
class RemoveMemberSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")


@strawberry.type(description="The clock was advanced, and what became due was done.")
class AdvanceSandboxClockSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")


@strawberry.type(description="An AK/SK pair was made.")
class CreateAccessKeySuccess:
    """Success."""

    access_key: AccessKey = strawberry.field(description="The pair, without its SK.")
    sk: str = strawberry.field(description="The secret key. Shown this once.")


@strawberry.type(description="The AK/SK pair is revoked.")
class RevokeAccessKeySuccess:
    """Success."""

    access_key: AccessKey = strawberry.field(description="The pair.")


@strawberry.type
class IdentityMutations:
    """People and their accounts."""

    @mutation(EmailTaken, description="Register a user with an organisation's account, and sign in.", lane="passwords")
    async def register(
        self,
        info: Info,
        email: Email,
        password: Password,
        name: Annotated[str, strawberry.argument(description="The user's name.")],
        organization_name: OrganizationName,
        sandbox: Sandbox = False,
    ) -> RegisterSuccess:
        user = await register(email, password, name)
        actor = Actor("MEMBER", user.email, user.id, info.context.address)
        account = await create_account(user, organization_name, sandbox, actor, "organizationName")
        _, token = await open_session(user)
        return RegisterSuccess(user=User.of(user), account=Account.of(account), token=token)

    @mutation(InvalidCredentials, description="Sign in with e-mail address and password.", lane="passwords")
    async def sign_in(self, info: Info, email: Email, password: Password) -> SignInSuccess:
        user = await sign_in(email, password)
        _, token = await open_session(user)
        return SignInSuccess(user=User.of(user), token=token)

    @mutation(description="End the session or token that this request was made with.")
    async def sign_out(self, info: Info) -> SignOutSuccess:
        viewer = await info.context.signed_in()
        await revoke_token(viewer.user, viewer.token.id, viewer.token.kind)
        return SignOutSuccess(user=User.of(viewer.user))

    @mutation(description="Make a bearer token for scripts, with all the rights of its maker.")
    async def create_personal_access_token(
        self,
        info: Info,
        name: Label,
        expires_at: Annotated[
            datetime | None, strawberry.argument(description="When it ends; never by default.")
        ] = None,
    ) -> CreatePersonalAccessTokenSuccess:
        viewer = await info.context.signed_in()
        token, secret = await create_personal_access_token(viewer.user, name, expires_at)
        return CreatePersonalAccessTokenSuccess(personal_access_token=PersonalAccessToken.of(token), secret=secret)

    @mutation(description="Revoke one of your tokens.")
    async def revoke_personal_access_token(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The token's global id.")]
    ) -> RevokePersonalAccessTokenSuccess:
        viewer = await info.context.signed_in()
        token = await revoke_token(viewer.user, decode_id(id, "PersonalAccessToken", "id"), TokenKind.PERSONAL)
        return RevokePersonalAccessTokenSuccess(personal_access_token=PersonalAccessToken.of(token))

    @mutation(description="Sign out one of your sessions, as of a device that was lost.")
    async def end_session(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The session's global id.")]
    ) -> EndSessionSuccess:
        viewer = await info.context.signed_in()
        ended = await revoke_token(viewer.user, decode_id(id, "Session", "id"), TokenKind.SESSION)
        return EndSessionSuccess(session=Session.of(ended))

    @mutation(
        InvalidCredentials,
        description="Set another password, and end your other sessions. Personal access tokens stay: revoke those that "
        "may have leaked.",
        transaction=False,
        lane="passwords",
    )
    async def change_password(
        self,
        info: Info,
        current_password: Annotated[str, strawberry.argument(description="The password until now.")],
        new_password: Password,
    ) -> ChangePasswordSuccess:
        viewer = await info.context.signed_in()
        return ChangePasswordSuccess(
            user=User.of(await passwords.change_password(viewer, current_password, new_password))
        )

    @mutation(
        description="Have a token for another password mailed to an address. The answer is the same whether or not "
        "somebody registered with it; three mails an hour at most."
    )
    async def request_password_reset(self, info: Info, email: Email) -> RequestPasswordResetSuccess:
        if get_settings().smtp_url is None:
            raise InvalidInput(
                reason_en="this billing center sends no e-mails; ask its operator (BILLING_SMTP_URL)",
                reason_zh="本计费中心未配置邮件发送,请联系运维人员(BILLING_SMTP_URL)",
                path=("email",),
            )
        await passwords.request_reset(email)
        return RequestPasswordResetSuccess(email=email)

    @mutation(
        InvalidCredentials,
        description="Set another password with a token that was mailed, once and within an hour, and end all your "
        "sessions. Personal access tokens stay: revoke those that may have leaked.",
        transaction=False,
        lane="passwords",
    )
    async def reset_password(
        self,
        info: Info,
        token: Annotated[str, strawberry.argument(description="The token in the mail.")],
        new_password: Password,
    ) -> ResetPasswordSuccess:
        return ResetPasswordSuccess(user=User.of(await passwords.reset_password(token, new_password)))

    @mutation(description="Open another account, owned by the viewer, in the community edition.")
    async def create_account(
        self, info: Info, name: OrganizationName, sandbox: Sandbox = False
    ) -> CreateAccountSuccess:
        viewer = await info.context.signed_in()
        account = await create_account(viewer.user, name, sandbox, info.context.actor(viewer))
        return CreateAccountSuccess(account=Account.of(account))

    @mutation(description="Give a registered user a role in the account. For owners.")
    async def add_member(self, info: Info, account_id: AccountID, email: Email, role: RoleArgument) -> AddMemberSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"), OWNERS)
        return AddMemberSuccess(membership=Membership.of(await add_member(account, email, role, actor)))

    @mutation(LastOwner, description="Change a member's role. For owners.")
    async def change_member_role(
        self, info: Info, membership_id: MembershipID, role: RoleArgument
    ) -> ChangeMemberRoleSuccess:
        key = decode_id(membership_id, "Membership", "membershipId")
        account, actor = await info.context.member(await _account_of(key), OWNERS, ("membershipId",))
        changed = await change_member_role(account, key, role, actor)
        return ChangeMemberRoleSuccess(membership=Membership.of(changed))

    @mutation(LastOwner, description="Take a member out of the account. For owners.")
    async def remove_member(self, info: Info, membership_id: MembershipID) -> RemoveMemberSuccess:
        key = decode_id(membership_id, "Membership", "membershipId")
        account, actor = await info.context.member(await _account_of(key), OWNERS, ("membershipId",))
        await remove_member(account, key, actor)
        return RemoveMemberSuccess(account=Account.of(account))

    @mutation(
        SandboxOnly,
        ChannelUnavailable,
        description="Advance a sandbox account's clock, and do what becomes due: end of the free period, day close, "
        "contracts, statements.",
    )
    async def advance_sandbox_clock(
        self,
        info: Info,
        account_id: AccountID,
        to: Annotated[
            datetime | None, strawberry.argument(description="To which instant; give this or bySeconds.")
        ] = None,
        by_seconds: Annotated[int | None, strawberry.argument(description="By how much; give this or to.")] = None,
    ) -> AdvanceSandboxClockSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        if (to is None) == (by_seconds is None):
            raise InvalidInput(
                reason_en="give either to or bySeconds", reason_zh="请在 to 与 bySeconds 中任选其一", path=("to",)
            )
        check_offset(to, "to", "2026-01-31T09:00:00+08:00")
        seconds = by_seconds if to is None else -int((account.now() - to).total_seconds() // 1)
        argument = "to" if to is not None else "bySeconds"
        await travel(info.context.host, account, int(seconds or 0), actor, argument)
        return AdvanceSandboxClockSuccess(account=Account.of(account))

    @mutation(description="Make an AK/SK pair, which deployments sign their requests with.")
    async def create_access_key(self, info: Info, account_id: AccountID, label: Label) -> CreateAccessKeySuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        key, sk = await create_access_key(account, label, actor)
        return CreateAccessKeySuccess(access_key=AccessKey.of(key), sk=sk)

    @mutation(description="Revoke an AK/SK pair: what is signed with it is refused from now on.")
    async def revoke_access_key(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The pair's global id.")]
    ) -> RevokeAccessKeySuccess:
        key = decode_id(id, "AccessKey", "id")
        found = await AccessKey.load(info.context, key)
        if found is None:
            raise NotFound(what="access key", path=("id",))
        account, actor = await info.context.member(found.record.account_id, path=("id",))
        return RevokeAccessKeySuccess(access_key=AccessKey.of(await revoke_access_key(account, key, actor)))


async def _account_of(membership_id: UUID) -> UUID:
    row = await MembershipRow.get_or_none(id=membership_id)
    if row is None:
        raise NotFound(what="membership", path=("membershipId",))
    return row.account_id
