"""Tortoise's asyncpg backend, with transactions that a lost connection ends for good.

Tortoise's own leaves a transaction that could not begin or be rolled back in force: its task would go on with the dead
connection for ever, and the pool would miss one.
"""

from __future__ import annotations

from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections


class Transaction(TransactionContextPooled):
    """A transaction on a connection of the pool."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        """Begin.

        Raises:
            Exception: it could not begin; its connection is back in the pool, and the task is in no transaction.
        """
        try:
            return await super().__aenter__()
        except BaseException:
            if hasattr(self, "token"):
                await self._end()
            raise

    async def __aexit__(self, *error: Any) -> None:
        """Commit or roll back; whatever comes of it, the task is in no transaction afterwards."""
        try:
            await super().__aexit__(*error)
        finally:
            if not self.token._used:
                get_connections().reset(self.token)

    async def _end(self) -> None:
        try:
            await self.client._parent._pool.release(self.client._connection)
        finally:
            get_connections().reset(self.token)


class Client(AsyncpgDBClient):
    """What Tortoise talks to PostgreSQL through."""

    def _in_transaction(self) -> TransactionContext:
        return Transaction(TransactionWrapper(self), self._pool_init_lock)


client_class = Client
