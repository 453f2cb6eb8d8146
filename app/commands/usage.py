"""``billing usage``: what deployments reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from app.commands.running import console, with_runtime

if TYPE_CHECKING:
    from app.bootstrap import Runtime

usage = typer.Typer(no_args_is_help=True, help="What deployments reported.")


@usage.command("import")
def usage_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="NDJSON, or CSV if it is named .csv.")],
    account: Annotated[UUID | None, typer.Option(help="Only deployments of the account with this key.")] = None,
) -> None:
    """Add a file of usage (docs/usage.md) straight to the database. After an interruption, start it again."""
    from app.errors import BulkRefused
    from app.usage.importing import import_usage

    async def run(runtime: Runtime) -> None:
        columns = (TextColumn(file.name), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("", total=file.stat().st_size)
            form = "csv" if file.suffix.lower() == ".csv" else "ndjson"
            try:
                added = await import_usage(file, form, account, lambda done: progress.update(task, completed=done))
            except BulkRefused as error:
                for line in error.params["lines"]:
                    console.print(f"[red]line {line.line}:[/] {line.en}", highlight=False)
                console.print("The lines before this piece of the file are added. Mend it and import it again.")
                raise typer.Exit(1) from None
        console.print(f"{added.lines} lines, {added.hours} hours of deployments")

    with_runtime(run)
