"""``billing edition``: what the catalog says of the editions, and their terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from app.commands.publishing import (
    BY,
    DryRun,
    Edition,
    File,
    Since,
    Version,
    Which,
    by,
    edition_key,
    publishing,
    read,
    state,
    toml,
)
from app.commands.running import console, looking, stop, table, with_runtime
from app.commands.times import instant, when

if TYPE_CHECKING:
    from app.bootstrap import Runtime

edition = typer.Typer(no_args_is_help=True, help="Editions: what the catalog says of them, and their terms.")


@edition.command("publish")
def edition_publish(edition: Edition, file: File, since: Since = None, dry_run: DryRun = False) -> None:
    """Publish the next version of an edition (docs/operations.md). `billing edition show` writes such a file."""
    key, given = edition_key(edition), read(file)

    async def publish(runtime: Runtime) -> None:
        from app.catalog.publishing import publish_edition
        from app.catalog.queries import zone_of

        zone = await zone_of(key)
        async with publishing(dry_run):
            made = await publish_edition(key, given, instant(since, zone=zone), by=BY)
            console.print(f"{key} version {made.version}, in force from {when(made.valid_from, zone)} on")

    with_runtime(publish)


@edition.command("list")
def edition_list() -> None:
    """List every version of the editions, withdrawn and to come included."""

    async def show(runtime: Runtime) -> None:
        from app import clock
        from app.catalog.models import Edition

        shown = table("edition", "version", "name", "from", "state", "published by")
        for one in await Edition.all().order_by("position", "version"):
            name = f"{one.name['zh']} / {one.name['en']}"
            shown.add_row(one.key, str(one.version), name, when(one.valid_from), state(one, clock.now()), by(one))
        console.print(shown)

    looking(show)


@edition.command("show")
def edition_show(edition: Edition, version: Which = None) -> None:
    """Show an edition as a file that can be changed and published."""
    key = edition_key(edition)

    async def show(runtime: Runtime) -> None:
        from app import clock
        from app.catalog.queries import edition_at
        from app.catalog.terms import EDITION, EDITION_OPTIONS

        found = await _find(key, version) if version else await edition_at(key, clock.now())
        columns = {name: getattr(found, name) for name in sorted(EDITION | EDITION_OPTIONS)}
        columns = {name: value for name, value in columns.items() if value is not None}
        typer.echo(f"# published by {by(found)}\n{toml(columns)}")

    looking(show)


@edition.command("withdraw")
def edition_withdraw(edition: Edition, version: Version) -> None:
    """Withdraw a version that is not in force yet. Withdrawing it again changes nothing."""
    key = edition_key(edition)

    async def take_back(runtime: Runtime) -> None:
        from app.db.published import withdraw

        await withdraw(await _find(key, version), "version", BY)
        console.print(f"{key} version {version} is withdrawn")

    with_runtime(take_back)


async def _find(key: Any, version: int) -> Any:
    from app.catalog.models import Edition

    found = await Edition.get_or_none(key=key, version=version)
    return found or stop(f"{key} has no version {version}")
