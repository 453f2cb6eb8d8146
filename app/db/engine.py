"""Tortoise's asyncpg backend, with transactions that a lost connection ends for good, and that works behind PgBouncer.

Tortoise's own leaves a transaction that could not begin or be rolled back in force: its task would go on with the dead
connection for ever, and the pool would miss one.

asyncpg prepares a statement in one round trip and executes it in the next. A pooler of transactions may give each to
another server connection, where another's statement is. So behind one no statement has a name, and each is executed in
a transaction, which stays with one connection.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError

from app.db.lost import says_lost
from app.errors import Overloaded

RETRY_AFTER = 5
UNNAMED = {"statement_cache_size": 0}
"""What asyncpg is told so that no statement outlives its transaction, as behind a pooler."""
patience: ContextVar[float | None] = ContextVar("patience", default=None)
"""For how many seconds whoever needs a connection waits for one of the pool; ``None`` for as long as it takes."""


class Pool:
    """asyncpg's pool, whose connections are waited for with ``patience``."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    async def acquire(self) -> Any:
        """A connection.

        Raises:
            Overloaded: none became free in time.
            DBConnectionError: the server does not take a new one.
        """
        seconds = patience.get()
        try:
            return await self._pool.acquire(timeout=seconds)
        except TimeoutError:
            raise Overloaded(retry_after=RETRY_AFTER) from None
        except Exception as error:
            if says_lost(error):
                raise DBConnectionError("no connection to the database") from error
            raise


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
        except Exception as found:
            if says_lost(found):
                raise DBConnectionError("the connection to the database is lost") from found
            raise
        finally:
            if not self.token._used:
                get_connections().reset(self.token)

    async def _end(self) -> None:
        try:
            await self.client._parent._pool.release(self.client._connection)
        finally:
            get_connections().reset(self.token)


class Alone:
    """A connection for one statement, in a transaction of its own."""

    def __init__(self, acquired: Any) -> None:
        self._acquired = acquired

    async def __aenter__(self) -> Any:
        """Acquire, and begin."""
        connection = await self._acquired.__aenter__()
        self._transaction = connection.transaction()
        try:
            await self._transaction.start()
        except BaseException as error:
            await self._acquired.__aexit__(type(error), error, error.__traceback__)
            raise
        return connection

    async def __aexit__(self, *error: Any) -> None:
        """Commit or roll back, and give the connection back."""
        try:
            await self._transaction.__aexit__(*error)
        finally:
            await self._acquired.__aexit__(*error)


class Lossy:
    """Says of a database that is gone that it is, whatever the driver calls it."""

    async def _translate_exceptions(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._translate_exceptions(func, *args, **kwargs)  # type: ignore[misc]
        except Exception as error:
            if says_lost(error):
                raise DBConnectionError("the connection to the database is lost") from error
            raise


class Wrapper(Lossy, TransactionWrapper):
    """The connection of a transaction."""


class Client(Lossy, AsyncpgDBClient):
    """What Tortoise talks to PostgreSQL through."""

    async def create_pool(self, **kwargs: Any) -> Any:
        """The pool of connections."""
        return Pool(await super().create_pool(**kwargs))

    def acquire_connection(self) -> Any:
        """A connection of the pool, for one statement."""
        acquired = super().acquire_connection()
        return Alone(acquired) if UNNAMED.items() <= self.extra.items() else acquired

    def _in_transaction(self) -> TransactionContext:
        return Transaction(Wrapper(self), self._pool_init_lock)


client_class = Client
