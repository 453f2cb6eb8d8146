"""Passwords: kept as hashes, checked, and set anew by who knows the present one, or reads the mail of the address."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import AccessToken, Identity, Passkey, PasswordReset, SecondFactor, SecurityChange, User
from app.accounts.queries import find_user
from app.accounts.security_notices import tell
from app.accounts.tokens import Viewer, digest, end_sessions
from app.db.locking import lock_name
from app.db.sql import statement
from app.errors import InvalidCredentials, InvalidInput
from app.inputs import sign_in_address

CLAIM_RESET = statement(__file__, "claim_reset")
_hasher = PasswordHasher()
_hashing = ThreadPoolExecutor(2, thread_name_prefix="password")
T = TypeVar("T")


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
    return await _hashed(lambda: _hasher.hash(_composed(password)))


async def sign_in(email: str, password: str) -> User:
    """The user with that address and password; an unknown address, and a user without a password, takes as long as a
    wrong password.

    Raises:
        InvalidCredentials: no such address, or not its password.
    """
    user = await find_user(email)
    kept = user.password_hash if user else None
    try:
        await _hashed(lambda: _hasher.verify(kept or _nobody(), _composed(password)))
    except (VerifyMismatchError, InvalidHashError):
        raise InvalidCredentials(of="password") from None
    if user is None or kept is None:
        raise InvalidCredentials(of="password")
    return user


async def check_own(viewer: Viewer, password: str, argument: str) -> User:
    """The viewer, who gave the password as this argument.

    Raises:
        InvalidCredentials: it is not the viewer's.
    """
    try:
        return await sign_in(viewer.user.email, password)
    except InvalidCredentials:
        raise InvalidCredentials(of="password", path=(argument,)) from None


async def _hashed(work: Callable[[], T]) -> T:
    """What ``work`` answers, in one of a few threads: a hash takes its time and 64 MiB, whoever asks for it."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, work)


def _composed(password: str) -> str:
    """A password however its accents are typed: in NFC, as RFC 8265 asks."""
    return unicodedata.normalize("NFC", password)


@cache
def _nobody() -> str:
    return _hasher.hash("nobody's password")


RESET_WITHIN = timedelta(hours=1)
MOST_RESETS = 3
MAIL_AGAIN = timedelta(minutes=1)


async def change_password(viewer: Viewer, current: str, new: str) -> User:
    """Set another password, and end the user's other sessions; personal access tokens stay.

    Raises:
        InvalidCredentials: ``current`` is not the user's password.
        InvalidInput: the new one has fewer than 10 or more than 256 characters.
    """
    check_strength(new, "newPassword")
    user = await check_own(viewer, current, "currentPassword")
    user.password_hash = await hash_password(new)
    async with in_transaction():
        await user.save(update_fields=["password_hash"])
        await end_sessions(user, spared=viewer.token.id)
        await tell(user.id, SecurityChange.PASSWORD_SET)
    return user


async def request_reset(email: str) -> None:
    """Have the worker mail a token for another password; in a transaction.

    An address that nobody registered with is noted, too, so that neither answer nor time gives it away. Beyond three
    requests in an hour for an address, nothing happens.

    Raises:
        InvalidInput: not an e-mail address.
    """
    address = sign_in_address(email)
    await lock_name(f"password reset {address}")
    now = clock.now()
    if await PasswordReset.filter(email=address, expires_at__gt=now).count() < MOST_RESETS:
        await PasswordReset.create(email=address, mail_at=now, expires_at=now + RESET_WITHIN)


async def claim_reset() -> tuple[PasswordReset, str] | None:
    """A reset to be mailed, and its token, which is kept nowhere; it comes again until ``mail_at`` is cleared."""
    now, token = clock.now(), "rst_" + secrets.token_urlsafe(32)
    claimed = await CLAIM_RESET.rows(now, now + MAIL_AGAIN, digest(token))
    return (await PasswordReset.get(id=claimed[0]["id"]), token) if claimed else None


async def reset_password(token: str, new: str) -> User:
    """Set another password with a token that was mailed, once and within an hour, and end all sessions of the user.

    Personal access tokens stay, but where the address was not confirmed: whoever made them then may have been anybody,
    and what else that person set up to sign in with goes, too. From now on it is.

    Raises:
        InvalidCredentials: the token is unknown, used or too old.
        InvalidInput: the password has fewer than 10 or more than 256 characters.
    """
    check_strength(new, "newPassword")
    live = PasswordReset.filter(token_hash=digest(token), expires_at__gt=clock.now())
    asked = await live.first()
    if asked is None:
        raise InvalidCredentials(of="reset", path=("code",))
    password_hash = await hash_password(new)
    async with in_transaction():
        user = await User.filter(email=asked.email).select_for_update().first()
        if user is None or not await live.update(token_hash=None):
            raise InvalidCredentials(of="reset", path=("code",))
        await PasswordReset.filter(email=asked.email).update(token_hash=None, mail_at=None)
        if user.confirmed_at is None:
            await AccessToken.filter(user_id=user.id, revoked_at=None).update(revoked_at=clock.now())
            await Identity.filter(user_id=user.id).delete()
            await Passkey.filter(user_id=user.id).delete()
            await SecondFactor.filter(user_id=user.id).delete()
        user.password_hash, user.confirmed_at = password_hash, user.confirmed_at or clock.now()
        await user.save(update_fields=["password_hash", "confirmed_at"])
        await end_sessions(user)
        await tell(user.id, SecurityChange.PASSWORD_SET)
    return user


async def forget_resets() -> None:
    """Forget what nobody can reset a password with any more."""
    await PasswordReset.filter(expires_at__lt=clock.now()).delete()
