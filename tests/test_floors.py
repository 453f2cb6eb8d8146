"""The floors of the house: they stand once, in docs/architecture.md, and every import between rooms goes down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
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
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if name in MODULES:
                    yield name
                elif node.module in MODULES:
                    yield node.module


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


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter({module: set(imports(path)) for module, path in MODULES.items()}).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None
