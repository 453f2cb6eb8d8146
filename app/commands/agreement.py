"""``billing agreement``: the editions' service agreements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from app.commands.publishing import BY, DryRun, Edition, File, Since, Version, by, edition_key, publishing, read, state
from app.commands.running import console, looking, stop, table, with_runtime
from app.commands.times import instant, when

if TYPE_CHECKING:
    from app.bootstrap import Runtime

agreement = typer.Typer(no_args_is_help=True, help="The editions' service agreements.")


@agreement.command("publish")
def agreement_publish(edition: Edition, file: File, since: Since = None, dry_run: DryRun = False) -> None:
    """Publish the next version of an edition's agreement (docs/operations.md). Publishing the newest again changes
    nothing."""
    key, given = edition_key(edition), read(file)

    async def publish(runtime: Runtime) -> None:
        from app.agreements.publishing import publish_agreement
        from app.catalog.queries import zone_of

        zone = await zone_of(key)
        async with publishing(dry_run):
            made = await publish_agreement(key, given, instant(since, zone=zone), by=BY)
            console.print(f"{key} version {made.version}, in force from {when(made.valid_from, zone)} on")

    with_runtime(publish)


@agreement.command("list")
def agreement_list() -> None:
    """List every version of the agreements, withdrawn and to come included."""

    async def show(runtime: Runtime) -> None:
        from app import clock
        from app.agreements.models import AgreementVersion

        shown = table("edition", "version", "title", "from", "state", "published by")
        for one in await AgreementVersion.all().order_by("edition", "version"):
            title = f"{one.title['zh']} / {one.title['en']}"
            shown.add_row(one.edition, str(one.version), title, when(one.valid_from), state(one, clock.now()), by(one))
        console.print(shown)

    looking(show)


@agreement.command("show")
def agreement_show(edition: Edition, version: Version) -> None:
    """Show a version of an edition's agreement in full, in both languages."""
    key = edition_key(edition)

    async def show(runtime: Runtime) -> None:
        found = await _find(key, version)
        for language in ("zh", "en"):
            typer.echo(f"# {found.title[language]}\n\n{found.text[language]}\n")
        typer.echo(f"SHA-256 {found.content_hash}, published by {by(found)}")

    looking(show)


@agreement.command("withdraw")
def agreement_withdraw(edition: Edition, version: Version) -> None:
    """Withdraw a version that is not in force yet. Withdrawing it again changes nothing."""
    key = edition_key(edition)

    async def take_back(runtime: Runtime) -> None:
        from app.db.published import withdraw

        await withdraw(await _find(key, version), "version", BY)
        console.print(f"{key} version {version} is withdrawn")

    with_runtime(take_back)


async def _find(key: Any, version: int) -> Any:
    from app.agreements.models import AgreementVersion

    found = await AgreementVersion.get_or_none(edition=key, version=version)
    return found or stop(f"the agreement of {key} has no version {version}")
