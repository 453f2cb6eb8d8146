"""``billing``: the command line of the billing center."""

from __future__ import annotations

import contextlib
import logging
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from app.commands.launcher import launcher
from app.commands.license import license
from app.commands.running import console, with_runtime
from app.commands.simulate import simulate
from app.errors import CannotStart
from app.settings import get_settings

if TYPE_CHECKING:
    from app.bootstrap import Runtime

app = typer.Typer(no_args_is_help=True, help="The billing center: GraphQL API, worker and maintenance.")
db = typer.Typer(no_args_is_help=True, help="The database: migrate it, check it.")
schema = typer.Typer(no_args_is_help=True, help="The API's contract.")
channels = typer.Typer(no_args_is_help=True, help="Settlement channels and their plugins.")
day = typer.Typer(no_args_is_help=True, help="Billing days.")
ledger = typer.Typer(no_args_is_help=True, help="The journal of everything owed and paid.")
usage = typer.Typer(no_args_is_help=True, help="What deployments reported.")
statements = typer.Typer(no_args_is_help=True, help="Monthly statements.")
GROUPS = {
    "usage": usage,
    "statements": statements,
    "db": db,
    "schema": schema,
    "channels": channels,
    "day": day,
    "ledger": ledger,
    "license": license,
    "launcher": launcher,
}
launcher.command("simulate")(simulate)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (BILLING_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (BILLING_PORT).")] = None,
    worker: Annotated[
        bool | None,
        typer.Option(help="Run the worker beside the server. By default it does so with the embedded database."),
    ] = None,
    demo: Annotated[
        bool | None,
        typer.Option(help="Make demo users and print their tokens. By default with the embedded database."),
    ] = None,
) -> None:
    """Start PostgreSQL if need be, migrate, seed, and serve the GraphQL API and GraphiQL.

    With the embedded database (no DATABASE_URL) the worker runs beside the server and demo tokens are printed; with a
    server of your own, start `billing worker` separately, as many as you like.
    """
    from app.main import serve_forever

    settings = get_settings()
    settings.host = host or settings.host
    settings.port = port or settings.port
    local = settings.database_url is None
    serve_forever(settings, worker=local if worker is None else worker, demo=local if demo is None else demo)


@app.command()
def worker(once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")] = False) -> None:
    """Close days, end free periods and settle charges, until stopped. Any number of workers may run at once."""
    from app.worker import run_forever, run_once

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    if once:
        with_runtime(lambda runtime: run_once(runtime.settings, runtime.host))
        return
    console.print("worker running; stop it with Ctrl-C")
    with contextlib.suppress(KeyboardInterrupt):
        with_runtime(lambda runtime: run_forever(runtime.settings, runtime.host))


@db.command("migrate")
def db_migrate() -> None:
    """Bring every table, the channels' own included, to the newest migration, and add the seed data."""

    async def nothing(runtime: Runtime) -> None:
        console.print("the database is up to date")

    with_runtime(nothing)


@db.command("check")
def db_check() -> None:
    """Say whether the database answers, which PostgreSQL it is, and whether migrations are waiting."""
    from tortoise.connection import get_connection

    from app.db.connection import pending_migrations

    async def check(runtime: Runtime) -> None:
        rows = await get_connection("default").execute_query_dict("SHOW server_version")
        console.print(f"PostgreSQL {rows[0]['server_version']} answers")
        waiting = await pending_migrations(runtime.config)
        for migration in waiting:
            console.print(f"[yellow]waiting:[/] {migration}")
        if waiting:
            console.print("run: billing db migrate")
            raise typer.Exit(1)

    with_runtime(check, prepare=False)


@schema.command("print")
def schema_print() -> None:
    """Print the API's contract in the schema definition language."""
    from app.api.schema import schema as api_schema

    typer.echo(api_schema.as_str().rstrip("\n"))


@channels.command("list")
def channels_list() -> None:
    """List the installed settlement channels, and the plugins that failed to load with the reason."""

    async def show(runtime: Runtime) -> None:
        from app.settlement.service import list_channels

        table = Table("channel", "name", "version", "capabilities", "health", "reason")
        for channel in await list_channels(runtime.host):
            table.add_row(
                channel.key,
                channel.display_name.get("en", ""),
                channel.version,
                ", ".join(channel.capabilities),
                channel.health,
                channel.reason or "",
            )
        console.print(table)

    with_runtime(show)


@channels.command("check")
def channels_check(
    channel: Annotated[str | None, typer.Argument(help="A channel's key; by default every one.")] = None,
) -> None:
    """Start the channels and ask each how it is; exits with 1 if one cannot work."""

    async def check(runtime: Runtime) -> None:
        from app.settlement.service import list_channels

        listed = [found for found in await list_channels(runtime.host) if channel in (None, found.key)]
        if not listed:
            console.print(f"[red]no channel {channel} is installed[/]; see: billing channels list")
            raise typer.Exit(1)
        for found in listed:
            console.print(f"{found.key}: {found.health}" + (f", {found.reason}" if found.reason else ""))
        if any(found.health != "HEALTHY" for found in listed):
            raise typer.Exit(1)

    with_runtime(check)


@channels.command("reconcile")
def channels_reconcile(
    channel: Annotated[str, typer.Argument(help="The channel's key.")],
    days: Annotated[int, typer.Option(min=1, help="How many days back.")] = 3,
) -> None:
    """Compare what was handed to a channel with what its provider says it collected; exits with 1 on a difference."""

    async def compare(runtime: Runtime) -> None:
        from app import clock
        from app.errors import BillingError
        from app.settlement.reconciliation import reconcile

        try:
            found = await reconcile(runtime.host, channel, clock.now() - timedelta(days=days), clock.now())
        except BillingError as error:
            console.print(f"[red]{error}[/]")
            raise typer.Exit(1) from None
        console.print(f"{found.compared} charges compared, {found.opened} cases opened, {found.closed} agree by now")
        if found.opened:
            raise typer.Exit(1)

    with_runtime(compare)


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
    from app.billing.service import CloseSummary, close_due

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
def day_status(days: Annotated[int, typer.Option(min=1, max=1000, help="How many days back.")] = 14) -> None:
    """Show for each day how many accounts are open, closed, late and adjusted, and how many charges are unsettled."""
    from app.billing.day_status import day_status

    async def show(runtime: Runtime) -> None:
        table = Table("day", "open", "closed", "late", "adjusted", "unsettled charges")
        for status in await day_status(days):
            counts = (status.open, status.closed, status.late, status.adjusted, status.unsettled)
            table.add_row(status.day.isoformat(), *(f"{count:,}" for count in counts))
        console.print(table)

    with_runtime(show)


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
                    console.print(f"[red]line {line['line']}:[/] {line['message']}", highlight=False)
                console.print("The lines before this piece of the file are added. Mend it and import it again.")
                raise typer.Exit(1) from None
        console.print(f"{added.lines} lines, {added.hours} hours of deployments")

    with_runtime(run)


@ledger.command("check")
def ledger_check() -> None:
    """Recompute every figure of the books and name each difference; exits with 1 if there is one.

    The journal against charges, settlements, credit notes and statements; top-ups against the channels' own records;
    and the cases that reconciliation left open.
    """

    async def run(runtime: Runtime) -> None:
        from app.billing.ledger import check
        from app.settlement.top_up_audit import top_up_differences

        differences = [*await check(), *await top_up_differences(runtime.host)]
        for difference in differences:
            console.print(difference, style="red", markup=False, highlight=False)
        if differences:
            raise typer.Exit(1)
        console.print("the books are right")

    with_runtime(run)


@ledger.command("trial-balance")
def ledger_trial_balance(
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was posted before this day (UTC).")
    ] = None,
) -> None:
    """Show every ledger account's turnover and balance, and what is owed by age; the balances sum to zero."""

    async def show(runtime: Runtime) -> None:
        from app.billing.books import accruals, trial_balance
        from app.money import in_major_units

        lines = await trial_balance(until.replace(tzinfo=UTC) if until else None)
        balances = Table("ledger account", "currency", "debit", "credit", "balance")
        for line in lines:
            minor = (line.debit_minor, line.credit_minor, line.balance_minor)
            balances.add_row(line.ledger_account, line.currency, *map(in_major_units, minor))
        console.print(balances)
        owed = Table("days", "channel", "currency", "charges", "owed and not collected")
        for age in await accruals():
            days = f"{age.from_days}-{age.to_days}" if age.to_days else f"{age.from_days} and more"
            owed.add_row(days, age.channel, age.currency, str(age.charges), in_major_units(age.amount_minor))
        console.print(owed)

    with_runtime(show)


@statements.command("issue")
def statements_issue() -> None:
    """Issue every statement that is due: from the 3rd of the next month on. Doing it again changes nothing."""

    async def issue(runtime: Runtime) -> None:
        from app.statements.issuing import issue_due

        console.print(f"{await issue_due()} statements issued")

    with_runtime(issue)


@app.command()
def demo(
    url: Annotated[
        str, typer.Option(help="The GraphQL endpoint of a running server.")
    ] = "http://127.0.0.1:8000/graphql",
    data_kits: Annotated[int, typer.Option(min=1, max=5000, help="How many DataKits report.")] = 25,
) -> None:
    """Go through the whole journey against a running server: from the community edition to a settled charge.

    Registers a sandbox account of its own; the server must have been started with the embedded database (make run).
    """
    from app.launcher.demo import run_demo

    tokens_file = get_settings().data_dir / "demo-tokens.json"
    if not run_demo(url, tokens_file, data_kits, console):
        raise typer.Exit(1)


def main() -> None:
    """The ``billing`` command."""
    try:
        app()
    except CannotStart as error:
        Console(stderr=True).print(f"billing cannot start: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
