"""Every text that people read, in the sources: those that no other test makes the code say, too."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.messages import CHINESE, HALF_WIDTH, mutations, unreadable

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("app", "plugins", "examples")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts and "build" not in path.parts
]
LOCALES = ROOT / "web/console/src/locales/zh"
ENGLISH_WORDS = re.compile(r"[a-z]{2,},? [a-z]{2,}")


def _said(node: ast.expr) -> Iterator[str]:
    """The texts in an expression; what is put into them stands as ``x``."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.Lambda):
        for child in node.values if isinstance(node, ast.Dict) else ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from _said(child)


def _messages(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """What is said to people: values of ``en`` and ``zh``, by whatever way they are given."""
    for node in ast.walk(tree):
        given: list[tuple[str, ast.expr]] = []
        if isinstance(node, ast.keyword) and node.arg:
            given = [(node.arg, node.value)]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            given = [(node.targets[0].id, node.value)]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            given = [(str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant)]
        for name, value in given:
            if name in ("en", "zh") or name.endswith(("_en", "_zh")) or name in ("reason", "others", "asks"):
                yield from ((value.lineno, text) for text in _said(value))


def _texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every text of the source, f-strings whole."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in parts:
            yield node.lineno, "".join(_said(node))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_people_read_names_no_mutation_and_is_punctuated_as_chinese_is(path: Path) -> None:
    tree = ast.parse(path.read_text())
    found = [f"{line}: {what}" for line, text in _messages(tree) for what in unreadable(text)]
    chinese = [(line, text) for line, text in _texts(tree) if re.search(f"[{CHINESE}]", text)]
    found += [
        f"{line}: half-width punctuation in {text!r}"
        for line, text in chinese
        if not ENGLISH_WORDS.search(text) and HALF_WIDTH.search(text)
    ]
    assert not found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_operations_that_lead_on_are_mutations(path: Path) -> None:
    named = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.keyword) and node.arg == "operations" and isinstance(node.value, ast.Tuple):
            named |= {text for element in node.value.elts for text in _said(element)}
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "leads_on":
            named |= set(_said(node.value))
    assert named <= mutations()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_console_says_of_every_mutation_what_was_done(language: str) -> None:
    said = json.loads((LOCALES.parent / language / "actions.json").read_text())
    assert set(said) == mutations()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "web/console/src/locales/zh").glob("*.json")), ids=lambda path: path.stem
)
def test_the_console_is_punctuated_as_chinese_is(path: Path) -> None:
    def texts(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for one in value.values():
                yield from texts(one)
        else:
            yield str(value)

    assert not [text for text in texts(json.loads(path.read_text())) if HALF_WIDTH.search(text)]
