"""Registering: an e-mail address, which a mailed code proves, and a password become a user."""

from __future__ import annotations

from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from app import clock
from app.accounts.models import Registration, User
from app.accounts.passwords import check_strength, hash_password
from app.codes import digest, new_code
from app.db.locking import lock_name
from app.db.sql import statement
from app.errors import EmailTaken, InvalidCredentials
from app.inputs import sign_in_address, text
from app.settings import get_settings

CLAIM = statement(__file__, "claim_registration")
REGISTER_WITHIN = timedelta(hours=1)
MOST_REQUESTS = 3
MAIL_AGAIN = timedelta(minutes=1)


async def request_registration(email: str) -> str:
    """Have the worker mail a code to register with; in a transaction. Beyond three an hour, nothing happens.

    Who registered with the address gets a mail that says so: neither answer nor time gives it away.

    Raises:
        InvalidInput: not an e-mail address.
    """
    address = sign_in_address(email)
    await lock_name(f"registration {address}")
    now = clock.now()
    if await Registration.filter(email=address, expires_at__gt=now).count() < MOST_REQUESTS:
        await Registration.create(email=address, mail_at=now, expires_at=now + REGISTER_WITHIN)
    return address


async def claim_registration() -> tuple[Registration, str] | None:
    """A registration to be mailed about, and its code, which is kept nowhere; it comes again until ``mail_at`` is
    cleared."""
    now, code = clock.now(), new_code()
    claimed = await CLAIM.rows(now, now + MAIL_AGAIN, digest(code))
    return (await Registration.get(id=claimed[0]["id"]), code) if claimed else None


async def register(email: str, password: str, name: str, code: str | None = None) -> User:
    """Make a user; in a transaction. Where mail can be sent, the code that was mailed proves the address.

    Raises:
        InvalidInput: not an e-mail address, or a password of fewer than 10 or more than 256 characters.
        InvalidCredentials: the code is missing, wrong, used or too old, or for another address.
        EmailTaken: somebody registered with this address.
    """
    address = sign_in_address(email)
    check_strength(password, "password")
    called = text(name, "name", 200)
    confirmed_at = await _confirmed(address, code) if get_settings().confirms_addresses else None
    if await User.exists(email=address):
        raise EmailTaken(path=("email",))
    return await make_user(address, password, called, confirmed_at)


async def make_user(address: str, password: str, name: str, confirmed_at: datetime | None) -> User:
    """A user with an address that was checked, and that is the user's if it was confirmed.

    Raises:
        EmailTaken: somebody registered with this address meanwhile.
    """
    kept = await hash_password(password)
    try:
        return await User.create(
            email=address, name=name, password_hash=kept, created_at=clock.now(), confirmed_at=confirmed_at
        )
    except IntegrityError:
        raise EmailTaken(path=("email",)) from None


async def _confirmed(address: str, code: str | None) -> datetime:
    asked = Registration.filter(email=address, expires_at__gt=clock.now())
    if code is None or not await asked.filter(code=digest(code)).exists():
        raise InvalidCredentials(of="registration", path=("code",))
    await asked.delete()
    return clock.now()


async def forget_registrations() -> None:
    """Forget the codes that nobody can register with any more."""
    await Registration.filter(expires_at__lt=clock.now()).delete()
