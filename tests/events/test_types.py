"""Every type of event is listed once, with what it says: in the code, in the documentation, and by the API."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.applications.models import ApplicationState
from app.events.details import DETAILS
from app.events.types import EVENT_TYPES
from app.invoices.models import InvoiceState
from app.notifications.notices import NOTICES
from app.settlement.models import SettlementState
from tests.api.driver import Api

ROOT = Path(__file__).parents[2]
DOTTED = re.compile(r"[a-z_]+\.[a-z_]+")
IN_SQL = re.compile(r"INSERT INTO event\b[^;]*?'([a-z_]+\.[a-z_]+)'", re.DOTALL)
BY_STATE = {"application": ApplicationState, "invoice": InvoiceState, "settlement": SettlementState}


def written(path: Path) -> Iterator[str]:
    """The types that a module which records events names: as text, with a state in it, or in SQL."""
    text = path.read_text()
    if path.suffix == ".sql":
        yield from IN_SQL.findall(text)
        return
    if not re.search(r"from app.events.recording import .*\b(record|event)\b|import move_to_edition", text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            noun = str(node.values[0].value)
            if re.fullmatch(r"[a-z_]+\.", noun):
                yield from (f"{noun}{state.lower()}" for state in BY_STATE[noun.removesuffix(".")])


def test_what_the_code_records_is_listed_and_what_is_listed_is_recorded() -> None:
    recorded = {
        type for path in (ROOT / "app").rglob("*.*") if path.suffix in {".py", ".sql"} for type in written(path)
    }
    never = {"application.in_review", "settlement.pending"}
    assert recorded - never == set(EVENT_TYPES)
    assert set(NOTICES) <= set(EVENT_TYPES)
    assert list(EVENT_TYPES) == sorted(EVENT_TYPES)
    assert max(map(len, EVENT_TYPES)) <= 60


def row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def code(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", ") if name)


def mailed(name: str) -> str:
    """To whom an event is sent by e-mail."""
    if name not in NOTICES:
        return ""
    return "staff" if NOTICES[name].staff else "yes"


def test_the_documentation_lists_them() -> None:
    rows = [
        row(f"`{name}`", said.en, code(said.before), code(said.after), said.reason, mailed(name))
        for name, said in EVENT_TYPES.items()
    ]
    assert section("## Types") == rows


def test_the_documentation_lists_what_they_carry() -> None:
    used = {name for said in EVENT_TYPES.values() for name in re.findall(r"\w+", f"{said.before} {said.after}")}
    assert set(DETAILS) == used
    assert list(DETAILS) == sorted(DETAILS)
    kinds = {str: "text", int: "whole number", bool: "boolean", list: "list"}
    rows = [
        row(f"`{name}`", kinds[kind] if isinstance(kind, type) else f"id of `{kind}`", said)
        for name, (kind, said) in DETAILS.items()
    ]
    assert section("## What they carry") == rows


def section(heading: str) -> list[str]:
    """The rows of the table under a heading of the documentation."""
    _, _, text = (ROOT / "docs/events.md").read_text().partition(f"{heading}\n")
    return [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("| `")]


@pytest.mark.parametrize(("locale", "said"), [("en", "The contract ended."), ("zh", "合同已结束。")])
async def test_the_api_lists_them(api: Api, locale: str, said: str) -> None:
    found = (await Api(api.http, locale=locale).data("{ eventTypes { name description emailed } }"))["eventTypes"]
    assert [type["name"] for type in found] == list(EVENT_TYPES)
    assert {"name": "contract.ended", "description": said, "emailed": True} in found
    assert [type["emailed"] for type in found].count(True) == sum(said.staff is None for said in NOTICES.values())
