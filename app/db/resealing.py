"""Secrets in the database are sealed anew with the newest secret key, whichever table they are in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tortoise.models import Model
from tortoise.transactions import in_transaction

from app import secretbox
from app.db.models import every_table

SEALED = "_encrypted"
"""Columns whose names end so hold what ``secretbox.encrypt`` made."""
BATCH = 500


@dataclass(frozen=True)
class Resealed:
    """How many secrets there are, and how many of them were sealed with an older key."""

    secrets: int
    changed: int


async def reseal() -> Resealed:
    """Seal every secret with the newest key that an older one sealed.

    It is done a batch at a time, each in a transaction: what a crash cut short is gone on with by calling it again,
    and whoever reads or changes a secret meanwhile waits for a batch at the most.

    Raises:
        cryptography.fernet.InvalidToken: a secret is sealed with none of the keys.
    """
    secrets = changed = 0
    for table, columns in sealed_columns().items():
        last = None
        while True:
            async with in_transaction():
                rows = table.all().select_for_update(no_key=True).order_by("id").limit(BATCH)
                found: list[Any] = await (rows.filter(id__gt=last) if last else rows)
                for row in found:
                    given = {name: bytes(value) for name in columns if (value := getattr(row, name))}
                    anew = {name: made for name, value in given.items() if (made := secretbox.resealed(value))}
                    secrets, changed = secrets + len(given), changed + len(anew)
                    if anew:
                        await table.filter(id=row.id).update(**anew)
            if not found:
                break
            last = found[-1].id
    return Resealed(secrets, changed)


def sealed_columns() -> dict[type[Model], list[str]]:
    """The tables that hold secrets, and the columns that they are in; plugins' tables as well."""
    found = {table: [name for name in table._meta.fields_map if name.endswith(SEALED)] for table in every_table()}
    return {table: columns for table, columns in found.items() if columns}
