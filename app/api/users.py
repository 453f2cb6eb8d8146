"""People: registering, signing in, passwords and tokens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts import email_changes, passwords, profile
from app.accounts import second_factor as factor
from app.accounts.members import create_account
from app.accounts.models import AccessToken as AccessTokenRow
from app.accounts.models import Account as AccountRow
from app.accounts.models import SecurityChange, TokenKind
from app.accounts.models import User as UserRow
from app.accounts.passwords import sign_in
from app.accounts.registration import register, request_registration
from app.accounts.security_notices import tell
from app.accounts.tokens import Viewer, create_personal_access_token, note_two_factors, open_session, revoke_token
from app.api import throttles
from app.api.arguments import IdOf, Label
from app.api.context import Context, Info
from app.api.enums import Language, TokenScope
from app.api.fields import View, argument, column
from app.api.mutation import mutation
from app.api.node import Node
from app.api.owned import LazyAccount
from app.api.throttles import codes, mails, network_of, own_password
from app.errors import EmailTaken, InvalidCredentials, InvalidInput, RecentSignInRequired, SandboxOff
from app.events.models import ActorKind
from app.events.recording import Actor
from app.inputs import as_argument
from app.settings import get_settings

Email = Annotated[str, argument("An e-mail address.")]
OrganizationName = Annotated[str, argument("The organisation's name, 1 to 200 characters.")]
Sandbox = Annotated[bool, argument("Whether the account's clock can be advanced, to try things out.")]
Scopes = Annotated[
    list[TokenScope] | None,
    argument("What it may do besides reading; an empty list: nothing. Everything by default."),
]
Password = Annotated[str, argument("10 to 256 characters.")]


@strawberry.type(description="A person who signs in.")
class User(Node, table=UserRow):
    """A row of ``user_account``."""

    async def visible(self, context: Context) -> bool:
        viewer = await context.viewer()
        return viewer is not None and (viewer.token.user_id == self.row.id or bool(viewer.staff_roles))

    email: str = column("The address that the user signs in with.")
    name: str = column("The user's name.")
    confirmed_at: datetime | None = column("Since when it is known that the address is the user's; null if it is not.")
    created_at: datetime = column("When the user registered.")
    language: Language | None = column(
        "The language that the user chose; null: that of the browser.",
        lambda row: Language(row.language) if row.language else None,
    )

    @strawberry.field(description="Where to call; for the user and for staff, else null.")
    async def phone(self, info: Info) -> str | None:
        return self.row.phone if await self.visible(info.context) else None


@strawberry.type
class BearerToken(View):
    """What tokens of every kind have."""

    row: strawberry.Private[AccessTokenRow]

    async def visible(self, context: Context) -> bool:
        viewer = await context.viewer()
        return viewer is not None and viewer.token.user_id == self.row.user_id

    created_at: datetime = column("When it was made.")
    last_used_at: datetime | None = column("When it was last used, noted once an hour at most; null if never.")
    expires_at: datetime | None = column("When it ends by itself.")
    revoked_at: datetime | None = column("When it was revoked.")


@strawberry.type(description="A bearer token for scripts; its secret was shown once.")
class PersonalAccessToken(BearerToken, Node, table=AccessTokenRow, only={"kind": TokenKind.PERSONAL}):
    """A row of ``access_token`` of the kind PERSONAL."""

    scopes: list[TokenScope] | None = column("What it may do besides reading; null: what its maker may.")
    name: str = column("What its maker called it.")


@strawberry.type(description="That a user signed in, until signing out.")
class Session(BearerToken, Node, table=AccessTokenRow, only={"kind": TokenKind.SESSION}):
    """A row of ``access_token`` of the kind SESSION."""

    @strawberry.field(description="Whether this request was made with it.")
    async def current(self, info: Info) -> bool:
        viewer = await info.context.viewer()
        return viewer is not None and viewer.token.id == self.row.id


def _check_mail() -> None:
    if get_settings().smtp_url is None:
        raise InvalidInput(
            reason_en="this billing center sends no e-mails; ask its operator (BILLING_SMTP_URL)",
            reason_zh="本计费中心未配置邮件发送，请联系运维人员（BILLING_SMTP_URL）",
            path=("email",),
        )


async def _try_codes(viewer: Viewer, old_code: str, new_code: str) -> Callable[[], Awaitable[UUID]]:
    return lambda: email_changes.try_codes(viewer.user, old_code, new_code)


@strawberry.type
class UserMutations:
    """For everyone: registering, signing in, and what is one's own."""

    @mutation(
        EmailTaken,
        InvalidCredentials,
        SandboxOff,
        description="Register a user, with an organisation's account if one is named, and sign in. Without one the "
        "user is a member of none yet: staff need none, and whoever is invited joins another's. Where this billing "
        "center sends mails, the code that `requestRegistration` mails proves the address.",
        done="Registered, and signed in.",
        answers={
            "user": (User, "The new user."),
            "account": (
                LazyAccount | None,
                "The organisation's account, in the community edition; null where none was named.",
            ),
            "token": (str, "A session's bearer token. Shown this once."),
        },
        lane="passwords",
        throttled=mails,
        counted=True,
    )
    async def register(
        self,
        info: Info,
        email: Email,
        password: Password,
        name: Annotated[str, argument("The user's name.")],
        organization_name: Annotated[
            str | None, argument("The organisation's name, 1 to 200 characters; none: an account is opened later.")
        ] = None,
        sandbox: Sandbox = False,
        code: Annotated[str | None, argument("The code in the mail, where mails are sent.")] = None,
    ) -> tuple[UserRow, AccountRow | None, str]:
        if sandbox and organization_name is None:
            raise InvalidInput(
                reason_en="a sandbox is an organisation's account: give organizationName, too",
                reason_zh="沙箱账户须有所属组织，请同时填写 organizationName",
                path=("sandbox",),
            )
        user = await register(email, password, name, code)
        actor = Actor(ActorKind.MEMBER, user.email, user.id, info.context.address)
        account = None
        if organization_name is not None:
            account = await create_account(user, organization_name, sandbox, actor, "organizationName")
        _, token = await open_session(user, network_of(info.context.address))
        return user, account, token

    @mutation(
        description="Have a code to register with mailed to an address; three an hour at most. The answer is the same "
        "whether or not somebody registered with it.",
        done="A mail is on its way.",
        answers={"email": (str, "The address.")},
        throttled=mails,
        counted=True,
    )
    async def request_registration(self, email: Email) -> str:
        _check_mail()
        return await request_registration(email)

    @mutation(
        InvalidCredentials,
        description="Sign in with e-mail address and password.",
        done="Signed in.",
        answers={"user": (User, "The user."), "token": (str, "A session's bearer token. Shown this once.")},
        lane="passwords",
        throttled=throttles.passwords,
    )
    async def sign_in(
        self,
        info: Info,
        email: Email,
        password: Password,
        second_factor: Annotated[
            str | None, argument("A code of the authenticator app, or a recovery code, for those who have set it up.")
        ] = None,
    ) -> tuple[UserRow, str]:
        user = await sign_in(email, password)
        with as_argument("secondFactor"):
            two_factors = await factor.check(user, second_factor)
        _, token = await open_session(user, network_of(info.context.address), two_factors)
        return user, token

    @mutation(
        RecentSignInRequired,
        description="Begin to set up a second factor, one-time codes by time (TOTP): it counts once it is confirmed. "
        "In a session that was opened within a quarter of an hour, as to confirm and remove it.",
        done="Show the address as a QR code, and confirm with a code of the authenticator app.",
        answers={
            "secret": (str, "The secret, to be typed in where no QR code can be read. Shown this once."),
            "uri": (str, "The otpauth: address, to be shown as a QR code. Shown this once."),
        },
    )
    async def begin_second_factor(self, viewer: Viewer) -> tuple[str, str]:
        return await factor.begin(viewer.check_recent())

    @mutation(
        RecentSignInRequired,
        InvalidCredentials,
        description="Ask for the second factor from now on whenever you sign in.",
        done="The second factor is set up.",
        answers={"recovery_codes": (list[str], "What to sign in with if the app is lost, each once. Shown this once.")},
        throttled=own_password,
    )
    async def confirm_second_factor(
        self, viewer: Viewer, code: Annotated[str, argument("A code of the authenticator app.")]
    ) -> list[str]:
        codes = await factor.confirm(viewer.check_recent(), code)
        await note_two_factors(viewer.token)
        return codes

    @mutation(
        RecentSignInRequired,
        InvalidCredentials,
        description="Sign in with the password alone again.",
        done="The second factor is removed.",
        answers={"user": (User, "The user.")},
        throttled=own_password,
    )
    async def remove_second_factor(
        self, viewer: Viewer, code: Annotated[str, argument("A code of the authenticator app, or a recovery code.")]
    ) -> UserRow:
        await factor.remove(viewer.check_recent(), code)
        return viewer.user

    @mutation(
        description="Call yourself something else. What was signed or noted keeps what it says.",
        done="You are called that.",
        answers={"user": (User, "The user.")},
    )
    async def rename_user(
        self, viewer: Viewer, name: Annotated[str, argument("Your name, 1 to 200 characters.")]
    ) -> UserRow:
        return await profile.rename_user(viewer.user, name)

    @mutation(
        description="Say in which language you read, and where to call you. What is left out is cleared.",
        done="The profile is as given.",
        answers={"user": (User, "The user.")},
    )
    async def set_user_profile(
        self,
        viewer: Viewer,
        language: Annotated[Language | None, argument("The language; none: that of the browser.")] = None,
        phone: Annotated[str | None, argument("A phone number.")] = None,
    ) -> UserRow:
        return await profile.set_user_profile(viewer.user, language, phone)

    @mutation(
        description="End the session or token that this request was made with.",
        done="Signed out.",
        answers={"user": (User, "Who was signed in.")},
    )
    async def sign_out(self, viewer: Viewer) -> UserRow:
        await revoke_token(viewer.user, viewer.token.id, viewer.token.kind)
        return viewer.user

    @mutation(
        RecentSignInRequired,
        description="Make a bearer token for scripts: with all the rights of its maker, or with scopes alone. In a "
        "session that was opened within a quarter of an hour.",
        done="A token was made.",
        answers={
            "personal_access_token": (PersonalAccessToken, "The token."),
            "token": (str, "What to send as the bearer token. Shown this once."),
        },
    )
    async def create_personal_access_token(
        self,
        viewer: Viewer,
        name: Label,
        expires_at: Annotated[datetime | None, argument("When it ends; never by default.")] = None,
        scopes: Scopes = None,
    ) -> tuple[AccessTokenRow, str]:
        user, two_factors = viewer.check_recent(), viewer.token.two_factors
        made = await create_personal_access_token(user, name, expires_at, scopes, two_factors)
        await tell(user.id, SecurityChange.TOKEN_CREATED, made[0].name)
        return made

    @mutation(
        description="Revoke one of your tokens.",
        done="The token is revoked.",
        answers={"personal_access_token": (PersonalAccessToken, "The token.")},
    )
    async def revoke_personal_access_token(
        self,
        viewer: Viewer,
        personal_access_token_id: Annotated[UUID, IdOf("PersonalAccessToken", "The token's global id.")],
    ) -> AccessTokenRow:
        with as_argument("personalAccessTokenId"):
            return await revoke_token(viewer.user, personal_access_token_id, TokenKind.PERSONAL)

    @mutation(
        description="Sign out one of your sessions, as of a device that was lost.",
        done="The session is ended.",
        answers={"session": (Session, "The session.")},
    )
    async def end_session(
        self, viewer: Viewer, session_id: Annotated[UUID, IdOf("Session", "The session's global id.")]
    ) -> AccessTokenRow:
        with as_argument("sessionId"):
            return await revoke_token(viewer.user, session_id, TokenKind.SESSION)

    @mutation(
        InvalidCredentials,
        description="Set another password, and end your other sessions. Personal access tokens stay: revoke those that "
        "may have leaked.",
        done="The password is changed.",
        answers={"user": (User, "The user.")},
        transaction=False,
        lane="passwords",
        throttled=own_password,
    )
    async def change_password(
        self,
        viewer: Viewer,
        current_password: Annotated[str, argument("The password until now.")],
        new_password: Password,
    ) -> UserRow:
        return await passwords.change_password(viewer, current_password, new_password)

    @mutation(
        description="Have a code for another password mailed to an address. The answer is the same whether or not "
        "somebody registered with it; three mails an hour at most.",
        done="If somebody registered with the address, a mail is on its way.",
        answers={"email": (str, "The address.")},
        throttled=mails,
        counted=True,
    )
    async def request_password_reset(self, email: Email) -> str:
        _check_mail()
        await passwords.request_reset(email)
        return email

    @mutation(
        description="Have a code mailed to your address and one to another, to sign in with that one from then on. "
        "They are good for half an hour; three times in it at most.",
        done="Two mails are on their way: give both codes to confirmEmailChange.",
        answers={"email": (str, "The other address.")},
        throttled=mails,
        counted=True,
    )
    async def request_email_change(self, viewer: Viewer, email: Email) -> str:
        _check_mail()
        return await email_changes.request_email_change(viewer.user, email)

    @mutation(
        InvalidCredentials,
        EmailTaken,
        description="Sign in with another address from now on, with the codes that were mailed to both; five tries at "
        "most. Sessions and tokens stay.",
        done="The address is changed.",
        answers={"user": (User, "The user.")},
        outside=_try_codes,
        throttled=codes,
    )
    async def confirm_email_change(
        self,
        info: Info,
        viewer: Viewer,
        old_code: Annotated[str, argument("The code in the mail to the address until now.")],
        new_code: Annotated[str, argument("The code in the mail to the other address.")],
        answer: UUID,
    ) -> UserRow:
        return await email_changes.change_email(viewer.user, answer, info.context.actor(viewer))

    @mutation(
        InvalidCredentials,
        description="Set another password with a code that was mailed, once and within an hour, and end all your "
        "sessions. Personal access tokens stay: revoke those that may have leaked. They end as well where the address "
        "was not confirmed; from now on it is.",
        done="The password is set; sign in with it.",
        answers={"user": (User, "The user.")},
        transaction=False,
        lane="passwords",
        throttled=codes,
    )
    async def reset_password(
        self, code: Annotated[str, argument("The code in the mail.")], new_password: Password
    ) -> UserRow:
        return await passwords.reset_password(code, new_password)
