"""Signing in by a provider (OpenID Connect), and the identities that a user signs in by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts import identities
from app.accounts import second_factor as factor
from app.accounts.identities import Begun
from app.accounts.models import Identity as IdentityRow
from app.accounts.models import User as UserRow
from app.accounts.openid import Metadata, Person, discover
from app.accounts.providers import SignInProvider as Provider
from app.accounts.providers import sign_in_provider, sign_in_providers
from app.accounts.tokens import Viewer, open_session
from app.api.arguments import IdOf
from app.api.context import Context, Info
from app.api.fields import View, argument, column
from app.api.mutation import mutation
from app.api.node import Node
from app.api.throttles import codes, network_of, of_second_factor, sign_ins
from app.api.users import User
from app.errors import IdentityRefused, InvalidCredentials, RecentSignInRequired, SignInProviderUnavailable
from app.inputs import as_argument
from app.throttling.buckets import take

ProviderKey = Annotated[str, argument("The key of one of signInProviders.")]
State = Annotated[str, argument("The parameter `state` that the provider sent the browser back with.")]
Code = Annotated[str, argument("The parameter `code` that came with it.")]
Iss = Annotated[str | None, argument("The parameter `iss` that came with it, if it did (RFC 9207).")]
Secret = Annotated[str, argument("The secret that this browser kept since it began.")]
BEGUN = {
    "authorization_url": (str, "Where the browser is to go. It comes back to the page that the operator set."),
    "secret": (str, "What the browser keeps (sessionStorage), and finishes with. Shown this once."),
}


@strawberry.type(description="Who may say who somebody is (OpenID Connect), as the operator set it.")
class SignInProvider(View):
    """A provider of the settings."""

    row: strawberry.Private[Provider]

    key: str = column("What to name it by.")

    @strawberry.field(description="What its button says, in the language of Accept-Language.")
    def name(self, info: Info) -> str:
        return self.row.name.zh if info.context.locale == "zh" else self.row.name.en


@strawberry.type(description="Whom a sign-in provider knows a user as: the user signs in by it.")
class Identity(Node, table=IdentityRow):
    """A row of ``user_identity``."""

    async def visible(self, context: Context) -> bool:
        viewer = await context.viewer()
        return viewer is not None and viewer.token.user_id == self.row.user_id

    issuer: str = column("The provider's issuer.")
    subject: str = column("The provider's name for the person, which never changes.")
    email: str | None = column("The address that the provider last said that it verified.")
    created_at: datetime = column("Since when it is linked.")
    last_used_at: datetime | None = column("When the user last signed in by it; null if never since.")


@dataclass(frozen=True)
class Proved:
    """What was begun, and whom the provider says it is."""

    begun: Begun
    person: Person


async def _discover(provider: str) -> Callable[[], Awaitable[Metadata]]:
    known = sign_in_provider(provider)
    return lambda: discover(known)


async def _discover_to_link(viewer: Viewer, provider: str) -> Callable[[], Awaitable[Metadata]]:
    viewer.check_recent()
    return await _discover(provider)


async def _prove(
    state: str, secret: str, code: str, iss: str | None = None, second_factor: str | None = None
) -> Callable[[], Awaitable[Proved]]:
    begun = await identities.take_up(state, secret)

    async def ask() -> Proved:
        person = await identities.prove(begun, code, iss)
        if second_factor is not None:
            await take(of_second_factor(person.issuer, person.subject))
        return Proved(begun, person)

    return ask


async def _prove_to_link(
    viewer: Viewer, state: str, secret: str, code: str, iss: str | None = None
) -> Callable[[], Awaitable[Proved]]:
    begun = await identities.take_up(state, secret, viewer.check_recent())

    async def ask() -> Proved:
        return Proved(begun, await identities.prove(begun, code, iss))

    return ask


@strawberry.type
class SignInQueries:
    """For everyone."""

    @strawberry.field(description="The providers that one may sign in by, in the operator's order; none by default.")
    def sign_in_providers(self) -> list[SignInProvider]:
        return [SignInProvider.of(one) for one in sign_in_providers().values()]


@strawberry.type
class SignInMutations:
    """For everyone, and for what is one's own."""

    @mutation(
        SignInProviderUnavailable,
        description="Begin to sign in by a provider: within ten minutes, and in this browser.",
        done="Send the browser to the address.",
        answers=BEGUN,
        lane="providers",
        outside=_discover,
        throttled=sign_ins,
        counted=True,
    )
    async def begin_sign_in(self, provider: ProviderKey, answer: Metadata) -> tuple[str, str]:
        return await identities.begin(sign_in_provider(provider), answer)

    @mutation(
        SignInProviderUnavailable,
        InvalidCredentials,
        IdentityRefused,
        description="Sign in as whom the provider says that you are. If a second factor is asked for "
        "(SECOND_FACTOR_REQUIRED), or the provider does not answer, call it again with the same.",
        done="Signed in.",
        answers={"user": (User, "The user."), "token": (str, "A session's bearer token. Shown this once.")},
        lane="providers",
        outside=_prove,
        throttled=codes,
    )
    async def complete_sign_in(
        self,
        info: Info,
        state: State,
        secret: Secret,
        code: Code,
        answer: Proved,
        iss: Iss = None,
        second_factor: Annotated[
            str | None, argument("A code of the authenticator app, or a recovery code, for those who have set it up.")
        ] = None,
    ) -> tuple[UserRow, str]:
        begun, person = answer.begun, answer.person
        user = await identities.finish(begun, person)
        info.context.named = user.email
        with as_argument("secondFactor"):
            two_factors = person.mfa or await factor.check(user, second_factor)
        _, token = await open_session(user, network_of(info.context.address), two_factors)
        return user, token

    @mutation(
        SignInProviderUnavailable,
        RecentSignInRequired,
        description="Begin to link an identity of a provider, to sign in by it from then on: within ten minutes, in "
        "this browser, in a session that was opened within a quarter of an hour.",
        done="Send the browser to the address.",
        answers=BEGUN,
        lane="providers",
        outside=_discover_to_link,
        throttled=sign_ins,
        counted=True,
    )
    async def begin_identity_link(self, viewer: Viewer, provider: ProviderKey, answer: Metadata) -> tuple[str, str]:
        return await identities.begin(sign_in_provider(provider), answer, viewer.user)

    @mutation(
        SignInProviderUnavailable,
        RecentSignInRequired,
        InvalidCredentials,
        description="Link the identity that the provider says that you have.",
        done="You sign in by it from now on.",
        answers={"identity": (Identity, "The identity.")},
        lane="providers",
        outside=_prove_to_link,
        throttled=codes,
    )
    async def complete_identity_link(
        self,
        viewer: Viewer,
        state: State,
        secret: Secret,
        code: Code,
        answer: Proved,
        iss: Iss = None,
    ) -> IdentityRow:
        return await identities.link(answer.begun, answer.person, viewer.user)

    @mutation(
        RecentSignInRequired,
        description="No longer sign in by an identity. Sessions stay: end them with endSession.",
        done="The link is gone.",
        answers={"identity": (Identity, "The identity that it was.")},
    )
    async def unlink_identity(
        self, viewer: Viewer, identity_id: Annotated[UUID, IdOf("Identity", "The identity's global id.")]
    ) -> IdentityRow:
        return await identities.unlink(viewer.check_recent(), identity_id)
