"""Mutants of SQL (``make sql-mutants``): one word or sign of a file is changed, and tests run on what was changed.

``python -m tests.mutation.sql [FILE …]``: without files, those that count and rate. Each mutant stands in a copy of
``app/``, which the tests import. What PostgreSQL refuses to prepare is no mutant.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pglast import parser

from app.db.connection import credentials
from tests.mutation.server import running_server

ROOT = Path(__file__).parents[2]
PYTEST: list[str | Path] = [
    ROOT / ".venv" / "bin" / "pytest",
    "-x",
    "-q",
    "-p",
    "no:cacheprovider",
    "-m",
    "not slow and not browser",
]
FUNCTIONS = Path("app/migrations/sql/0001")
TESTS = {
    "price_day": ["tests/billing/test_rating.py"],
    "day_quantity": ["tests/closing", "tests/usage"],
}
"""The tests of a function; a statement has those of its room."""
BODY = re.compile(r"\$\$(.*?)\$\$", re.DOTALL)
SWAPS = {
    ">": ">=",
    ">=": ">",
    "<": "<=",
    "<=": "<",
    "=": "<>",
    "<>": "=",
    "+": "-",
    "-": "+",
    "*": "+",
    "and": "OR",
    "or": "AND",
    "greatest": "least",
    "least": "greatest",
    "max": "min",
    "min": "max",
    "sum": "max",
    "desc": "ASC",
    "distinct": "",
    "not": "",
    "left": "",
    "true": "false",
    "false": "true",
    "union": "EXCEPT",
}
"""What a word or a sign is changed to."""


PATIENCE = 10
"""How many times as long as without a mutant the tests may take, before it counts as killed."""


@dataclass(frozen=True)
class Mutant:
    """A changed file: where it was changed, what to, and the whole text."""

    line: int
    change: str
    text: str


def mutants(text: str) -> Iterator[Mutant]:
    """Every change of one word, sign, number or text, in the bodies of functions or else anywhere."""
    for begin, end in [match.span(1) for match in BODY.finditer(text)] or [(0, len(text))]:
        for token in parser.scan(text[begin:end]):
            start, stop = begin + token.start, begin + token.end + 1
            word = text[start:stop]
            if (changed := other(token.name, word)) is not None:
                line = text.count("\n", 0, start) + 1
                yield Mutant(line, f"{word} -> {changed or 'nothing'}", text[:start] + changed + text[stop:])


def other(kind: str, word: str) -> str | None:
    """What a word is changed to, or ``None`` if it stays."""
    if kind == "ICONST":
        return str(int(word) + 1)
    return f"'{word[1:-1]}X'" if kind == "SCONST" else SWAPS.get(word.lower())


class Workshop:
    """A copy of ``app/``, and the database that each test's own is copied from: here mutants are put and tested."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = {**environment, "PYTHONPATH": str(folder)}
        self.template = {**credentials(environment["BILLING_TEST_SERVER"]), "database": "billing_template"}
        shutil.copytree(ROOT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__", "static"))

    async def put(self, path: Path, text: str) -> bool:
        """Let tests run on this text of a file; whether PostgreSQL accepts it."""
        connection = await asyncpg.connect(**self.template)
        try:
            if path.parent == FUNCTIONS:
                await connection.execute(text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
            else:
                await connection.prepare(text)
        except asyncpg.PostgresError:
            return False
        finally:
            await connection.close()
        (self.folder / path).write_text(text)
        return True

    def passes(self, tests: list[str], seconds: float | None = None) -> bool:
        """Whether the tests pass, within so many seconds."""
        try:
            done = subprocess.run(
                [*PYTEST, *tests], cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def examine(workshop: Workshop, path: Path) -> tuple[int, int]:
    """Test every mutant of a file and print those that survive; answers how many were killed, of how many.

    Raises:
        RuntimeError: the tests fail without a mutant.
    """
    text = (ROOT / path).read_text()
    tests = TESTS.get(path.stem) if path.parent == FUNCTIONS else [f"tests/{path.parts[1]}"]
    if tests is None:
        raise RuntimeError(f"say in TESTS which tests {path} has")
    began = time.monotonic()
    if not workshop.passes(tests):
        raise RuntimeError(f"the tests of {path} fail without a mutant")
    seconds = PATIENCE * (time.monotonic() - began)
    killed = count = 0
    for mutant in mutants(text):
        if asyncio.run(workshop.put(path, mutant.text)):
            survived = workshop.passes(tests, seconds)
            count, killed = count + 1, killed + (not survived)
            if survived:
                print(f"survived: {path}:{mutant.line}: {mutant.change}", flush=True)
    asyncio.run(workshop.put(path, text))
    return killed, count


def main(names: list[str]) -> None:
    """Examine these files, and print how many of their mutants were killed."""
    paths = [Path(name) for name in names] or [FUNCTIONS / f"{name}.sql" for name in TESTS]
    with running_server() as environment, tempfile.TemporaryDirectory(prefix="billing-mutants-") as folder:
        workshop = Workshop(Path(folder), environment)
        for path in paths:
            killed, count = examine(workshop, path)
            print(f"{killed} of {count} mutants of {path} were killed", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
