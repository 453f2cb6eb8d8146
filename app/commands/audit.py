"""``billing audit``: who did what, and whether the log is as it was written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.running import console, looking, stop

if TYPE_CHECKING:
    from app.bootstrap import Runtime

audit = typer.Typer(no_args_is_help=True, help="The audit log: who did what.")


@audit.command("verify")
def verify(
    head: Annotated[
        str | None, typer.Option(help="A seal's hash that you kept elsewhere: it must be in the chain.")
    ] = None,
) -> None:
    """Compute the chain of hashes anew, and name each difference. Keep the newest seal's hash elsewhere."""

    async def work(runtime: Runtime) -> None:
        from app.audit.sealing import verify

        found = await verify(head)
        for line in found.wrong:
            console.print(line, highlight=False)
        console.print(f"{found.entries} entries under {found.seals} seals, the newest {found.head}", highlight=False)
        if found.wrong:
            stop("the audit log is not as it was written")

    looking(work)


@audit.command("export")
def export() -> None:
    """Write every entry as a line of JSON to standard output, the oldest first."""

    async def work(runtime: Runtime) -> None:
        from app.audit.sealing import exported

        async for line in exported():
            sys.stdout.buffer.write(line + b"\n")

    looking(work)
