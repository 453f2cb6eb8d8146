"""Importing a file of usage: piece by piece, each in a transaction, so that it can be taken up again anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from tortoise.transactions import in_transaction

from app.usage.bulk import Bulk, BulkResult

PIECE = 4 * 1024 * 1024


async def import_usage(
    path: Path, form: str, account_id: UUID | None, progress: Callable[[int], None] = lambda _: None
) -> BulkResult:
    """Add a file's lines, about 4 MiB in a transaction; importing it again changes nothing.

    ``progress`` is called with the number of bytes that are in the database.

    Raises:
        BulkRefused: a line is wrong, its number counted in the file; the pieces before it are written.
    """
    lines = hours = 0
    with path.open("rb") as file:
        header = file.readline() if form == "csv" else b""
        lines += bool(header)
        while piece := file.read(PIECE):
            piece += file.readline()
            async with in_transaction():
                bulk = await Bulk.begin(form, account_id, first_line=lines - bool(header))
                await bulk.feed(header + piece)
                added = await bulk.add()
            lines, hours = added.lines, hours + added.hours
            progress(file.tell())
    return BulkResult(lines, hours)
