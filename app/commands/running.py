"""Running a command's work in a process connected to its database."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from app import logs
from app.errors import BillingError

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


def with_runtime(work: Callable[[Runtime], Awaitable[Any]], prepare: bool = True) -> None:
    """Do ``work`` with the database connected and the channels started; ``prepare`` migrates and seeds first.

    Raises:
        typer.Exit: the rules refused it, which is said.
    """
    from app.bootstrap import running
    from app.settings import get_settings

    if not logging.getLogger().handlers:
        logs.configure(get_settings().log_format, "WARNING")

    async def run() -> None:
        logs.tell_of_stray_errors(asyncio.get_running_loop())
        async with running(get_settings(), prepare=prepare) as runtime:
            if prepare:
                await _note_command()
            await work(runtime)

    try:
        asyncio.run(run())
    except BillingError as refused:
        stop(str(refused))


async def _note_command() -> None:
    """Write down, in the audit log, that a command that may change something was given."""
    from app.audit.recording import Deed, note
    from app.events.recording import Actor

    who = os.environ.get("SUDO_USER", "")
    if not who:
        with contextlib.suppress(KeyError, OSError):
            who = getpass.getuser()
    said = " ".join(sys.argv[1:])[:500]
    await note(Deed(Actor("COMMAND", who or "unknown"), f"billing {said}"[:100], details={"command": said}))


def stop(message: str, code: int = 1) -> NoReturn:
    """Say what is wrong, and end with an exit code.

    Raises:
        typer.Exit: always.
    """
    console.print(f"[red]refused:[/] {escape(message)}", highlight=False)
    raise typer.Exit(code) from None
