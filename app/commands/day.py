"""``billing day``: billing days."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.commands.running import console, looking, table, with_runtime

if TYPE_CHECKING:
    from app.bootstrap import Runtime

day = typer.Typer(no_args_is_help=True, help="Billing days.")


@day.command("close")
def day_close(
    until: Annotated[
        datetime | None,
        typer.Option("--day", formats=["%Y-%m-%d"], help="Close the days up to this one. By default all that ended."),
    ] = None,
) -> None:
    """Close the billing days that ended: raise one charge for each, and adjust earlier days by late usage.

    Running it twice changes nothing; it may run on several machines at once.
    """
    from app.closing.days import CloseSummary, close_due

    async def close(runtime: Runtime) -> None:
        last: date | None = until.date() if until else None
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("closing", total=None)

            def show(so_far: CloseSummary) -> None:
                progress.update(task, description=f"{so_far.accounts} accounts, {so_far.charges} charges")

            summary = await close_due(until=last, progress=show, closers=runtime.settings.closers)
        console.print(f"{summary.accounts} accounts were due, {summary.charges} charges raised")
        if summary.failed:
            console.print(f"[red]{summary.failed} accounts could not be brought up to date[/]; the log says why")
            raise typer.Exit(1)

    with_runtime(close)


@day.command("status")
def day_status(
    days: Annotated[int, typer.Option(min=1, max=1000, help="How many days back.")] = 14,
    sandboxes: Annotated[bool, typer.Option("--sandboxes", help="Count sandbox accounts, too.")] = False,
) -> None:
    """Show for each day how many accounts are open, closed, late and adjusted, and how many charges are unsettled."""
    from app.closing.day_status import day_status

    async def show(runtime: Runtime) -> None:
        shown = table("day", "open", "closed", "late", "adjusted", "unsettled charges")
        for status in await day_status(days, sandboxes=sandboxes):
            counts = (status.open, status.closed, status.late, status.adjusted, status.unsettled)
            shown.add_row(status.day.isoformat(), *(f"{count:,}" for count in counts))
        console.print(shown)

    looking(show)
