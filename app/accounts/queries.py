"""Looking up accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from app.accounts.models import Account, Membership, Role, User
from app.db.lookup import find
from app.db.sql import statement
from app.db.together import together
from app.errors import InvalidInput, NotFound
from app.inputs import sign_in_address, text

BY_KEY = statement(__file__, "by_key")


async def lock_account(account_id: UUID) -> Account:
    """The account, locked for the rest of the transaction: two changes of one account never interleave.

    Raises:
        NotFound: there is no such account.
    """
    account = await Account.filter(id=account_id).select_for_update(no_key=True).first()
    if account is None:
        raise NotFound(what="account")
    return account


@together
async def account_with_key(keys: Sequence[UUID]) -> dict[UUID, Account]:
    """The account with a key."""
    return {account.id: account for account in await BY_KEY.objects(Account, keys)}


async def of_lane(account_ids: Iterable[UUID], sandboxes: bool | None) -> list[UUID]:
    """Of these accounts, in order, the sandbox accounts, or, if ``sandboxes`` is false, the others, or all of them."""
    wanted = sorted(account_ids)
    if sandboxes is None or not wanted:
        return wanted
    found = Account.filter(id__in=wanted, sandbox=sandboxes).order_by("id")
    return await found.values_list("id", flat=True)  # type: ignore[return-value]


async def find_user(email: str) -> User | None:
    """Who registered with an e-mail address, however it is written."""
    try:
        return await find(User, {"email": sign_in_address(email)})
    except InvalidInput:
        return None


def find_accounts(search: str, key: UUID | None) -> QuerySet[Account]:
    """The account with that key, and those whose name or an owner's e-mail address contains ``search`` in any case.

    Raises:
        InvalidInput: there is nothing to search for, or more than 254 characters of it.
    """
    wanted = text(search, "search", 254)
    owners = Membership.filter(role=Role.OWNER, user__email__icontains=wanted)
    found = Q(name__icontains=wanted) | Q(id__in=Subquery(owners.values("account_id")))
    return Account.filter(found | Q(id=key) if key else found)
