"""Registering: an e-mail address and a password become a user."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError

from app import clock, inputs
from app.accounts.models import User
from app.accounts.passwords import check_strength, hash_password
from app.errors import EmailTaken
from app.inputs import text


async def register(email: str, password: str, name: str) -> User:
    """Make a user.

    Raises:
        InvalidInput: not an e-mail address, or a password of fewer than 10 or more than 256 characters.
        EmailTaken: somebody registered with this address.
    """
    address = inputs.email(email, ("email",)).lower()
    check_strength(password, "password")
    if await User.exists(email=address):
        raise EmailTaken(path=("email",))
    called = text(name, "name", 200)
    password_hash = await hash_password(password)
    try:
        return await User.create(email=address, name=called, password_hash=password_hash, created_at=clock.now())
    except IntegrityError:
        raise EmailTaken(path=("email",)) from None
