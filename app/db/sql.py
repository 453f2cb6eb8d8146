"""Statements that stand in files: ``sql/<name>.sql`` beside the module that runs them.

A header of comments says what each is for, and what it reads, writes and locks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from tortoise.connection import get_connection
from tortoise.models import Model

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
        _, found = await get_connection("default").execute_query(_naming(self.text, model), list(values))
        return [model._init_from_db(**row) for row in found]

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


def statement(module: str, name: str) -> Statement:
    """The statement of ``sql/<name>.sql`` beside a module, which gives its ``__file__``.

    Raises:
        FileNotFoundError: there is no such file.
    """
    lines = (Path(module).parent / "sql" / f"{name}.sql").read_text().splitlines()
    return Statement("\n".join(line for line in lines if not line.startswith("--")).strip().removesuffix(";"))
