"""The second factor of signing in: one-time codes by time (TOTP, RFC 6238), and recovery codes, each good once."""

from __future__ import annotations

import pyotp

from app import clock, secretbox
from app.accounts.models import SecondFactor, SecurityChange, User
from app.accounts.security_notices import tell
from app.codes import digest, new_code
from app.db.sql import statement
from app.errors import InvalidCredentials, InvalidInput, SecondFactorRequired
from app.settings import get_settings

USE_STEP = statement(__file__, "use_step")
USE_RECOVERY = statement(__file__, "use_recovery")
RECOVERY_CODES = 10
STEP_SECONDS = 30


async def begin(user: User) -> tuple[str, str]:
    """A new secret (base32), and its ``otpauth:`` address to be shown as a QR code; it counts once it is confirmed.

    Raises:
        InvalidInput: the user has a second factor.
    """
    kept = await SecondFactor.filter(user_id=user.id).select_for_update().first()
    if kept is not None and kept.confirmed_at is not None:
        raise InvalidInput(
            reason_en="you have a second factor: remove it first",
            reason_zh="已启用第二因素：请先移除",
            operations=("removeSecondFactor",),
        )
    secret = pyotp.random_base32()
    made = kept or SecondFactor(user_id=user.id, recovery=[])
    made.secret_encrypted, made.last_step = secretbox.encrypt(secret.encode()), 0
    await made.save()
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=get_settings().vendor_name)


async def confirm(user: User, code: str) -> list[str]:
    """Let it count, from now on; the recovery codes, which are shown this once.

    Raises:
        InvalidCredentials: none was begun, or the code is wrong.
    """
    await _use(user, code, confirmed=False)
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    await tell(user.id, SecurityChange.SECOND_FACTOR_ADDED)
    await SecondFactor.filter(user_id=user.id).update(
        confirmed_at=clock.now(), recovery=[digest(code) for code in codes]
    )
    return codes


async def remove(user: User, code: str) -> None:
    """Sign in with the password alone again.

    Raises:
        InvalidCredentials: the code is wrong or was used, or there is no second factor.
    """
    await _use(user, code, confirmed=True)
    await forget(user)


async def forget(user: User) -> None:
    """Remove the second factor of a user who lost it."""
    if await SecondFactor.filter(user_id=user.id).delete():
        await tell(user.id, SecurityChange.SECOND_FACTOR_REMOVED)


async def has_one(user: User) -> bool:
    """Whether the user signs in with a second factor."""
    return await SecondFactor.exists(user_id=user.id, confirmed_at__isnull=False)


async def check(user: User, code: str | None) -> bool:
    """Let a user sign in who has no second factor, or gives a code of it, and say whether one was given; in a
    transaction.

    Raises:
        SecondFactorRequired: there is one, and no code.
        InvalidCredentials: the code is wrong or was used.
    """
    if not await has_one(user):
        return False
    if code is None:
        raise SecondFactorRequired(path=("secondFactor",))
    await _use(user, code, confirmed=True)
    return True


async def _use(user: User, code: str, confirmed: bool) -> None:
    """Use a code up: one by time, of this half minute or of one beside it, or a recovery code."""
    kept = await SecondFactor.get_or_none(user_id=user.id, confirmed_at__isnull=not confirmed)
    if kept is not None:
        totp, now = pyotp.TOTP(secretbox.decrypt(kept.secret_encrypted).decode()), int(clock.now().timestamp())
        typed = "".join(code.split())
        for at in (now - STEP_SECONDS, now, now + STEP_SECONDS):
            if typed.isascii() and totp.verify(typed, for_time=at) and await USE_STEP.rows(kept.id, at // STEP_SECONDS):
                return
        if confirmed and await USE_RECOVERY.rows(kept.id, digest(code)):
            return
    raise InvalidCredentials(of="second factor", path=("code",))
