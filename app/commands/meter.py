"""``billing meter``: what is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.publishing import BY, DryRun, File, Since, by, publishing, read, state, toml
from app.commands.running import console, looking, stop, table, with_runtime
from app.commands.times import instant, when

if TYPE_CHECKING:
    from app.bootstrap import Runtime

meter = typer.Typer(no_args_is_help=True, help="Meters: what is reported hourly and priced by the day.")
Key = Annotated[str, typer.Argument(help="The meter's key, such as log_gb.")]


@meter.command("publish")
def meter_publish(file: File, since: Since = None, dry_run: DryRun = False) -> None:
    """Publish a meter (key, name, unit, aggregation), or give the one with that key another name or unit."""
    given = read(file)

    async def publish(runtime: Runtime) -> None:
        from app.catalog.publishing import publish_meter

        async with publishing(dry_run):
            made = await publish_meter(given, instant(since), by=BY)
            console.print(f"{made.key} in {made.unit}, {made.aggregation}, known from {when(made.valid_from)} on")

    with_runtime(publish)


@meter.command("list")
def meter_list() -> None:
    """List every meter, withdrawn and to come included."""

    async def show(runtime: Runtime) -> None:
        from app import clock
        from app.catalog.models import Meter

        shown = table("key", "name", "unit", "aggregation", "from", "state", "published by")
        for one in await Meter.all().order_by("key"):
            name = f"{one.name['zh']} / {one.name['en']}"
            shown.add_row(
                one.key, name, one.unit, one.aggregation, when(one.valid_from), state(one, clock.now()), by(one)
            )
        console.print(shown)

    looking(show)


@meter.command("show")
def meter_show(key: Key) -> None:
    """Show a meter as a file that can be published."""

    async def show(runtime: Runtime) -> None:
        from app.catalog.models import Meter

        found = await Meter.get_or_none(key=key) or stop(f"there is no meter {key}")
        columns = {"key": found.key, "unit": found.unit, "aggregation": found.aggregation, "name": found.name}
        typer.echo(f"# published by {by(found)}\n{toml(columns)}")

    looking(show)


@meter.command("withdraw")
def meter_withdraw(key: Key) -> None:
    """Withdraw a meter that is not in force yet, and that no price is of. Withdrawing it again changes nothing."""

    async def take_back(runtime: Runtime) -> None:
        from tortoise.transactions import in_transaction

        from app.catalog.publishing import withdraw_meter

        async with in_transaction():
            await withdraw_meter(key, BY)
        console.print(f"{key} is withdrawn")

    with_runtime(take_back)
