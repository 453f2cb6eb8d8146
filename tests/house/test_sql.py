"""What rooms' SQL may name: their own tables alone, and no state that there is not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pglast
import pytest
from settlement_guance.kinds import COLLECTED, PAID_IN

from app.accounts.models import ADMINISTRATORS
from app.applications.models import OPEN as OPEN_APPLICATIONS
from app.billing.audit import QUESTIONS
from app.billing.models import OF_CHANNELS
from app.contracts.models import LIVE as LIVE_CONTRACTS
from app.invoices.queries import TAKEN as INVOICED
from app.settlement.settling import OPEN as OPEN_SETTLEMENTS
from app.upgrades.models import BILLED, IN_FORCE, PENDING
from tests.house.sql_files import APP, Script, enum_of_column, files, named, python, room_of_table, rules, strings

FILES = list(files())
SQL_BEGINS = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH \w+ AS)\b", re.IGNORECASE)
TABLES = room_of_table()
ENUMS = enum_of_column()
MEETING_PLACES = ("closing/", "billing/sql/audit/", "statements/", "migrations/")
SETS: dict[tuple[str, str], list[set[Any]]] = {
    ("application", "state"): [set(OPEN_APPLICATIONS)],
    ("contract", "state"): [set(LIVE_CONTRACTS)],
    ("guance_entry", "place"): [set(COLLECTED), set(PAID_IN)],
    ("invoice", "state"): [set(INVOICED)],
    ("ledger_account", "kind"): [set(OF_CHANNELS)],
    ("membership", "role"): [set(ADMINISTRATORS)],
    ("settlement", "state"): [set(OPEN_SETTLEMENTS)],
    ("upgrade", "state"): [set(BILLED), {*PENDING, *IN_FORCE}],
}
"""The sets of states that SQL names, as Python has them."""


def ids(script: Script) -> str:
    return script.place


@pytest.mark.parametrize("script", FILES, ids=ids)
def test_a_file_says_what_it_is_for_and_what_it_reads_writes_or_locks(script: Script) -> None:
    header = script.text.split("\n\n")[0].splitlines()
    assert all(line.startswith("-- ") for line in header)
    assert script.parsed()


@pytest.mark.parametrize("script", [*FILES, *rules(), *strings()], ids=ids)
def test_a_rooms_sql_names_no_other_rooms_tables(script: Script) -> None:
    others = {table for table in named(script.parsed()).foreign() if TABLES.get(table, script.room) != script.room}
    assert not others or script.place.startswith(MEETING_PLACES), others


def test_sql_is_found() -> None:
    assert len(FILES) > 60
    assert {TABLES["charge"], TABLES["account"]} == {"billing", "accounts"}
    assert {script.room for script in strings()} >= {"settlement_guance", "settlement_aws"}


@dataclass(frozen=True)
class Piece:
    """One statement, or the body of a function, with the tables that its parameters are rows of."""

    place: str
    parsed: Any
    parameters: dict[str, str] = field(default_factory=dict)


def pieces() -> Iterator[Piece]:
    for script in (*FILES, *rules(), *strings()):
        for number, statement in enumerate(script.parsed(), 1):
            place = f"{script.place}:{number}"
            yield Piece(place, statement)
            if isinstance(statement.stmt, pglast.ast.CreateFunctionStmt):
                yield from bodies(place, statement.stmt)


def bodies(place: str, made: pglast.ast.CreateFunctionStmt) -> Iterator[Piece]:
    """What a function does, in SQL; of one in PL/pgSQL, the statements that can be read as SQL."""
    options: dict[str, Any] = {option.defname: option.arg for option in made.options or ()}
    names = [(one.name, one.argType.names[-1].sval) for one in made.parameters or () if one.argType.names]
    rows = {str(name): str(kind) for name, kind in names if kind in TABLES}
    if made.sql_body:
        yield Piece(f"{place} body", (made.sql_body,), rows)
        return
    body = str(options["as"][0].sval)
    if options["language"].sval == "sql":
        yield Piece(f"{place} body", pglast.parse_sql(body), rows)
        return
    for part in re.split(r"\bBEGIN\b|;", body)[1:]:
        words = part.replace("RETURN QUERY", "").replace("PERFORM", "SELECT").strip()
        with suppress(pglast.parser.ParseError):
            yield Piece(f"{place} body", pglast.parse_sql(words), rows)


@pytest.mark.parametrize("piece", list(pieces()), ids=lambda piece: piece.place)
def test_every_state_named_in_sql_is_one_of_pythons(piece: Piece) -> None:
    found = named(piece.parsed)
    tables = found.tables | piece.parameters
    for qualifier, column, texts, is_set in found.compared:
        near = {tables[qualifier]} if qualifier in tables else set(tables.values())
        enums = {table: ENUMS[(table, column)] for table in near if (table, column) in ENUMS}
        if enums:
            assert set(texts) <= {member.value for enum in enums.values() for member in enum}, (column, texts)
        if is_set and enums:
            assert any(set(texts) in SETS.get((table, column), ()) for table in enums), (column, texts)


def test_every_file_is_run() -> None:
    for path in sorted(APP.glob("*/sql/**/*.sql")):
        if path.is_relative_to(APP / "migrations"):
            continue
        name = str(path.relative_to(APP / path.relative_to(APP).parts[0] / "sql").with_suffix(""))
        room = path.relative_to(APP).parts[0]
        python = "".join(module.read_text() for module in (APP / room).rglob("*.py"))
        asked = name.removeprefix("audit/") in QUESTIONS if name.startswith("audit/") else f'"{name}"' in python
        assert asked, f"nothing runs {path}"


def test_no_statement_is_put_together_from_pieces_of_python() -> None:
    """What is put together is not read by these tests; ``{{…}}`` of the loader aside."""
    for _, _, path in python():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                begin = node.values[0]
                text = begin.value if isinstance(begin, ast.Constant) else ""
                assert not SQL_BEGINS.match(str(text)), f"{path}:{node.lineno}"
