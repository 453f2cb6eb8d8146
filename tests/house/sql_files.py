"""The project's SQL as PostgreSQL's own parser reads it: files, strings in Python, and what they name."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pglast
from pglast.visitors import Visitor
from tortoise.fields.data import CharEnumFieldInstance
from tortoise.models import Model

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("settlement_*/settlement_*/models.py"))
BEGINS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Script:
    """Statements, where they stand, and the room that runs them."""

    room: str
    place: str
    text: str

    def parsed(self) -> Any:
        return pglast.parse_sql(self.text)


def files() -> Iterator[Script]:
    """Every statement that a room runs."""
    for path in sorted(APP.glob("*/sql/**/*.sql")):
        place = path.relative_to(APP)
        yield Script(place.parts[0], str(place), path.read_text())


def python() -> Iterator[tuple[str, Path, Path]]:
    """Every module of the application and of the built-in channels: its room, where it stands there, and its path."""
    for path in sorted(APP.rglob("*.py")):
        place = path.relative_to(APP)
        yield place.parts[0], place, path
    for plugin in PLUGINS:
        for path in sorted(plugin.rglob("*.py")):
            yield plugin.name, path.relative_to(plugin.parent), path


def rules() -> Iterator[Script]:
    """The SQL files of the built-in channels: the rules of their tables."""
    for plugin in PLUGINS:
        for path in sorted(plugin.rglob("*.sql")):
            yield Script(plugin.name, str(path.relative_to(plugin.parent)), path.read_text())


def strings() -> Iterator[Script]:
    """SQL that stands as text in Python."""
    for room, place, path in python():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and BEGINS.match(node.value):
                try:
                    pglast.parse_sql(node.value)
                except pglast.parser.ParseError:
                    continue
                yield Script(room, f"{place}:{node.lineno}", node.value)


def models() -> Iterator[tuple[str, type[Model]]]:
    """Every model with its room; a channel is one."""
    rooms = {path.parent.name: f"app.{path.parent.name}.models" for path in sorted(APP.glob("*/models.py"))}
    for room, name in (rooms | {plugin.name: f"{plugin.name}.models" for plugin in PLUGINS}).items():
        module = importlib.import_module(name)
        for _, found in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(found, Model)
                and found.__module__ == module.__name__
                and not found.Meta.__dict__.get("abstract")
            ):
                yield room, found


def room_of_table() -> dict[str, str]:
    """Which room has a table."""
    return {str(model._meta.db_table): room for room, model in models()}


def enum_of_column() -> dict[tuple[str, str], type[Enum]]:
    """The values that a column may have, of those that are of an enum."""
    return {
        (str(model._meta.db_table), name): field.enum_type
        for _, model in models()
        for name, field in model._meta.fields_map.items()
        if isinstance(field, CharEnumFieldInstance)
    }


class Named(Visitor):
    """What a parsed script names: its tables, and the texts that columns are compared with."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, str] = {}
        self.own: set[str] = set()
        self.compared: list[tuple[str | None, str, tuple[str, ...], bool]] = []

    def visit_RangeVar(self, ancestors: Any, node: Any) -> None:
        self.tables[node.alias.aliasname if node.alias else node.relname] = node.relname
        self.tables.setdefault(node.relname, node.relname)

    def visit_CommonTableExpr(self, ancestors: Any, node: Any) -> None:
        self.own.add(node.ctename)

    def visit_A_Expr(self, ancestors: Any, node: Any) -> None:
        column, texts = _column(node.lexpr), _texts(node.rexpr)
        if column and texts:
            self.compared.append((*column, texts, isinstance(node.rexpr, tuple)))

    def visit_CaseExpr(self, ancestors: Any, node: Any) -> None:
        column = _column(node.arg)
        if column:
            self.compared += [(*column, _texts(when.expr), False) for when in node.args]

    def foreign(self) -> set[str]:
        """The tables that it names, and does not make itself."""
        return set(self.tables.values()) - self.own


def named(parsed: Any) -> Named:
    visitor = Named()
    visitor(parsed)
    return visitor


def _column(node: Any) -> tuple[str | None, str] | None:
    if isinstance(node, pglast.ast.ColumnRef):
        parts = [str(field.sval) for field in node.fields or () if isinstance(field, pglast.ast.String)]
        if parts:
            return (parts[-2] if len(parts) > 1 else None), parts[-1]
    return None


def _texts(node: Any) -> tuple[str, ...]:
    nodes = node if isinstance(node, tuple) else (node,)
    found = [str(one.val.sval) for one in nodes if _is_text(one)]
    return tuple(found) if len(found) == len(nodes) else ()


def _is_text(node: Any) -> bool:
    return isinstance(node, pglast.ast.A_Const) and isinstance(node.val, pglast.ast.String)
