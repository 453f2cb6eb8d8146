"""Rounds over many accounts."""

from __future__ import annotations

import pytest
from tortoise.exceptions import DBConnectionError

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.db.locking import own_transaction


async def rename(name: str, fault: Exception | None = None) -> None:
    """A round that renames every account, where ``fault`` happens to the first."""
    for known in await Account.all().order_by("id"):
        async with own_transaction(known.id):
            account = await lock_account(known.id)
            account.name = name
            await account.save()
            if fault is not None and known.name == "first":
                raise fault


@pytest.fixture(autouse=True)
async def two_accounts(database: str) -> None:
    """The accounts of the round."""
    for name in ("first", "second"):
        await Account.create(name=name, created_at=clock.now())


async def test_what_is_wrong_with_one_account_is_undone_and_keeps_the_round_from_no_other() -> None:
    await rename("renamed", ValueError("wrong"))
    assert [account.name for account in await Account.all().order_by("id")] == ["first", "renamed"]


async def test_a_lost_database_ends_the_round() -> None:
    with pytest.raises(DBConnectionError):
        await rename("renamed", DBConnectionError("gone"))
    assert [account.name for account in await Account.all().order_by("id")] == ["first", "second"]
