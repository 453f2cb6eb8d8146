"""Models and migrations say the same, for the core and every installed channel."""

from __future__ import annotations

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AlterModelOptions

from app.db.connection import pending_migrations, tortoise_config
from app.settlement.host import ChannelHost


async def test_no_model_was_changed_without_a_migration() -> None:
    config = tortoise_config("postgresql://nobody@localhost/none", ChannelHost().tortoise_apps())
    assert len(config["apps"]) == 4
    async with TortoiseContext() as context:
        await context.init(config=config)
        assert context.apps is not None
        changes = await MigrationAutodetector(context.apps, config["apps"]).changes()
    missing = [operation for change in changes for operation in change.operations]
    # A model's docstring is one of its options, and no column of a table.
    assert [operation.describe() for operation in missing if not isinstance(operation, AlterModelOptions)] == []


async def test_a_second_start_finds_nothing_to_migrate(database: str) -> None:

    assert await pending_migrations(tortoise_config(database, ChannelHost().tortoise_apps())) == []
