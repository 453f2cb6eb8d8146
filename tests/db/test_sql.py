"""Statements in files: what is read, and how it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tortoise.models import Model
from tortoise.transactions import in_transaction

from app.accounts.models import Account
from app.accounts.queries import BY_KEY
from app.billing.models import Charge
from app.billing.queries import FIRST_CHARGES
from app.db.connection import one_connection
from app.db.sql import Statement, _naming, statement
from app.settlement.models import ChannelBinding
from app.settlement.queries import LINKS
from app.upgrades.models import Upgrade
from app.upgrades.queries import CURRENT

COUNT = Statement("SELECT count(*) AS found FROM job")
ADD = Statement("INSERT INTO job (id, name, due_at) VALUES (uuid7(), $1, now())")


@pytest.fixture
def module(tmp_path: Path) -> str:
    """A module with a statement beside it."""
    (tmp_path / "sql" / "audit").mkdir(parents=True)
    (tmp_path / "sql" / "greet.sql").write_text(
        "-- Greets somebody.\n-- Reads nothing.\n\nSELECT $1::text || ' -- and you' AS said,\n    $2::int AS times;\n"
    )
    (tmp_path / "sql" / "audit" / "none.sql").write_text("SELECT 1 WHERE false;\n")
    return str(tmp_path / "module.py")


def test_a_statement_is_sent_without_its_header_and_semicolon(module: str) -> None:
    assert statement(module, "greet").text == "SELECT $1::text || ' -- and you' AS said,\n    $2::int AS times"
    assert statement(module, "audit/none").text == "SELECT 1 WHERE false"


def test_a_file_that_is_missing_is_named(module: str) -> None:
    with pytest.raises(FileNotFoundError, match=r"absent\.sql"):
        statement(module, "absent")


async def test_it_answers_rows_by_the_names_of_columns(database: str, module: str) -> None:
    assert await statement(module, "greet").rows("hello", 2) == [{"said": "hello -- and you", "times": 2}]
    assert await statement(module, "audit/none").rows() == []


async def test_words_are_appended_to_a_copy() -> None:
    claim = Statement("SELECT id FROM job FOR UPDATE")
    assert claim.ending("SKIP LOCKED").text == "SELECT id FROM job FOR UPDATE\nSKIP LOCKED"
    assert claim.text == "SELECT id FROM job FOR UPDATE"


async def test_it_runs_within_the_present_transaction(database: str) -> None:
    async def add_and_fail() -> None:
        async with in_transaction():
            await ADD.run("undone")
            assert await COUNT.rows() == [{"found": before + 1}]
            raise ValueError("undo it")

    before = (await COUNT.rows())[0]["found"]
    with pytest.raises(ValueError, match="undo it"):
        await add_and_fail()
    assert await COUNT.rows() == [{"found": before}]
    await ADD.run("kept")
    assert await COUNT.rows() == [{"found": before + 1}]


async def test_a_column_that_a_newer_version_adds_meanwhile_disturbs_nobody(database: str) -> None:
    for added in (False, True):
        if added:
            async with one_connection(database) as newer:
                await newer.execute("ALTER TABLE channel_binding ADD COLUMN later int")
        async with in_transaction():
            assert await LINKS.objects(ChannelBinding, []) == []


@pytest.mark.parametrize(
    ("found", "model"), [(BY_KEY, Account), (FIRST_CHARGES, Charge), (LINKS, ChannelBinding), (CURRENT, Upgrade)]
)
def test_what_is_selected_is_named(found: Statement, model: type[Model]) -> None:
    selected, _, _ = _naming(found.text, model).partition("FROM")
    assert "*" not in selected
    assert all(f'"{column}"' in selected for column in model._meta.db_fields)
