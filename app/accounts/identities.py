"""Signing in by a provider: who began it finishes it, once; and which user a provider's identity is.

An identity is a user's (1) that linked it while signed in, or (2) whose confirmed address the provider verified, if
the operator says that it speaks for addresses of that domain. An address alone finds nobody: whoever registered a
stranger's address, or has an account with a provider that lets everybody claim any, gets into nothing.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

import orjson
from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet

from app import clock, secretbox
from app.accounts.invitations import open_invitations
from app.accounts.models import Identity, SecurityChange, SignInAttempt, User
from app.accounts.openid import Metadata, Person, authorization_url, identify
from app.accounts.providers import SignInProvider, sign_in_provider
from app.accounts.security_notices import tell
from app.accounts.tokens import digest
from app.accounts.ways_in import keep_a_way_in
from app.db.locking import lock_name
from app.errors import InvalidCredentials, InvalidInput, NotFound, SignInProviderUnavailable

WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Begun:
    """A sign-in that its browser came back with: whom it was proved to be, or that the provider is to be asked."""

    attempt: SignInAttempt
    provider: SignInProvider
    secret: str
    person: Person | None


async def begin(provider: SignInProvider, metadata: Metadata, user: User | None = None) -> tuple[str, str]:
    """Where the browser is to go, and the secret that it keeps meanwhile; with a user, to link an identity."""
    state, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    await SignInAttempt.create(
        provider=provider.key,
        state=digest(state),
        secret=digest(secret),
        user_id=user and user.id,
        expires_at=clock.now() + WITHIN,
    )
    return authorization_url(provider, metadata, state, _derived(secret, "nonce"), _derived(secret, "verifier")), secret


async def take_up(state: str, secret: str, user: User | None = None) -> Begun:
    """What was begun by the browser that has both, by that user if it is to link an identity; in a transaction.

    Raises:
        InvalidCredentials: nothing was, or it is finished, refused, in hand or too old.
        NotFound: the operator has removed the provider.
    """
    begun = SignInAttempt.filter(state=digest(state), secret=digest(secret), expires_at__gt=clock.now())
    attempt = await begun.select_for_update().first()
    if attempt is None or attempt.user_id != (user and user.id) or (attempt.asked_at and not attempt.person_encrypted):
        raise InvalidCredentials(of="sign-in", path=("state",))
    provider = sign_in_provider(attempt.provider)
    if attempt.person_encrypted is not None:
        return Begun(attempt, provider, secret, Person(**orjson.loads(secretbox.decrypt(attempt.person_encrypted))))
    attempt.asked_at = clock.now()
    await attempt.save(update_fields=["asked_at"])
    return Begun(attempt, provider, secret, None)


async def prove(begun: Begun, code: str, iss: str | None) -> Person:
    """Whom the provider says it is, and which stays known until it is finished; to be called without a transaction.

    Raises:
        SignInProviderUnavailable: the provider does not answer; it may be tried again with the same.
        InvalidCredentials: the provider refuses the code, or what it says is not for this sign-in.
    """
    if begun.person is not None:
        return begun.person
    kept, secret = SignInAttempt.filter(id=begun.attempt.id), begun.secret
    try:
        person = await identify(
            begun.provider, code, iss, nonce=_derived(secret, "nonce"), verifier=_derived(secret, "verifier")
        )
    except SignInProviderUnavailable:
        await kept.update(asked_at=None)
        raise
    await kept.update(person_encrypted=secretbox.encrypt(orjson.dumps(asdict(person))))
    return person


async def finish(begun: Begun, person: Person) -> User:
    """The user that it is, who is made if the provider's settings say so; in a transaction, once.

    Raises:
        IdentityRefused: no user is linked to the identity, nor may be by its address.
        InvalidCredentials: it was finished meanwhile.
    """
    await _once(begun)
    found = await _of(person).select_related("user").first()
    if found is not None:
        found.email, found.last_used_at = person.email, clock.now()
        await found.save(update_fields=["email", "last_used_at"])
        return found.user
    user = await _by_address(begun.provider, person)
    await _link(user, person)
    return user


async def link(begun: Begun, person: Person, user: User) -> Identity:
    """Let the user sign in by the identity; in a transaction, once. Linking it again changes nothing.

    Raises:
        InvalidInput: another user signs in by it.
        InvalidCredentials: it was finished meanwhile.
    """
    await _once(begun)
    found = await _of(person).first()
    if found is None:
        await tell(user.id, SecurityChange.IDENTITY_LINKED, person.email)
        return await _link(user, person)
    if found.user_id != user.id:
        raise _anothers()
    return found


async def unlink(user: User, identity_id: UUID) -> Identity:
    """No longer let the user sign in by an identity; in a transaction.

    Raises:
        NotFound: the user has no such identity.
        InvalidInput: it is the only way in.
    """
    found = await Identity.get_or_none(id=identity_id, user_id=user.id)
    if found is None:
        raise NotFound(what="identity", path=("identityId",))
    await keep_a_way_in(user, "identityId")
    await found.delete()
    await tell(user.id, SecurityChange.IDENTITY_UNLINKED, found.email)
    return found


async def forget_attempts() -> None:
    """Forget what nobody can finish any more."""
    await SignInAttempt.filter(expires_at__lt=clock.now()).delete()


async def _once(begun: Begun) -> None:
    if not await SignInAttempt.filter(id=begun.attempt.id).delete():
        raise InvalidCredentials(of="sign-in", path=("state",))


def _of(person: Person) -> QuerySet[Identity]:
    return Identity.filter(issuer=person.issuer, subject=person.subject)


async def _link(user: User, person: Person) -> Identity:
    now = clock.now()
    try:
        return await Identity.create(
            user_id=user.id, issuer=person.issuer, subject=person.subject, email=person.email, created_at=now
        )
    except IntegrityError:
        raise _anothers() from None


def _anothers() -> InvalidInput:
    return InvalidInput(
        reason_en="somebody else signs in by this identity", reason_zh="该身份已与其他用户关联", path=("code",)
    )


async def _by_address(provider: SignInProvider, person: Person) -> User:
    """The user with the address that the provider verified, or one that is made."""
    address = person.email
    if address is None or not provider.speaks_for(address):
        raise provider.refused()
    await lock_name(f"registration {address}")
    user = await User.get_or_none(email=address)
    if user is not None and user.confirmed_at is not None:
        await tell(user.id, SecurityChange.IDENTITY_LINKED, address)
        return user
    invited = open_invitations().filter(email=address)
    welcome = provider.registers == "everyone" or (provider.registers == "invited" and await invited.exists())
    if user is not None or not welcome:
        raise provider.refused()
    now, name = clock.now(), person.name or address.partition("@")[0]
    try:
        return await User.create(email=address, name=name, created_at=now, confirmed_at=now)
    except IntegrityError:
        raise provider.refused() from None


def _derived(secret: str, purpose: str) -> str:
    """What goes to the provider of the browser's secret: nothing that is kept in the database says what it is."""
    return urlsafe_b64encode(digest(f"sign-in {purpose} {secret}")).rstrip(b"=").decode()
