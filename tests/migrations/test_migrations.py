"""Models and migrations say the same, for the core and every installed channel."""

from __future__ import annotations

import importlib
from itertools import chain

import pytest
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector

from app.db.connection import pending_migrations, tortoise_config
from app.settlement.host import ChannelHost

INITIAL = importlib.import_module("app.migrations.0001_initial")


async def test_no_model_was_changed_without_a_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    config = tortoise_config("postgresql://nobody@localhost/none", ChannelHost().tortoise_apps())
    assert len(config["apps"]) == 4
    async with TortoiseContext() as context:
        await context.init(config=config)
        assert context.apps is not None
        for model in chain.from_iterable(app.values() for app in context.apps.values()):
            # A model's docstring describes its table for Tortoise; it changes nothing in the database.
            monkeypatch.setattr(model._meta, "table_description", "")
        changes = await MigrationAutodetector(context.apps, config["apps"]).changes()
    assert [operation.describe() for change in changes for operation in change.operations] == []


async def test_every_model_has_its_table(database: str) -> None:
    """Tortoise notes the name of a table in no operation, so that it finds no change of one."""
    assert Tortoise.apps is not None
    expected = {
        model._meta.db_table: set(model._meta.fields_db_projection.values())
        for model in chain.from_iterable(app.values() for app in Tortoise.apps.values())
    }
    rows = await get_connection("default").execute_query_dict(
        "SELECT table_name, array_agg(column_name::text) AS columns FROM information_schema.columns "
        "WHERE table_schema = 'public' GROUP BY table_name"
    )
    found = {row["table_name"]: set(row["columns"]) for row in rows}
    assert len(expected) > 50
    assert {table: found.get(table) for table in expected} == expected


async def test_a_second_start_finds_nothing_to_migrate(database: str) -> None:
    assert await pending_migrations(tortoise_config(database, ChannelHost().tortoise_apps())) == []


def test_the_first_migration_loads_every_file_of_its_folder_once() -> None:
    assert sorted(INITIAL.FILES) == sorted(path.stem for path in INITIAL.SQL.glob("*"))
