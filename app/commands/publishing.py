"""What the commands that publish share: files in TOML, times in the plan's zone, and trying without doing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.commands.running import console, stop
from app.commands.times import IN_ZONE

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="TOML (docs/operations.md).")]
Since = Annotated[
    str | None,
    typer.Option(
        "--from",
        help=f"In force from then on, such as 2027-01-01 or 2027-01-01T08:00; {IN_ZONE}. By default from now on.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check all of it, say what it would do, and publish nothing.")]
Edition = Annotated[str, typer.Argument(help="COMMUNITY, PAY_AS_YOU_GO, SUBSCRIPTION or LICENSED.")]
Which = Annotated[int | None, typer.Option("--version", min=1, help="By default the one in force.")]
Version = Annotated[int, typer.Argument(min=1, help="The version.")]


BY = "command line"
"""Who publishes and withdraws here."""


class _Tried(Exception):
    """Everything was checked; what was done is to be undone."""


@asynccontextmanager
async def publishing(dry_run: bool) -> AsyncIterator[None]:
    """A transaction, which is undone if it is a dry run."""
    from tortoise.transactions import in_transaction

    try:
        async with in_transaction():
            yield
            if dry_run:
                raise _Tried
    except _Tried:
        console.print("nothing is published: it was a dry run")


def read(file: Path) -> dict[str, Any]:
    """What a file of TOML says.

    Raises:
        typer.Exit: it is none, which is said.
    """
    import tomllib

    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except ValueError as error:
        stop(f"{file} is not TOML: {error}")


def state(row: Any, now: datetime) -> str:
    """Whether something published is in force, to come, or withdrawn."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    return "published" if row.valid_from <= now else "to come"


def by(row: Any) -> str:
    """Who published something, and who changed or withdrew it."""
    changed, withdrawn = getattr(row, "changed_by", None), row.withdrawn_by
    more = [f"changed by {changed}"] * bool(changed) + [f"withdrawn by {withdrawn}"] * bool(withdrawn)
    return ", ".join([row.published_by, *more])


def edition_key(text: str) -> Any:
    """The edition with that key.

    Raises:
        typer.Exit: there is none, which is said.
    """
    from app.catalog.keys import EditionKey

    try:
        return EditionKey(text.upper())
    except ValueError:
        stop(f"there is no edition {text}; there are {', '.join(EditionKey)}")


def toml(values: Mapping[str, Any]) -> str:
    """Values as TOML, tables and lists of tables last, to be published again."""
    lines = [f"{name} = {_value(value)}" for name, value in values.items() if not _is_table(value)]
    for name, value in values.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{name}]", *(f"{key} = {_value(item)}" for key, item in value.items())]
        elif _is_table(value):
            for item in value:
                lines += [
                    "",
                    f"[[{name}]]",
                    *(f"{key} = {_value(one)}" for key, one in item.items() if one is not None),
                ]
    return "\n".join(lines)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
