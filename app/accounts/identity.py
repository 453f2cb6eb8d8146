"""Who someone is: registration, passwords, bearer tokens, access keys."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app import clock, secretbox
from app.accounts.models import (
    AccessKey,
    AccessToken,
    Account,
    Membership,
    RequestNonce,
    Role,
    StaffAssignment,
    StaffRole,
    TokenKind,
    User,
)
from app.errors import EmailTaken, InvalidCredentials, InvalidInput, NotFound, ReplayedRequest
from app.events.recording import Actor, record
from app.inputs import EMAIL, check_offset, text
from app.settings import get_settings

USED_EVERY = timedelta(hours=1)
USED_SQL = """
UPDATE access_token SET last_used_at = $2 WHERE id = (
    SELECT id FROM access_token WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
    FOR NO KEY UPDATE SKIP LOCKED)
"""
T = TypeVar("T")
_hasher = PasswordHasher()
_hashing = ThreadPoolExecutor(2, thread_name_prefix="password")


@dataclass(frozen=True)
class Viewer:
    """The signed-in user, with what the user may see: the role in each account, and staff roles."""

    user: User
    token: AccessToken
    memberships: dict[UUID, Role] = field(default_factory=dict)
    staff_roles: frozenset[StaffRole] = frozenset()


@dataclass(frozen=True)
class Nonce:
    """The nonce of a signed request, to be accepted once until its signature is too old anyway."""

    access_key_id: UUID
    value: str
    expires_at: datetime


async def register(email: str, password: str, name: str) -> User:
    """Make a user.

    Raises:
        InvalidInput: not an e-mail address, or a password of fewer than 10 or more than 256 characters.
        EmailTaken: somebody registered with this address.
    """
    address = text(email, "email", 254).lower()
    if not EMAIL.fullmatch(address):
        raise InvalidInput(
            reason_en="email must be an e-mail address such as admin@example.com",
            reason_zh="email 必须是邮箱地址,例如 admin@example.com",
            path=("email",),
        )
    check_strength(password, "password")
    if await User.exists(email=address):
        raise EmailTaken(path=("email",))
    called = text(name, "name", 200)
    password_hash = await hash_password(password)
    try:
        return await User.create(email=address, name=called, password_hash=password_hash, created_at=clock.now())
    except IntegrityError:
        raise EmailTaken(path=("email",)) from None


async def sign_in(email: str, password: str) -> User:
    """The user with that address and password; an unknown address takes as long as a wrong password.

    Raises:
        InvalidCredentials: no such address, or not its password.
    """
    user = await User.get_or_none(email=email.strip().lower())
    try:
        await _hashed(lambda: _hasher.verify(user.password_hash if user else _nobody(), password))
    except (VerifyMismatchError, InvalidHashError):
        raise InvalidCredentials(of="password") from None
    if user is None:
        raise InvalidCredentials(of="password")
    return user


def check_strength(password: str, argument: str) -> None:
    """Refuse a password that nobody should have; ``argument`` is what the caller calls it.

    Raises:
        InvalidInput: it has fewer than 10 or more than 256 characters.
    """
    if not 10 <= len(password) <= 256:
        raise InvalidInput(
            reason_en=f"{argument} must have 10 to 256 characters",
            reason_zh=f"{argument} 须为 10 到 256 个字符",
            path=(argument,),
        )


async def hash_password(password: str) -> str:
    """What is kept of a password."""
    return await _hashed(lambda: _hasher.hash(password))


async def open_session(user: User) -> tuple[AccessToken, str]:
    """A new session of the user, and its secret."""
    return await _issue(user, TokenKind.SESSION, "session", clock.now() + timedelta(days=get_settings().session_days))


async def create_personal_access_token(user: User, name: str, expires_at: datetime | None) -> tuple[AccessToken, str]:
    """A new personal access token, and its secret, which is not kept.

    Raises:
        InvalidInput: the name is empty, or the end has no offset or is in the past.
    """
    check_offset(expires_at, "expiresAt", "2027-01-31T09:00:00+08:00")
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
    if token is None or (token.expires_at is not None and token.expires_at <= clock.now()):
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


async def create_access_key(account: Account, label: str, actor: Actor) -> tuple[AccessKey, str]:
    """A new AK/SK pair, and the SK in the clear, which is shown this once.

    Raises:
        InvalidInput: the label is empty or too long.
    """
    sk = secrets.token_urlsafe(32)
    key = await AccessKey.create(
        account_id=account.id,
        ak="AK" + secrets.token_hex(12).upper(),
        sk_encrypted=secretbox.encrypt(sk.encode()),
        label=text(label, "label", 200),
        created_at=clock.now(),
    )
    await record(account.id, account.now(), "access_key.created", actor, after={"ak": key.ak, "label": key.label})
    return key, sk


async def revoke_access_key(account: Account, key_id: UUID, actor: Actor) -> AccessKey:
    """End an AK/SK pair; ending it again changes nothing.

    Raises:
        NotFound: the account has no such key.
    """
    key = await AccessKey.get_or_none(id=key_id, account_id=account.id)
    if key is None:
        raise NotFound(what="access key", path=("id",))
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        await key.save(update_fields=["revoked_at"])
        await record(account.id, account.now(), "access_key.revoked", actor, before={"ak": key.ak})
    return key


async def find_access_key(ak: str) -> AccessKey:
    """The live key with that AK.

    Raises:
        InvalidCredentials: unknown or revoked.
    """
    key = await AccessKey.get_or_none(ak=ak, revoked_at=None)
    if key is None:
        raise InvalidCredentials(path=("ak",))
    return key


async def check_access_key(ak: str, sk: str) -> AccessKey:
    """The live key with that AK and SK, the SK compared in constant time.

    Raises:
        InvalidCredentials: unknown, revoked, or not its SK.
    """
    key = await find_access_key(ak)
    if not secrets.compare_digest(secret_of(key), sk.encode()):
        raise InvalidCredentials(path=("sk",))
    return key


def secret_of(key: AccessKey) -> bytes:
    """The SK in the clear, to check signatures with."""
    return secretbox.decrypt(key.sk_encrypted)


async def remember_nonce(nonce: Nonce) -> None:
    """Note that a signed request was seen, so that it is never accepted again.

    Raises:
        ReplayedRequest: it was seen before.
    """
    (answer,) = await get_connection("default").execute_query_dict(
        "SELECT remember_nonce($1, $2, $3) AS fresh", [nonce.access_key_id, nonce.value, nonce.expires_at]
    )
    if not answer["fresh"]:
        raise ReplayedRequest()


async def forget_nonces() -> None:
    """Forget the nonces whose signatures are too old to be accepted anyway."""
    await RequestNonce.filter(expires_at__lt=clock.now()).delete()


async def _note_use(token: AccessToken) -> None:
    now = clock.now()
    if token.last_used_at is None or token.last_used_at <= now - USED_EVERY:
        await get_connection("default").execute_query(USED_SQL, [token.id, now, now - USED_EVERY])


async def _issue(user: User, kind: TokenKind, name: str, expires_at: datetime | None) -> tuple[AccessToken, str]:
    secret = ("ses_" if kind == TokenKind.SESSION else "pat_") + secrets.token_urlsafe(32)
    token = await AccessToken.create(
        user_id=user.id,
        kind=kind,
        name=name,
        token_hash=digest(secret),
        created_at=clock.now(),
        expires_at=expires_at,
    )
    return token, secret


async def _hashed(work: Callable[[], T]) -> T:
    """What ``work`` answers, in one of a few threads: a hash takes its time and 64 MiB, whoever asks for it."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, work)


@cache
def _nobody() -> str:
    return _hasher.hash("nobody's password")


def digest(secret: str) -> bytes:
    """What is kept of a secret that has 256 bits of chance."""
    return hashlib.sha256(secret.encode()).digest()
