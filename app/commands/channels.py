"""``billing channels``: settlement channels and their plugins."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.running import console, looking, table, with_runtime

if TYPE_CHECKING:
    from app.bootstrap import Runtime

channels = typer.Typer(no_args_is_help=True, help="Settlement channels and their plugins.")


@channels.command("list")
def channels_list() -> None:
    """List the installed settlement channels, and the plugins that failed to load with the reason."""

    async def show(runtime: Runtime) -> None:
        from app.settlement.channels import list_channels

        shown = table("channel", "name", "version", "capabilities", "health")
        listed = await list_channels(runtime.host)
        for found in listed:
            name = found.display_name.get("en", "")
            shown.add_row(found.key, name, found.version, ", ".join(found.capabilities), found.health)
        console.print(shown)
        for found in listed:
            if found.reason:
                _say(f"{found.key}: {found.reason}")

    looking(show)


@channels.command("check")
def channels_check(
    channel: Annotated[str | None, typer.Argument(help="A channel's key; by default every one.")] = None,
) -> None:
    """Start the channels and ask each how it is.

    Exit codes: 0 they work, or nobody has configured them yet; 1 one failed or is unhealthy, or the one that was named
    is not configured.
    """

    async def check(runtime: Runtime) -> None:
        from app.settlement.channels import list_channels

        listed = [found for found in await list_channels(runtime.host) if channel in (None, found.key)]
        if not listed:
            console.print(f"[red]no channel {channel} is installed[/]; see: billing channels list")
            raise typer.Exit(1)
        for found in listed:
            _say(f"{found.key}: {found.health}" + (f", {found.reason}" if found.reason else ""))
        sound = {"HEALTHY"} if channel else {"HEALTHY", "NOT_CONFIGURED"}
        if any(found.health not in sound for found in listed):
            raise typer.Exit(1)

    looking(check)


@channels.command("reconcile")
def channels_reconcile(
    channel: Annotated[str, typer.Argument(help="The channel's key.")],
    days: Annotated[int, typer.Option(min=1, help="How many days back.")] = 3,
    sandboxes: Annotated[bool, typer.Option("--sandboxes", help="Compare what is of sandbox accounts, too.")] = False,
) -> None:
    """Compare what was handed to a channel with what its provider says it collected; exits with 1 on a difference."""

    async def compare(runtime: Runtime) -> None:
        from app import clock
        from app.settlement.reconciliation import reconcile

        found = await reconcile(runtime.host, channel, clock.now() - timedelta(days=days), clock.now(), sandboxes)
        console.print(f"{found.compared} charges compared, {found.opened} cases opened, {found.closed} agree by now")
        if found.opened:
            raise typer.Exit(1)

    with_runtime(compare)


def _say(line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
