"""Bearer tokens: sessions, and personal access tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app import clock
from app.accounts.models import AccessToken, Membership, Role, StaffAssignment, StaffRole, TokenKind, User
from app.db.sql import statement
from app.errors import InvalidInput, NotFound
from app.inputs import text
from app.settings import get_settings

NOTE_USE = statement(__file__, "note_use")
USED_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Viewer:
    """The signed-in user, with what the user may see: the role in each account, and staff roles."""

    user: User
    token: AccessToken
    memberships: dict[UUID, Role] = field(default_factory=dict)
    staff_roles: frozenset[StaffRole] = frozenset()


async def open_session(user: User, network: str | None) -> tuple[AccessToken, str]:
    """A new session of the user, opened from a network, and its secret."""
    ends = clock.now() + timedelta(days=get_settings().session_days)
    return await _issue(user, TokenKind.SESSION, "session", ends, network and _hashed(network))


async def signed_in_from(email: str, network: str) -> bool:
    """Whether somebody signed in with an address from a network before."""
    return await AccessToken.exists(user__email=email, kind=TokenKind.SESSION, network=_hashed(network))


async def create_personal_access_token(user: User, name: str, expires_at: datetime | None) -> tuple[AccessToken, str]:
    """A new personal access token, and its secret, which is not kept.

    Raises:
        InvalidInput: the name is empty, or the end is in the past.
    """
    if expires_at is not None and expires_at <= clock.now():
        raise InvalidInput(
            reason_en="expiresAt must be in the future", reason_zh="expiresAt 必须晚于当前时间", path=("expiresAt",)
        )
    return await _issue(user, TokenKind.PERSONAL, text(name, "name", 200), expires_at)


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
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now())
    return AccessToken.filter(lasting, user_id=user.id, kind=kind, revoked_at=None)


async def end_sessions(user: User, spared: UUID | None = None) -> None:
    """End the user's sessions, but for the one that is spared. Personal access tokens stay."""
    others = AccessToken.filter(user_id=user.id, kind=TokenKind.SESSION, revoked_at=None)
    await (others.exclude(id=spared) if spared else others).update(revoked_at=clock.now())


async def authenticate(secret: str | None) -> Viewer | None:
    """The viewer that a bearer token stands for, or ``None`` when it is unknown, expired or revoked."""
    if not secret:
        return None
    token = await AccessToken.get_or_none(token_hash=digest(secret), revoked_at=None).select_related("user")
    if token is None or (token.expires_at is not None and token.expires_at <= clock.now()) or _is_idle(token):
        return None
    await _note_use(token)
    memberships = await Membership.filter(user_id=token.user_id).values_list("account_id", "role")
    staff = await StaffAssignment.filter(user_id=token.user_id).values_list("role", flat=True)
    return Viewer(
        user=token.user,
        token=token,
        memberships={account: Role(role) for account, role in memberships},
        staff_roles=frozenset(StaffRole(str(role)) for role in staff),
    )


def _is_idle(token: AccessToken) -> bool:
    """Whether a session was not used for so long that it has ended."""
    unused = clock.now() - (token.last_used_at or token.created_at)
    return token.kind == TokenKind.SESSION and unused > timedelta(days=get_settings().session_idle_days)


async def _note_use(token: AccessToken) -> None:
    now = clock.now()
    if token.last_used_at is None or token.last_used_at <= now - USED_EVERY:
        await NOTE_USE.run(token.id, now, now - USED_EVERY)


async def _issue(
    user: User, kind: TokenKind, name: str, expires_at: datetime | None, network: str | None = None
) -> tuple[AccessToken, str]:
    secret = ("ses_" if kind == TokenKind.SESSION else "pat_") + secrets.token_urlsafe(32)
    token = await AccessToken.create(
        user_id=user.id,
        kind=kind,
        name=name,
        token_hash=digest(secret),
        created_at=clock.now(),
        expires_at=expires_at,
        network=network,
    )
    return token, secret


def _hashed(network: str) -> str:
    return hmac.new(get_settings().secret_key, network.encode(), "sha256").hexdigest()


def digest(secret: str) -> bytes:
    """What is kept of a secret that has 256 bits of chance."""
    return hashlib.sha256(secret.encode()).digest()
