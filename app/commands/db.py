"""``billing db``: the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from app.commands.running import console, with_runtime

if TYPE_CHECKING:
    from app.bootstrap import Runtime

db = typer.Typer(no_args_is_help=True, help="The database: migrate it, check it.")


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

    with_runtime(check, prepare=False)
