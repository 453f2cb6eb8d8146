"""Locks on an account by its key, which everybody takes before those on what hangs on it; and locks on a name.

| taken by | mode | waits for |
| --- | --- | --- |
| usage that comes in | ``FOR KEY SHARE`` | ``FOR UPDATE`` |
| any change of the account | ``FOR NO KEY UPDATE`` | other changes, and ``FOR UPDATE`` |
| closing its days | ``FOR UPDATE`` | all of these |
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.exceptions import DBConnectionError
from tortoise.transactions import in_transaction

from app.logs import about

log = logging.getLogger(__name__)


async def lock_accounts(account_ids: Iterable[UUID]) -> None:
    """Lock accounts for the rest of the transaction, in one order, before rows that hang on them are locked."""
    await get_connection("default").execute_query("SELECT lock_accounts($1)", [list(account_ids)])


async def lock_out_usage(account_id: UUID) -> None:
    """Lock an account so that no usage comes in for the rest of the transaction, after what is on its way came in."""
    await get_connection("default").execute_query("SELECT lock_out_usage($1)", [[account_id]])


async def hold_for_usage(account_ids: Iterable[UUID]) -> None:
    """Let no day of these accounts close for the rest of the transaction, while their usage comes in."""
    await get_connection("default").execute_query("SELECT hold_for_usage($1)", [list(account_ids)])


async def lock_name(name: str) -> None:
    """Lock a name for the rest of the transaction: whoever asks for it meanwhile waits."""
    await get_connection("default").execute_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [name])


@asynccontextmanager
async def own_transaction(account_id: UUID) -> AsyncIterator[None]:
    """One account's part of a round over many, in a transaction of its own.

    What is wrong with the account is logged and undone, and keeps the round from no other; a lost database passes.
    """
    with about(account=str(account_id)):
        try:
            async with in_transaction():
                yield
        except DBConnectionError:
            raise
        except Exception:
            log.exception("account %s is left for the next round", account_id)
