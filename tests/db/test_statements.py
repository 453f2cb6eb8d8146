"""Every statement of SQL is understood by the server that the tests run on, whichever rows it finds."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from app.db.connection import credentials
from app.db.sql import statement

APP = Path(__file__).parents[2] / "app"


async def test_every_statement_is_understood(database_url: str) -> None:
    paths = sorted(path for path in APP.glob("*/sql/**/*.sql") if "migrations" not in path.parts)
    assert len(paths) > 100
    wrong = []
    connection = await asyncpg.connect(**credentials(database_url))
    transaction = connection.transaction()
    await transaction.start()
    try:
        for name, arguments in {"bulk_stage": 0, "bulk_resolve": 6}.items():
            made = statement(str(APP / "usage" / "bulk.py"), name)
            await connection.execute(made.text, *[[]] * arguments)
        for path in paths:
            room = APP / path.relative_to(APP).parts[0]
            name = str(path.relative_to(room / "sql").with_suffix(""))
            try:
                async with connection.transaction():
                    await connection.prepare(statement(str(room / "__init__.py"), name).text)
            except asyncpg.PostgresError as error:
                wrong.append(f"{path.relative_to(APP)}: {error}")
    finally:
        await transaction.rollback()
        await connection.close()
    assert wrong == []
