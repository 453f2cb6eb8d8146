"""Telling a database that is gone, or does not answer, from a fault of ours."""

from __future__ import annotations

from asyncpg import (
    CannotConnectNowError,
    CrashShutdownError,
    InterfaceError,
    InternalClientError,
    PostgresConnectionError,
    TooManyConnectionsError,
)
from asyncpg.exceptions import AdminShutdownError
from tortoise.exceptions import DBConnectionError

GONE = (
    OSError,
    PostgresConnectionError,
    CannotConnectNowError,
    CrashShutdownError,
    AdminShutdownError,
    TooManyConnectionsError,
    InternalClientError,  # a connection that was lost in the midst of an answer
)


def says_lost(error: BaseException) -> bool:
    """Whether what a driver raises says that the server or the connection to it is gone."""
    return isinstance(error, GONE) or (isinstance(error, InterfaceError) and "closed" in str(error))


def lost(error: BaseException | None) -> bool:
    """Whether the database's being gone is what an exception comes from; it passes, and trying again is right."""
    while error is not None:
        if isinstance(error, DBConnectionError) or (says_lost(error) and not isinstance(error, OSError)):
            return True
        error = error.__cause__ or error.__context__
    return False
