"""``billing channels``: settlement channels and their plugins."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from app.commands.running import console, with_runtime

if TYPE_CHECKING:
    from app.bootstrap import Runtime

channels = typer.Typer(no_args_is_help=True, help="Settlement channels and their plugins.")


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
        from app.settlement.reconciliation import reconcile

        found = await reconcile(runtime.host, channel, clock.now() - timedelta(days=days), clock.now())
        console.print(f"{found.compared} charges compared, {found.opened} cases opened, {found.closed} agree by now")
        if found.opened:
            raise typer.Exit(1)

    with_runtime(compare)
