"""Running a command's work in a process connected to its database."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from app import logs
from app.errors import BillingError, CannotStart

if TYPE_CHECKING:
    from app.bootstrap import Runtime

NEVER_TOO_WIDE = 100_000
console = Console(width=None if sys.stdout.isatty() else NEVER_TOO_WIDE)


def table(*columns: Column | str) -> Table:
    """A table that breaks what is too long for the terminal, rather than cut it off."""
    made = Table(*columns)
    for column in made.columns:
        column.overflow = "ellipsis" if column.no_wrap else "fold"
    return made


def with_runtime(work: Callable[[Runtime], Awaitable[Any]], shown: Sequence[str] = ()) -> None:
    """Do ``work`` with the database migrated and seeded, and the channels started. ``shown`` is what the audit log has
    of the command line, if not all of it.

    Raises:
        typer.Exit: the rules refused it, which is said.
    """
    from app.bootstrap import running
    from app.settings import get_settings

    async def run() -> None:
        async with running(get_settings()) as runtime:
            await _note_command(shown or sys.argv[1:])
            await work(runtime)

    _run(run)


def looking(work: Callable[[Runtime], Awaitable[Any]], migrated: bool = True) -> None:
    """Do ``work`` that only looks, in one transaction that cannot write, on a database that is there; which one is said
    on standard error. Nothing is made or migrated. ``migrated``: it needs a database without migrations to come.

    Raises:
        CannotStart: there is no database, or it has to be migrated first.
        typer.Exit: the rules refused it, which is said.
    """
    from tortoise.transactions import in_transaction

    from app.bootstrap import running
    from app.db.connection import pending_migrations, shown
    from app.settings import get_settings

    async def run() -> None:
        settings = get_settings()
        settings.keep_no_secret()
        Console(stderr=True).print(f"database: {shown(settings)}", markup=False, highlight=False, soft_wrap=True)
        async with running(settings, prepare=False) as runtime:
            if migrated and (waiting := await pending_migrations(runtime.config)):
                raise CannotStart(f"the database waits for {len(waiting)} migrations: billing db migrate")
            async with in_transaction() as connection:
                await connection.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                await work(runtime)

    _run(run)


def _run(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    from app.settings import get_settings

    if not logging.getLogger().handlers:
        logs.configure(get_settings().log_format, "WARNING")

    async def watched() -> None:
        logs.tell_of_stray_errors(asyncio.get_running_loop())
        await run()

    try:
        asyncio.run(watched())
    except BillingError as refused:
        stop(str(refused))


async def _note_command(words: Sequence[str]) -> None:
    """Write down, in the audit log, that a command that may change something was given."""
    from app.audit.recording import Deed, note
    from app.events.models import ActorKind
    from app.events.recording import Actor

    who = os.environ.get("SUDO_USER", "")
    if not who:
        with contextlib.suppress(KeyError, OSError):
            who = getpass.getuser()
    said = " ".join(words)[:500]
    await note(Deed(Actor(ActorKind.COMMAND, who or "unknown"), f"billing {said}"[:100], details={"command": said}))


def stop(message: str, code: int = 1) -> NoReturn:
    """Say what is wrong, and end with an exit code.

    Raises:
        typer.Exit: always.
    """
    console.print(f"[red]refused:[/] {escape(message)}", highlight=False)
    raise typer.Exit(code) from None
