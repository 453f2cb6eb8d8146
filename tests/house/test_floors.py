"""The floors of the house: they stand once, in docs/architecture.md, and every import between rooms goes down."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
FLOORS = re.compile(r"```floors\n(.*?)```", re.DOTALL)


def floors() -> dict[str, int]:
    """Each room (a folder of ``app``, or a module beside them), and how high it is."""
    found = FLOORS.search((ROOT / "docs/architecture.md").read_text())
    assert found is not None
    rows = found[1].strip().splitlines()
    return {room: height for height, row in enumerate(reversed(rows)) for room in row.split()}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in APP.rglob("*.py")}


def imports(path: Path) -> Iterator[str]:
    """The modules of ``app`` that a module imports, anywhere in it: in functions and for type checking, too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if name in MODULES:
                    yield name
                elif node.module in MODULES:
                    yield str(node.module)


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_room_has_a_floor() -> None:
    assert {room_of(module) for module in MODULES} - {""} == set(floors())


def test_every_import_between_rooms_goes_down() -> None:
    height = floors()
    climbing = [
        f"{module} -> {imported}"
        for module, path in MODULES.items()
        for imported in imports(path)
        if room_of(module) != room_of(imported) and height[room_of(module)] <= height[room_of(imported)]
    ]
    assert climbing == []


LOOKING = {
    "audit",
    "models",
    "queries",
    "keys",
    "types",
    "details",
    "labels",
    "columns",
    "months",
    "terms",
    "checks",
    "hours",
}
NOT_NOUNS = {"db", "events", "jobs", "idempotency", "protocol"}
HIGHEST_NOUN = "journey"


def nouns_changed(module: str) -> set[str]:
    """The nouns that a module imports more of than their tables and what looks at them."""
    height = floors()
    return {
        room_of(imported)
        for imported in imports(MODULES[module])
        if imported.rpartition(".")[2] not in LOOKING
        and "." in imported.removeprefix("app.")
        and room_of(imported) not in {room_of(module), *NOT_NOUNS}
        and height[room_of(imported)] < height[HIGHEST_NOUN]
    }


def test_more_than_three_nouns_meet_in_journey_and_closing_alone() -> None:
    meeting = {room_of(module) for module in MODULES if len(nouns_changed(module)) > 3}
    assert meeting <= {"journey", "closing"}
    assert "journey" in meeting


def test_the_protocol_imports_no_room() -> None:
    rooms = {room_of(module) for module in MODULES if module.count(".") > 1}
    found = {imported for module in MODULES if room_of(module) == "protocol" for imported in imports(MODULES[module])}
    assert {room_of(imported) for imported in found} & rooms == {"protocol"}


def test_plugins_and_the_core_know_each_other_by_the_specification_alone() -> None:
    for folder in ("plugins", "examples", "templates"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not re.search(r"\bapp\b", " ".join(packages(path))), path
    keys = {path.parent.name.removeprefix("settlement_") for path in (ROOT / "plugins").glob("*/pyproject.toml")}
    assert "aliyun" in keys
    channels = keys - {"spec"}
    for path in APP.rglob("*.py"):
        assert packages(path).isdisjoint({f"settlement_{key}" for key in channels}), path
    names = re.compile("|".join(rf"(?<![A-Za-z]){key}" for key in channels), re.IGNORECASE)
    for path in (path for path in APP.rglob("*.*") if path.suffix in {".py", ".sql"}):
        assert not names.search(path.read_text()), path


def packages(path: Path) -> set[str]:
    """The packages that a module imports, anywhere in it."""
    if "{{" in (text := path.read_text()):
        return set(re.findall(r"^\s*(?:from|import) (\w+)", text, re.MULTILINE))
    return {name.partition(".")[0] for node in ast.walk(ast.parse(text)) for name in imported_from(node)}


def imported_from(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_a_migration_imports_tortoise_and_the_standard_library_alone() -> None:
    migrations = [*(APP / "migrations").glob("0*.py"), *(ROOT / "plugins").glob("*/*/migrations/0*.py")]
    assert len(migrations) >= 4
    for path in migrations:
        for name in (name for node in ast.walk(ast.parse(path.read_text())) for name in imported_from(node)):
            assert name.split(".")[0] in {"tortoise", *sys.stdlib_module_names}, f"{path}: {name}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter({module: set(imports(path)) for module, path in MODULES.items()}).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_what_tests_share_stands_in_no_test_module() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        for name in (name for node in ast.walk(ast.parse(path.read_text())) for name in imported_from(node)):
            assert not name.rpartition(".")[2].startswith("test_"), f"{path}: {name}"
