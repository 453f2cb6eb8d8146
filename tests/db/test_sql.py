"""Statements in files: what is read, and how it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tortoise.transactions import in_transaction

from app.db.sql import Statement, statement

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
