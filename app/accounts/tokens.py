"""Bearer tokens: sessions, and personal access tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app import clock
from app.accounts.models import (
    AccessToken,
    Account,
    Role,
    StaffRole,
    TokenKind,
    TokenScope,
    User,
)
from app.db.remembered import memory
from app.db.sql import statement
from app.errors import InvalidInput, LimitExceeded, NotFound, PermissionDenied, RecentSignInRequired
from app.events.recording import Actor, record
from app.inputs import text
from app.settings import get_settings

NOTE_USE = statement(__file__, "note_use")
VIEWER = statement(__file__, "viewer")
VIEWERS = "viewers"
PREFIXES = {TokenKind.SESSION: "ses_", TokenKind.PERSONAL: "pat_", TokenKind.SERVICE: "svc_"}
MOST_SERVICE_TOKENS = 100
USED_EVERY = timedelta(hours=1)
RECENT = timedelta(minutes=15)


@dataclass(frozen=True)
class Viewer:
    """Whoever has a token, with what may be seen by it: the role in each account, and staff roles."""

    token: AccessToken
    memberships: dict[UUID, Role] = field(default_factory=dict)
    staff_roles: frozenset[StaffRole] = frozenset()
    withheld: bool = False
    """Whether roles do not count, since the user has no second factor, and the operator asks for one."""

    @property
    def user(self) -> User:
        """The signed-in user.

        Raises:
            PermissionDenied: it is a service token, and this is for people.
        """
        if self.token.user is None:
            raise PermissionDenied(ask="token")
        return self.token.user

    @property
    def is_service(self) -> bool:
        """Whether it is an account's service token, and no user's."""
        return self.token.user_id is None

    @property
    def key(self) -> str:
        """Who it is, whatever the token: a user, or one service."""
        return f"token:{self.token.id}" if self.token.user_id is None else f"user:{self.token.user_id}"

    @property
    def label(self) -> str:
        """What it is called where it acts."""
        return self.token.name if self.token.user is None else self.token.user.email

    def check_scope(self, scope: TokenScope | None) -> None:
        """Refuse what the token has no scope for; ``None`` stands for what only people do.

        Raises:
            PermissionDenied: it has scopes, and not that one.
        """
        scopes = self.token.scopes
        if scopes is not None and (scope is None or scope not in scopes):
            raise PermissionDenied(needed=(scope,) if scope else (), ask="token")

    def check_recent(self) -> User:
        """The user, who signed in within a quarter of an hour: whoever finds a session, or has a token that leaked,
        adds no way in of their own.

        Raises:
            RecentSignInRequired: it was longer ago, or is no session.
        """
        if self.token.kind != TokenKind.SESSION or self.token.created_at <= clock.now() - RECENT:
            raise RecentSignInRequired()
        return self.user


async def open_session(user: User, network: str | None, two_factors: bool = False) -> tuple[AccessToken, str]:
    """A new session of the user, opened from a network, with two factors or not, and its secret."""
    ends, where = clock.now() + timedelta(days=get_settings().session_days), network and _hashed(network)
    return await _issue(TokenKind.SESSION, "session", ends, user_id=user.id, network=where, two_factors=two_factors)


async def note_two_factors(token: AccessToken) -> None:
    """The session's user has just given the second factor as well."""
    token.two_factors = True
    await token.save(update_fields=["two_factors"])


async def signed_in_from(email: str, network: str) -> bool:
    """Whether somebody signed in with an address from a network before."""
    return await AccessToken.exists(user__email=email, kind=TokenKind.SESSION, network=_hashed(network))


async def create_personal_access_token(
    user: User,
    name: str,
    expires_at: datetime | None,
    scopes: Iterable[TokenScope] | None = None,
    two_factors: bool = False,
) -> tuple[AccessToken, str]:
    """A new personal access token, and its secret, which is not kept. Without ``scopes`` it may what its user may;
    with ``two_factors`` it counts as much as what it is made with.

    Raises:
        InvalidInput: the name is empty, or the end is in the past.
    """
    _check_end(expires_at)
    owned = {"user_id": user.id, "two_factors": two_factors}
    return await _issue(TokenKind.PERSONAL, text(name, "name", 200), expires_at, scopes=_sorted(scopes), **owned)


async def create_service_token(
    account: Account,
    name: str,
    role: Role,
    scopes: Iterable[TokenScope] | None,
    expires_at: datetime | None,
    actor: Actor,
) -> tuple[AccessToken, str]:
    """A new token of the account itself, and its secret, which is not kept; it stays when its maker leaves.

    Raises:
        InvalidInput: the name is empty, the end is in the past, or the role is that of an owner.
        LimitExceeded: the account has 100 that work.
    """
    _check_end(expires_at)
    if role == Role.OWNER:
        raise InvalidInput(
            reason_en="a service token is no owner: choose another role",
            reason_zh="服务令牌不能是所有者：请选择其他角色",
            path=("role",),
        )
    if await service_tokens(account.id).count() >= MOST_SERVICE_TOKENS:
        raise LimitExceeded(limit=MOST_SERVICE_TOKENS, actual=MOST_SERVICE_TOKENS + 1, path=("accountId",))
    made = await _issue(
        TokenKind.SERVICE, text(name, "name", 200), expires_at, account_id=account.id, role=role, scopes=_sorted(scopes)
    )
    await record(account.id, account.now(), "service_token.created", actor, after={"label": made[0].name, "role": role})
    return made


async def revoke_service_token(account: Account, token_id: UUID, actor: Actor) -> AccessToken:
    """End a service token of the account; ending it again changes nothing.

    Raises:
        NotFound: the account has no such token.
    """
    token = await AccessToken.get_or_none(id=token_id, account_id=account.id, kind=TokenKind.SERVICE)
    if token is None:
        raise NotFound(what="token", path=("serviceTokenId",))
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        await token.save(update_fields=["revoked_at"])
        about = {"label": token.name, "role": token.role}
        await record(account.id, account.now(), "service_token.revoked", actor, before=about)
    return token


def service_tokens(account_id: UUID) -> QuerySet[AccessToken]:
    """The account's service tokens that work."""
    return _lasting().filter(account_id=account_id, kind=TokenKind.SERVICE)


def _sorted(scopes: Iterable[TokenScope] | None) -> list[str] | None:
    return None if scopes is None else sorted(set(scopes))


def _check_end(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= clock.now():
        raise InvalidInput(
            reason_en="expiresAt must be in the future", reason_zh="expiresAt 必须晚于当前时间", path=("expiresAt",)
        )


async def revoke_token(user: User, token_id: UUID, kind: TokenKind) -> AccessToken:
    """End one of the user's own tokens; ending it again changes nothing.

    Raises:
        NotFound: the user has no such token.
    """
    token = await AccessToken.get_or_none(id=token_id, user_id=user.id, kind=kind)
    if token is None:
        raise NotFound(what="token", path=("id",))
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        await token.save(update_fields=["revoked_at"])
    return token


def live_tokens(user: User, kind: TokenKind) -> QuerySet[AccessToken]:
    """The user's tokens of a kind that work: neither revoked nor ended by themselves."""
    return _lasting().filter(user_id=user.id, kind=kind)


def _lasting() -> QuerySet[AccessToken]:
    return AccessToken.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now()), revoked_at=None)


async def end_sessions(user: User, spared: UUID | None = None) -> None:
    """End the user's sessions, but for the one that is spared. Personal access tokens stay."""
    others = AccessToken.filter(user_id=user.id, kind=TokenKind.SESSION, revoked_at=None)
    await (others.exclude(id=spared) if spared else others).update(revoked_at=clock.now())


async def authenticate(secret: str | None) -> Viewer | None:
    """The viewer that a bearer token stands for, or ``None`` when it is unknown, expired or revoked."""
    if not secret:
        return None
    key = digest(secret)
    return await _used(await memory().ask(VIEWERS, key, lambda: _viewer(key)))


async def recalled(secret: str | None) -> Viewer | None:
    """The viewer that a bearer token stood for some seconds ago, if that is remembered: what the token allowed may have
    been more since then, and hardly less."""
    return await _used(memory().recall(VIEWERS, digest(secret))) if secret else None


async def _used(viewer: Viewer | None) -> Viewer | None:
    if viewer is None or _has_ended(viewer.token):
        return None
    await _note_use(viewer.token)
    return viewer


async def viewer_of(token_id: UUID) -> Viewer | None:
    """The viewer that the token with a key stands for, or ``None`` when it has expired or was revoked."""
    token = await AccessToken.get_or_none(id=token_id)
    return await _viewer(token.token_hash) if token else None


async def _viewer(token_hash: bytes) -> Viewer | None:
    rows = await VIEWER.rows(token_hash)
    if not rows:
        return None
    (found,) = rows
    token = AccessToken._init_from_db(**found["token"])
    if _has_ended(token):
        return None
    token.user = User._init_from_db(**found["person"]) if found["person"] else None
    if token.account_id is not None and token.role is not None:
        return Viewer(token, {token.account_id: Role(token.role)})
    is_staff = token.scopes is None or TokenScope.STAFF in token.scopes
    viewer = Viewer(
        token,
        {account: Role(role) for account, role in zip(found["accounts"], found["roles"], strict=True)},
        frozenset(map(StaffRole, found["staff_roles"])) if is_staff else frozenset(),
    )
    return _with_second_factor(viewer)


def _with_second_factor(viewer: Viewer) -> Viewer:
    """The viewer, whose roles count that the operator asks no second factor for, or for which the token was got with
    two: a factor that is set up later makes no token stronger that was there before."""
    asked = get_settings().second_factor
    of_staff = "staff" in asked and bool(viewer.staff_roles)
    of_owner = "owners" in asked and Role.OWNER in viewer.memberships.values()
    if not (of_staff or of_owner) or viewer.token.two_factors:
        return viewer
    memberships = {
        account: Role.VIEWER if of_owner and role == Role.OWNER else role
        for account, role in viewer.memberships.items()
    }
    return replace(
        viewer, memberships=memberships, staff_roles=frozenset() if of_staff else viewer.staff_roles, withheld=True
    )


def _has_ended(token: AccessToken) -> bool:
    """Whether it has expired, or is a session that was not used for too long."""
    now = clock.now()
    unused = now - (token.last_used_at or token.created_at)
    idle = token.kind == TokenKind.SESSION and unused > timedelta(days=get_settings().session_idle_days)
    return idle or (token.expires_at is not None and token.expires_at <= now)


async def _note_use(token: AccessToken) -> None:
    now = clock.now()
    if token.last_used_at is None or token.last_used_at <= now - USED_EVERY:
        await NOTE_USE.run(token.id, now, now - USED_EVERY)
        token.last_used_at = now


async def _issue(kind: TokenKind, name: str, expires_at: datetime | None, **owned: Any) -> tuple[AccessToken, str]:
    secret = PREFIXES[kind] + secrets.token_urlsafe(32)
    token = await AccessToken.create(
        kind=kind, name=name, token_hash=digest(secret), created_at=clock.now(), expires_at=expires_at, **owned
    )
    return token, secret


def _hashed(network: str) -> str:
    return hmac.new(get_settings().secret_key, network.encode(), "sha256").hexdigest()


def digest(secret: str) -> bytes:
    """What is kept of a secret that has 256 bits of chance."""
    return hashlib.sha256(secret.encode()).digest()
