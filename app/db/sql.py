"""Statements that stand in files: ``sql/<name>.sql`` beside the module that runs them.

A header of comments says what each is for, and what it reads, writes and locks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pypika_tortoise.dialects import PostgreSQLQuery
from pypika_tortoise.queries import Table
from pypika_tortoise.terms import CustomFunction, Parameter
from tortoise.connection import get_connection
from tortoise.models import Model

from app.db.objects import made, recipe

M = TypeVar("M", bound=Model)
EVERYTHING = re.compile(r"^(SELECT (?:DISTINCT ON \([^)]*\) )?)((?:\w+\.)?)\*")


class Statement:
    """One statement of SQL, which runs on the connection of the present transaction, or else on one of the pool."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def rows(self, *values: Any) -> list[dict[str, Any]]:
        """Run it with these parameters, and answer what it returns, by the names of its columns."""
        found: list[dict[str, Any]] = await get_connection("default").execute_query_dict(self.text, list(values))
        return found

    async def records(self, *values: Any) -> Sequence[Mapping[str, Any]]:
        """The same of a statement that reads, whose many rows nobody changes: they are left as the driver has them."""
        _, found = await get_connection("default").execute_query(self.text, list(values))
        return found

    async def objects(self, model: type[M], *values: Any) -> list[M]:
        """Run it with these parameters, and answer the rows that it returns, which have the columns of a model.

        Where it selects ``*``, those columns are named: a newer version's server, which starts while this one runs, may
        add others, and a statement that PostgreSQL has prepared may not come to return more.
        """
        _, rows = await get_connection("default").execute_query(_naming(self.text, model), list(values))
        how = recipe(model, tuple(rows[0].keys())) if rows else None
        return [model._init_from_db(**row) if how is None else made(model, how, row.values()) for row in rows]

    async def run(self, *values: Any) -> None:
        """Run it with these parameters."""
        await get_connection("default").execute_query(self.text, list(values))

    def ending(self, words: str) -> Statement:
        """The same statement with words appended, such as SKIP LOCKED."""
        return Statement(f"{self.text}\n{words}")


@cache
def _naming(text: str, model: type[Model]) -> str:
    """A statement that selects the columns of a model, by their names."""

    def named(found: re.Match[str]) -> str:
        return found[1] + ", ".join(f'{found[2]}"{column}"' for column in sorted(model._meta.db_fields))

    return EVERYTHING.sub(named, text)


@cache
def rows_with(model: type[Model], column: str) -> Statement:
    """The statement of the rows of a model that have one of the values ($1) in a column."""
    table = Table(model._meta.db_table)
    given = CustomFunction("ANY", ["values"])(Parameter("$1"))
    return Statement(PostgreSQLQuery.from_(table).select("*").where(table[column] == given).get_sql())


def statement(module: str, name: str) -> Statement:
    """The statement of ``sql/<name>.sql`` beside a module, which gives its ``__file__``.

    Raises:
        FileNotFoundError: there is no such file.
    """
    lines = (Path(module).parent / "sql" / f"{name}.sql").read_text().splitlines()
    return Statement("\n".join(line for line in lines if not line.startswith("--")).strip().removesuffix(";"))
