"""``billing person``: what is kept of somebody, for whoever asks the vendor by law."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.running import console, looking, stop, with_runtime

if TYPE_CHECKING:
    from app.accounts.models import User
    from app.bootstrap import Runtime

person = typer.Typer(no_args_is_help=True, help="What is kept of a person: exported, and erased.")
Email = Annotated[str, typer.Argument(help="The e-mail address that the person signs in with.")]


@person.command("export")
def export(email: Email) -> None:
    """Write every row about a person to standard output, a JSON object a line; no hashes, no sealed secrets."""

    async def work(runtime: Runtime) -> None:
        from app.journey.persons import export

        async for line in export(await _found(email)):
            sys.stdout.buffer.write(line)

    looking(work)


@person.command("erase")
def erase(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: there is no way back but a backup.")] = False,
) -> None:
    """Erase a person: nobody signs in as them any more, and what they did says `erased`. Books and agreements stay.

    The person must not be the only owner of an account that is commercial or has other members.
    """
    if not yes:
        typer.confirm(f"Erase {email}? There is no way back.", abort=True)

    async def work(runtime: Runtime) -> None:
        from tortoise.transactions import in_transaction

        from app.events.models import ActorKind
        from app.events.recording import Actor
        from app.journey.persons import erase

        async with in_transaction():
            await erase(await _found(email), Actor(ActorKind.COMMAND, "billing person erase"))
        console.print("erased")

    with_runtime(work, shown=("person", "erase"))


async def _found(email: str) -> User:
    from app.accounts.queries import find_user

    user = await find_user(email)
    if user is None:
        stop(f"nobody has registered as {email}")
    return user
