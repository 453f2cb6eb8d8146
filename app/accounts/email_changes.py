"""Another e-mail address for a user, who reads the mail of both: a code goes to each, and both are given together."""

from __future__ import annotations

from datetime import timedelta
from hmac import compare_digest
from uuid import UUID

from tortoise.exceptions import IntegrityError

from app import clock
from app.accounts.models import EmailChange, Membership, PasswordReset, User
from app.accounts.queries import lock_account
from app.codes import digest, new_code
from app.db.locking import lock_name
from app.db.sql import statement
from app.errors import EmailTaken, InvalidCredentials, InvalidInput, RateLimited
from app.events.recording import Actor, record
from app.inputs import sign_in_address

CLAIM = statement(__file__, "claim_email_change")
TRY = statement(__file__, "try_email_change")
CHANGE_WITHIN = timedelta(minutes=30)
MOST_REQUESTS = 3
MOST_TRIES = 5
MOST_TO_ONE = 10
"""How many users at once may have codes mailed to one address."""
MAIL_AGAIN = timedelta(minutes=1)


async def request_email_change(user: User, email: str) -> str:
    """Have the worker mail a code to the user's address and one to another; in a transaction. What was asked for
    before is void. Whether somebody registered with the other one is told to whoever reads its mail alone.

    Raises:
        InvalidInput: it is no address, or the user's own, or three changes were asked for within half an hour.
        RateLimited: within it, ten were asked for to that address.
    """
    address = sign_in_address(email)
    if address == user.email:
        raise InvalidInput(reason_en="it is your address already", reason_zh="该邮箱已是您的登录邮箱", path=("email",))
    await lock_name(f"email change {user.id}")
    await lock_name(f"email change to {address}")
    now = clock.now()
    if await EmailChange.filter(email=address, former=None, expires_at__gt=now).count() >= MOST_TO_ONE:
        raise RateLimited(retry_after=int(CHANGE_WITHIN.total_seconds()), path=("email",))
    asked = EmailChange.filter(user_id=user.id, former=None, expires_at__gt=now)
    if await asked.count() >= MOST_REQUESTS:
        minutes = int(CHANGE_WITHIN.total_seconds() // 60)
        raise InvalidInput(
            reason_en=f"a change was asked for {MOST_REQUESTS} times: wait for {minutes} minutes",
            reason_zh=f"已申请 {MOST_REQUESTS} 次：请 {minutes} 分钟后再试",
            path=("email",),
        )
    await asked.update(old_code=None, new_code=None, mail_at=None)
    await EmailChange.create(user_id=user.id, email=address, mail_at=now, expires_at=now + CHANGE_WITHIN)
    return address


async def claim_email_change() -> tuple[EmailChange, str, str] | None:
    """A change that is to be mailed about, and the codes for the old and the new address, which are kept nowhere; it
    comes again until ``mail_at`` is cleared."""
    now, old, new = clock.now(), new_code(), new_code()
    claimed = await CLAIM.rows(now, now + MAIL_AGAIN, digest(old), digest(new))
    if not claimed:
        return None
    return await EmailChange.get(id=claimed[0]["id"]).select_related("user"), old, new


async def try_codes(user: User, old_code: str, new_code: str) -> UUID:
    """The change that both codes are for. A try counts, whatever comes of it: to be called without a transaction.

    Raises:
        InvalidCredentials: one of them is wrong, used or too old, or five tries were made.
    """
    for row in await TRY.rows(user.id, clock.now(), MOST_TRIES):
        for given, kept, argument in (
            (old_code, row["old_code"], "oldCode"),
            (new_code, row["new_code"], "newCode"),
        ):
            if not compare_digest(digest(given), kept):
                raise InvalidCredentials(of="email change", path=(argument,))
        return UUID(str(row["id"]))
    raise InvalidCredentials(of="email change", path=("oldCode",))


async def change_email(user: User, change_id: UUID, actor: Actor) -> User:
    """Give the user the address that was proved, once; in a transaction. Sessions and tokens stay.

    The members of the user's accounts are told, and the old address.

    Raises:
        InvalidCredentials: it was changed meanwhile, or another change was asked for.
        EmailTaken: somebody registered with it meanwhile.
    """
    change = await EmailChange.filter(id=change_id, old_code__isnull=False).select_for_update().first()
    if change is None:
        raise InvalidCredentials(of="email change", path=("oldCode",))
    user = await User.filter(id=user.id).select_for_update().get()
    former, user.email, user.confirmed_at = user.email, change.email, clock.now()
    if await User.exists(email=change.email):
        raise EmailTaken()
    try:
        await user.save(update_fields=["email", "confirmed_at"])
    except IntegrityError:
        raise EmailTaken() from None
    change.former, change.old_code, change.new_code = former, None, None
    change.changed_at = change.mail_at = clock.now()
    await change.save()
    await PasswordReset.filter(email__in=(former, user.email)).update(token_hash=None, mail_at=None)
    for account_id in sorted(await Membership.filter(user_id=user.id).values_list("account_id", flat=True)):
        account = await lock_account(account_id)  # type: ignore[arg-type]
        about = {"before": {"email": former}, "after": {"email": user.email}}
        await record(account.id, account.now(), "member.email_changed", actor, **about)  # type: ignore[arg-type]
    return user


async def forget_email_changes() -> None:
    """Forget what cannot be confirmed any more. What was changed stays: whoever is erased is so by each address."""
    await EmailChange.filter(expires_at__lt=clock.now(), former=None).delete()
