"""Opening an account, and who belongs to it."""

from __future__ import annotations

from uuid import UUID

from app import clock
from app.accounts.models import Account, Membership, Role, User
from app.errors import LastOwner, NotFound, SandboxLimit, SandboxOff
from app.events.recording import Actor, record
from app.inputs import text
from app.settings import get_settings


async def create_account(owner: User, name: str, sandbox: bool, actor: Actor, argument: str = "name") -> Account:
    """Open an account in the community edition, owned by ``owner``; ``argument`` is what the caller calls the name.

    Raises:
        InvalidInput: the name is empty or longer than 200 characters.
        SandboxOff, SandboxLimit: a sandbox account is refused by the settings, or the owner has enough of them.
    """
    if sandbox:
        await _allow_sandbox(owner)
    account = await Account.create(name=text(name, argument, 200), sandbox=sandbox, created_at=clock.now())
    await Membership.create(account=account, user=owner, role=Role.OWNER, created_at=clock.now())
    await record(
        account.id, account.now(), "account.created", actor, after={"edition": account.edition, "sandbox": sandbox}
    )
    return account


async def _allow_sandbox(owner: User) -> None:
    """Raise unless the user may have another sandbox account; the user is locked, lest two be opened at once."""
    settings = get_settings()
    if not settings.sandbox:
        raise SandboxOff(path=("sandbox",))
    await User.filter(id=owner.id).select_for_update().first()
    if await Membership.filter(user_id=owner.id, role=Role.OWNER, account__sandbox=True).count() >= (
        settings.sandboxes_per_user
    ):
        raise SandboxLimit(limit=settings.sandboxes_per_user, path=("sandbox",))


async def change_member_role(account: Account, membership_id: UUID, role: Role, actor: Actor) -> Membership:
    """Change a member's role.

    Raises:
        NotFound: no such member in this account.
        LastOwner: the account would be left without an owner.
    """
    membership = await _membership(account, membership_id)
    if membership.role == Role.OWNER and role != Role.OWNER:
        await _keep_an_owner(account)
    before, membership.role = membership.role, role
    await membership.save(update_fields=["role"])
    about = {"email": membership.user.email, "role": before}
    await record(account.id, account.now(), "member.role_changed", actor, before=about, after={"role": role})
    return membership


async def remove_member(account: Account, membership_id: UUID, actor: Actor) -> None:
    """Take a member out of the account.

    Raises:
        NotFound: no such member in this account.
        LastOwner: the account would be left without an owner.
    """
    membership = await _membership(account, membership_id)
    if membership.role == Role.OWNER:
        await _keep_an_owner(account)
    await membership.delete()
    about = {"email": membership.user.email, "role": membership.role}
    await record(account.id, account.now(), "member.removed", actor, before=about)


async def leave(account: Account, user: User, actor: Actor) -> None:
    """Take oneself out of the account.

    Raises:
        NotFound: the user is not a member.
        LastOwner: the account would be left without an owner.
    """
    membership = await Membership.get_or_none(user_id=user.id, account_id=account.id)
    if membership is None:
        raise NotFound(what="account", path=("accountId",))
    await remove_member(account, membership.id, actor)


async def _membership(account: Account, membership_id: UUID) -> Membership:
    membership = await Membership.get_or_none(id=membership_id, account_id=account.id).select_related("user")
    if membership is None:
        raise NotFound(what="membership", path=("membershipId",))
    return membership


async def _keep_an_owner(account: Account) -> None:
    if await Membership.filter(account_id=account.id, role=Role.OWNER).count() < 2:
        raise LastOwner()
