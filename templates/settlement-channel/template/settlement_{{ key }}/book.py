"""Where charges are collected: an SQLite file, which takes each charge id once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from settlement_spec import Charge, Money, ProviderRecord

TABLE = "CREATE TABLE IF NOT EXISTS book (id TEXT PRIMARY KEY, payer, units INT, minor INT, currency, at)"


class Book:
    """The book at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(TABLE)

    def collect(self, charges: Sequence[Charge], now: datetime) -> None:
        """Collect each charge that is not in the book yet, all of them or none."""
        rows = [
            (str(one.id), one.external_reference, one.units, one.amount.minor, one.amount.currency, _text(now))
            for one in charges
        ]
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.executemany("INSERT INTO book VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)

    def records(self, since: datetime, until: datetime) -> list[ProviderRecord]:
        """What was collected in ``[since, until)``."""
        with closing(sqlite3.connect(self.path)) as connection:
            rows = connection.execute(
                "SELECT id, units, minor, currency, at FROM book WHERE at >= ? AND at < ? AND minor <> 0",
                (_text(since), _text(until)),
            ).fetchall()
        return [
            ProviderRecord(UUID(id), id, units, Money(minor, currency), datetime.fromisoformat(at))
            for id, units, minor, currency, at in rows
        ]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
