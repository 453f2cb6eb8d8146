"""Inviting members and staff: whoever gets the code may accept, and nobody belongs to anything before that."""

from __future__ import annotations

import math
from datetime import timedelta
from uuid import UUID

from tortoise.queryset import QuerySet

from app import clock
from app.accounts.models import Account, Invitation, Membership, Role, StaffAssignment, StaffRole, User
from app.accounts.queries import lock_account
from app.codes import digest, new_code
from app.db.locking import lock_name
from app.db.sql import statement
from app.errors import InvalidCredentials, InvalidInput, LimitExceeded, NotFound, RateLimited
from app.events.recording import Actor, record
from app.inputs import sign_in_address
from app.settings import get_settings

CLAIM = statement(__file__, "claim_invitation")
ACCEPT_WITHIN = timedelta(days=7)
MOST_OPEN = 100
MAIL_AGAIN = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MOST_MAILS = {"from one to another": 3, "to one": 10, "from one": 60}
"""How many invitations are mailed in an hour: whoever may have them written to anybody, with a name of their choice, is
not to flood somebody's mailbox, or everybody's."""


def open_invitations() -> QuerySet[Invitation]:
    """The invitations that may still be accepted."""
    return Invitation.filter(accepted_at=None, revoked_at=None, expires_at__gt=clock.now())


async def invite(account: Account, email: str, role: Role, actor: Actor) -> tuple[Invitation, str | None]:
    """Invite somebody to a locked account. The code is mailed; without a mail server it is answered, to be handed over.

    An invitation of the same address that is open is replaced by this one.

    Raises:
        InvalidInput: not an e-mail address, or its user is a member already.
        LimitExceeded: 100 invitations are open.
        RateLimited: too many were mailed within an hour, to the address or by who invites.
    """
    address = sign_in_address(email)
    if await Membership.exists(account_id=account.id, user__email=address):
        raise InvalidInput(
            reason_en="the user is a member already: change the role instead",
            reason_zh="该用户已是成员：请改为更改其角色",
            operations=("changeMemberRole",),
            path=("email",),
        )
    others = open_invitations().filter(account_id=account.id)
    if await others.exclude(email=address).count() >= MOST_OPEN:
        raise LimitExceeded(limit=MOST_OPEN, actual=MOST_OPEN + 1, path=("accountId",))
    if get_settings().smtp_url is not None:
        await _refuse_floods(address, actor)
    await others.filter(email=address).update(revoked_at=clock.now(), code=None, mail_at=None)
    made, code = await _invite(address, actor, account_id=account.id, role=role)
    await record(account.id, account.now(), "member.invited", actor, after={"email": address, "role": role})
    return made, code


async def invite_staff(email: str, role: StaffRole, actor: Actor) -> tuple[Invitation, str | None]:
    """Invite somebody to the vendor's staff; see ``invite``.

    Raises:
        InvalidInput: not an e-mail address.
    """
    return await _invite(sign_in_address(email), actor, staff_role=role)


async def revoke_invitation(account: Account, invitation_id: UUID, actor: Actor) -> Invitation:
    """Take an invitation back; taking it back again changes nothing.

    Raises:
        NotFound: the account has no such invitation, or it was accepted.
    """
    invitation = await Invitation.get_or_none(id=invitation_id, account_id=account.id, accepted_at=None)
    if invitation is None:
        raise NotFound(what="invitation", path=("invitationId",))
    if invitation.revoked_at is None:
        invitation.revoked_at, invitation.code, invitation.mail_at = clock.now(), None, None
        await invitation.save()
        about = {"email": invitation.email, "role": invitation.role}
        await record(account.id, account.now(), "member.invitation_revoked", actor, before=about)
    return invitation


async def accept_invitation(user: User, code: str, actor: Actor) -> Membership | StaffRole:
    """Become a member, or staff, by the code of an invitation; in a transaction. A member's role stays as it is.

    Whoever has a code that was mailed reads the mail of the address: it is the user's, if it is the one signed in with.

    Raises:
        InvalidCredentials: the code is wrong, used, taken back or too old.
    """
    found = open_invitations().filter(code=digest(code))
    known = await found.first()
    account = await lock_account(known.account_id) if known and known.account_id else None
    invitation = await found.select_for_update().first()
    if invitation is None:
        raise InvalidCredentials(of="invitation", path=("code",))
    mailed = get_settings().smtp_url is not None
    invitation.accepted_at, invitation.code = clock.now(), None
    await invitation.save()
    if mailed and user.email == invitation.email and user.confirmed_at is None:
        user.confirmed_at = clock.now()
        await user.save(update_fields=["confirmed_at"])
    if account is None or invitation.role is None:
        role = StaffRole(invitation.staff_role)
        await StaffAssignment.get_or_create(user_id=user.id, role=role)
        return role
    membership, created = await Membership.get_or_create(
        account_id=account.id, user_id=user.id, defaults={"role": invitation.role, "created_at": clock.now()}
    )
    if created:
        about = {"email": user.email, "role": membership.role}
        await record(account.id, account.now(), "member.added", actor, after=about)
    return membership


async def claim_invitation() -> tuple[Invitation, str] | None:
    """An invitation to be mailed, and its code, which is kept nowhere; it comes again until ``mail_at`` is cleared."""
    now, code = clock.now(), new_code()
    claimed = await CLAIM.rows(now, now + MAIL_AGAIN, digest(code))
    return (await Invitation.get(id=claimed[0]["id"]).select_related("account"), code) if claimed else None


async def _refuse_floods(address: str, actor: Actor) -> None:
    await lock_name(f"invitations to {address}")
    recent = Invitation.filter(created_at__gt=clock.now() - HOUR).exclude(account_id=None)
    to_one, from_one = recent.filter(email=address), recent.filter(invited_by=actor.label)
    for which, mailed in (
        ("from one to another", to_one.filter(invited_by=actor.label)),
        ("to one", to_one),
        ("from one", from_one),
    ):
        first = await mailed.order_by("-created_at").offset(MOST_MAILS[which] - 1).first()
        if first is not None:
            waits = (first.created_at + HOUR - clock.now()).total_seconds()
            raise RateLimited(retry_after=math.ceil(waits), path=("email",))


async def _invite(
    address: str,
    actor: Actor,
    account_id: UUID | None = None,
    role: Role | None = None,
    staff_role: StaffRole | None = None,
) -> tuple[Invitation, str | None]:
    now, mailed = clock.now(), get_settings().smtp_url is not None
    code = None if mailed else new_code()
    made = await Invitation.create(
        account_id=account_id,
        email=address,
        role=role,
        staff_role=staff_role,
        code=code and digest(code),
        invited_by=actor.label,
        created_at=now,
        expires_at=now + ACCEPT_WITHIN,
        mail_at=now if mailed else None,
    )
    return made, code
