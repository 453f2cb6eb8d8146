"""The fixtures that give a channel its database; registered when a channel is named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from settlement_spec import TortoiseApp
from settlement_spec.conformance import database
from settlement_spec.conformance.loading import load_channel


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every check runs once for each named channel."""
    if "settlement_channel_name" in metafunc.fixturenames:
        names = metafunc.config.getoption("settlement_channel")
        metafunc.parametrize("settlement_channel_name", names, scope="session")


@pytest.fixture(scope="session")
def settlement_database_server() -> Iterator[str]:
    """The URL of a PostgreSQL server for channels with tables; override it in your top-level ``conftest.py``."""
    with database.server() as url:
        yield url


@pytest.fixture(scope="session")
def settlement_database_templates() -> dict[str, str]:
    """The migrated databases of this run, by Tortoise label."""
    return {}


@pytest_asyncio.fixture(loop_scope="session")
async def settlement_database(
    settlement_channel_name: str, request: pytest.FixtureRequest, settlement_database_templates: dict[str, str]
) -> AsyncIterator[None]:
    """A fresh, migrated database with Tortoise connected to it, if the channel brings tables."""
    tables: TortoiseApp | None = load_channel(settlement_channel_name).describe().tortoise_app
    if tables is None:
        yield
        return
    url = request.getfixturevalue("settlement_database_server")
    if tables.label not in settlement_database_templates:
        settlement_database_templates[tables.label] = await database.migrated(url, tables)
    async with database.copied(url, settlement_database_templates[tables.label], tables):
        yield
