"""Setting another password."""

from __future__ import annotations

from tortoise.transactions import in_transaction

from app.accounts.identity import Viewer, check_strength, end_sessions, hash_password, sign_in
from app.accounts.models import User
from app.errors import InvalidCredentials


async def change_password(viewer: Viewer, current: str, new: str) -> User:
    """Set another password, and end the user's other sessions; personal access tokens stay.

    Raises:
        InvalidCredentials: ``current`` is not the user's password.
        InvalidInput: the new one has fewer than 10 or more than 256 characters.
    """
    check_strength(new, "newPassword")
    try:
        user = await sign_in(viewer.user.email, current)
    except InvalidCredentials:
        raise InvalidCredentials(of="password", path=("currentPassword",)) from None
    user.password_hash = await hash_password(new)
    async with in_transaction():
        await user.save(update_fields=["password_hash"])
        await end_sessions(user, spared=viewer.token.id)
    return user
