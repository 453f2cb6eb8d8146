"""How a user signs in: by password, by a provider's identity, by a passkey; the last way in is not taken away."""

from __future__ import annotations

from app.accounts.models import Identity, Passkey, User
from app.db.locking import lock_name
from app.errors import InvalidInput


async def keep_a_way_in(user: User, argument: str) -> None:
    """Look, before the one that ``argument`` names is taken away, that there is another, and let nobody else take that
    meanwhile.

    Raises:
        InvalidInput: it is the only one.
    """
    await lock_name(f"ways in {user.id}")
    others = await Identity.filter(user_id=user.id).count() + await Passkey.filter(user_id=user.id).count()
    if user.password_hash is None and others < 2:
        raise InvalidInput(
            reason_en="it is your only way to sign in: set a password first",
            reason_zh="这是您唯一的登录方式：请先设置密码",
            operations=("requestPasswordReset",),
            path=(argument,),
        )
