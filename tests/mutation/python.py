"""Mutants of Python (``make mutants``): mutmut changes one thing at a time, and the tests that reach it run.

``python -m tests.mutation.python [ARGUMENT …]`` takes the arguments of ``mutmut run``, such as ``'app.closing.*'``.
What is mutated, and which tests run, stands in pyproject.toml. mutmut wants packages beside one another: it works in
``.mutants``, on links to them, keeps its results there, and goes on where it was stopped. ``cd .mutants`` and
``mutmut show NAME`` shows what a survivor changed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.mutation.server import running_server

ROOT = Path(__file__).parents[2]
STAGE = ROOT / ".mutants"
MUTMUT = ROOT / ".venv" / "bin" / "mutmut"
LINKS = {
    "app": "app",
    "pyproject.toml": "pyproject.toml",
    "settlement_guance": "plugins/settlement_guance/settlement_guance",
    "tests": "tests",
    "mutants/.venv": ".venv",
    "mutants/schema.graphql": "schema.graphql",
}
RESULT = re.compile(r"^\s*(?P<module>\S+)\.x\S+__mutmut_\d+: (?P<outcome>.+)$", re.MULTILINE)
KILLED = {"killed", "timeout", "segfault"}


def stage() -> None:
    """Make the links, and bring up to date what mutmut copies once: files that are not Python."""
    (STAGE / "mutants").mkdir(parents=True, exist_ok=True)
    for place, target in LINKS.items():
        if not (STAGE / place).is_symlink():
            (STAGE / place).symlink_to(ROOT / target)
    for package in ("app", "settlement_guance"):
        if (copied := STAGE / "mutants" / package).exists():
            shutil.copytree(STAGE / package, copied, ignore=shutil.ignore_patterns("*.py", "*.pyc"), dirs_exist_ok=True)


def results() -> dict[str, Counter[str]]:
    """How many mutants of each module came to what, as far as they ran."""
    done = subprocess.run([MUTMUT, "results", "--all", "true"], cwd=STAGE, capture_output=True, text=True, check=True)
    found: dict[str, Counter[str]] = {}
    for result in RESULT.finditer(done.stdout):
        if result["outcome"] != "not checked":
            found.setdefault(result["module"], Counter())[result["outcome"]] += 1
    return found


def row(name: str, outcomes: Counter[str]) -> str:
    """A line of the table: how many were killed, of how many, and what became of the rest."""
    killed, ran = sum(outcomes[outcome] for outcome in KILLED), outcomes.total()
    rest = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()) if outcome not in KILLED)
    return f"{killed / ran:7.1%}  {killed:5} of {ran:5}  {name}" + (f": {rest}" if rest else "")


def main(arguments: list[str]) -> int:
    """Run mutmut, and print what its mutants came to; answers the exit code of mutmut."""
    stage()
    with running_server() as environment:
        code = subprocess.run([MUTMUT, "run", *arguments], cwd=STAGE, env=environment).returncode
    found = results()
    for name, outcomes in sorted(found.items()):
        print(row(name, outcomes))
    if found:
        print(row("all", sum(found.values(), Counter())))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
