"""``billing db``: the database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.running import console, looking, stop, with_runtime

if TYPE_CHECKING:
    from app.bootstrap import Runtime

db = typer.Typer(no_args_is_help=True, help="The database: migrate it, check it, dump it.")


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

    looking(check, migrated=False)


@db.command("dump")
def db_dump(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write, or to replace once all is read.")],
) -> None:
    """Write the whole database as SQL, the embedded one or that of DATABASE_URL, for PostgreSQL 15 or newer.

    It may run beside servers and workers: it has what was committed when it began. psql reads it into an empty
    database (docs/operations.md). The secret key is not in it.
    """

    async def write(runtime: Runtime) -> None:
        import subprocess

        from app.db.dump import dump

        if runtime.direct is None:
            stop("a pooler is in between: name the database itself with BILLING_DIRECT_DATABASE_URL")
        try:
            await asyncio.to_thread(dump, runtime.direct, file)
        except subprocess.CalledProcessError:
            stop("pg_dump failed; nothing was written")
        except OSError as error:
            stop(f"cannot write: {error}")
        console.print(f"{file}: {file.stat().st_size:,} bytes")

    looking(write, migrated=False)


@db.command("stop")
def db_stop() -> None:
    """Stop the embedded server, which may outlive the service: before .data is copied, say. Stop the service first."""
    from app.db.server import stop_embedded
    from app.settings import get_settings

    ran = stop_embedded(get_settings().data_dir)
    console.print("the embedded database is stopped" if ran else "no embedded database was running")
