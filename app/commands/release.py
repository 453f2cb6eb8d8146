"""``billing release``: the versions of the product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.publishing import BY, Since, by, state
from app.commands.running import console, looking, table, with_runtime
from app.commands.times import instant, when

if TYPE_CHECKING:
    from app.bootstrap import Runtime

release = typer.Typer(no_args_is_help=True, help="Versions of the product: from when on they are released.")
Version = Annotated[str, typer.Argument(help="The version, such as 1.92.3.")]


@release.command("publish")
def release_publish(version: Version, since: Since = None) -> None:
    """Publish that a version is released, from a day on that may be past: the community edition is free from it on."""

    async def publish(runtime: Runtime) -> None:
        from tortoise.transactions import in_transaction

        from app.catalog.publishing import publish_release

        async with in_transaction():
            made = await publish_release(version, instant(since), by=BY)
        console.print(f"{made.version}, released from {when(made.valid_from)} on")

    with_runtime(publish)


@release.command("list")
def release_list() -> None:
    """List every version, withdrawn and to come included."""

    async def show(runtime: Runtime) -> None:
        from app import clock
        from app.catalog.models import Release

        shown = table("version", "released", "state", "published by")
        for one in await Release.all().order_by("valid_from", "id"):
            shown.add_row(one.version, when(one.valid_from), state(one, clock.now()), by(one))
        console.print(shown)

    looking(show)


@release.command("withdraw")
def release_withdraw(version: Version) -> None:
    """Withdraw a version that is not released yet. Withdrawing it again changes nothing."""

    async def take_back(runtime: Runtime) -> None:
        from app.catalog.publishing import withdraw_release

        await withdraw_release(version, BY)
        console.print(f"{version} is withdrawn")

    with_runtime(take_back)
