"""``billing report``: what finance asks of all accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from app.commands.running import console, looking, table

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.bootstrap import Runtime
    from app.statements.tables import Row

report = typer.Typer(no_args_is_help=True, help="Reports over all accounts: tables, or CSV.")

MonthOf = Annotated[str | None, typer.Option(help="The month, as 2026-03; by default the present one (UTC).")]
Sandboxes = Annotated[bool, typer.Option("--sandboxes", help="Also what is of sandbox accounts.")]
Csv = Annotated[bool, typer.Option("--csv", help="As CSV, on standard output.")]


@report.command("revenue")
def revenue(month: MonthOf = None, sandboxes: Sandboxes = False, csv: Csv = False) -> None:
    """A month's revenue by edition, customer, channel and currency."""
    _show("revenue", csv, month=month, sandboxes=sandboxes)


@report.command("arrears")
def arrears(sandboxes: Sandboxes = False, csv: Csv = False) -> None:
    """The accounts that are suspended or in arrears, and what they owe."""
    _show("arrears", csv, sandboxes=sandboxes)


@report.command("contracts-ending")
def contracts_ending(
    within: Annotated[int, typer.Option(help="In how many days at the most.")] = 60,
    sandboxes: Sandboxes = False,
    csv: Csv = False,
) -> None:
    """The contracts that end soon, and whether another one follows."""
    _show("contracts-ending", csv, within=within, sandboxes=sandboxes)


@report.command("deferred")
def deferred(month: MonthOf = None, sandboxes: Sandboxes = False, csv: Csv = False) -> None:
    """What contracts charged ahead, earned in a month, and are still to earn at its end."""
    _show("deferred", csv, month=month, sandboxes=sandboxes)


@report.command("charges")
def charges(month: MonthOf = None, sandboxes: Sandboxes = False) -> None:
    """A month's charges of all accounts, as their statements have them, as CSV."""
    _export("charges", month, sandboxes)


@report.command("focus")
def focus(month: MonthOf = None, sandboxes: Sandboxes = False) -> None:
    """A month's statements of all accounts in FOCUS 1.0, as CSV."""
    _export("focus", month, sandboxes)


def _export(name: str, month: str | None, sandboxes: bool) -> None:
    async def show(runtime: Runtime) -> None:
        from app.statements.exports import EXPORTS
        from app.statements.reports import Asked

        await _print(EXPORTS[name](Asked(month, sandboxes=sandboxes)))

    looking(show)


async def _print(rows: AsyncIterator[Row]) -> None:
    from app.statements.tables import as_csv

    async for piece in as_csv(rows):
        typer.echo(piece, nl=False)


def _show(name: str, csv: bool, month: str | None = None, within: int = 60, sandboxes: bool = False) -> None:
    async def show(runtime: Runtime) -> None:
        from app.statements.reports import REPORTS, Asked, as_table

        asked = REPORTS[name]
        rows = await asked.rows(runtime.host, Asked(month, within, sandboxes))
        if csv:
            await _print(as_table(asked, rows))
            return
        shown = table(*asked.row.columns())
        for row in rows:
            shown.add_row(*(escape(str(value)) for value in row.values()))
        console.print(shown)

    looking(show)
