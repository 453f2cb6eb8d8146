"""``billing agreement``: the service agreement."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.running import console, stop, with_runtime

if TYPE_CHECKING:
    from app.bootstrap import Runtime

agreement = typer.Typer(no_args_is_help=True, help="The service agreement.")


@agreement.command("publish")
def agreement_publish(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="TOML, with the tables title and text.")],
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="In force from this day (UTC) on. By default from now on."),
    ] = None,
) -> None:
    """Publish the next version of the agreement (docs/operations.md). Publishing the newest again changes nothing."""
    import tomllib

    try:
        given = tomllib.loads(file.read_text())
    except ValueError as error:
        stop(f"{file} is not TOML: {error}")

    async def publish(runtime: Runtime) -> None:
        from app.agreements.publishing import publish_next

        begin = since.replace(tzinfo=UTC) if since else None
        version = await publish_next(given.get("title"), given.get("text"), begin)
        console.print(f"version {version.version}, in force from {version.published_at:%Y-%m-%d %H:%M} UTC on")

    with_runtime(publish)
