"""``billing``: the command line of the billing center."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app import logs
from app.commands.agreement import agreement
from app.commands.audit import audit
from app.commands.channels import channels
from app.commands.day import day
from app.commands.db import db
from app.commands.edition import edition
from app.commands.launcher import launcher
from app.commands.ledger import ledger
from app.commands.license import license
from app.commands.meter import meter
from app.commands.person import person
from app.commands.plan import plan
from app.commands.release import release
from app.commands.report import report
from app.commands.running import console, with_runtime
from app.commands.secret import secret
from app.commands.simulate import Url, simulate
from app.commands.staff import staff
from app.commands.statements import statements
from app.commands.usage import usage
from app.errors import CannotStart
from app.settings import get_settings, unknown_settings

if TYPE_CHECKING:
    from app.bootstrap import Runtime

app = typer.Typer(no_args_is_help=True, help="The billing center: GraphQL API, worker and maintenance.")
schema = typer.Typer(no_args_is_help=True, help="The API's contract.")
GROUPS = {
    "usage": usage,
    "statements": statements,
    "db": db,
    "schema": schema,
    "channels": channels,
    "day": day,
    "ledger": ledger,
    "audit": audit,
    "person": person,
    "secret": secret,
    "report": report,
    "license": license,
    "launcher": launcher,
    "staff": staff,
    "plan": plan,
    "meter": meter,
    "edition": edition,
    "release": release,
    "agreement": agreement,
}
launcher.command("simulate")(simulate)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"billing {version('edition-billing')}")
        raise typer.Exit


@app.callback()
def begin(
    asked: Annotated[
        bool, typer.Option("--version", help="Say which version it is, and end.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """The billing center: GraphQL API, worker and maintenance."""
    for said in unknown_settings():
        Console(stderr=True).print(f"warning: {said}", markup=False, highlight=False, soft_wrap=True)


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
    logs.configure(settings.log_format, settings.log_level)
    local = settings.database_url is None
    serve_forever(settings, worker=local if worker is None else worker, demo=local if demo is None else demo)


@app.command()
def worker(once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")] = False) -> None:
    """Close days, end free periods and settle charges, until stopped. Any number of workers may run at once."""
    from app.api.listening import metrics_served, told_to_stop
    from app.worker import run_once, run_until

    settings = get_settings()
    logs.configure(settings.log_format, settings.log_level)
    if once:
        with_runtime(lambda runtime: run_once(runtime.settings, runtime.host))
        return

    async def work(runtime: Runtime) -> None:
        stopping = asyncio.Event()
        async with metrics_served(runtime.settings):
            with told_to_stop(stopping.set):
                console.print("worker running; stop it with Ctrl-C")
                await run_until(stopping, runtime.settings, runtime.host)

    with contextlib.suppress(KeyboardInterrupt):
        with_runtime(work)


@schema.command("print")
def schema_print() -> None:
    """Print the API's contract in the schema definition language."""
    from app.api.schema import schema as api_schema

    typer.echo(api_schema.as_str().rstrip("\n"))


@app.command()
def demo(
    url: Url = None,
    data_kits: Annotated[int, typer.Option(min=1, max=5000, help="How many DataKits report.")] = 25,
) -> None:
    """Go through the whole journey against a running server: from the community edition to a settled charge.

    Registers a sandbox account of its own; the server must have been started with the embedded database (make run).
    """
    from app.launcher.demo import run_demo

    settings = get_settings()
    if not run_demo(url or settings.base_url, settings.data_dir / "demo-tokens.json", data_kits, console):
        raise typer.Exit(1)


def main() -> None:
    """The ``billing`` command."""
    try:
        app()
    except CannotStart as error:
        Console(stderr=True).print(f"billing cannot start: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
