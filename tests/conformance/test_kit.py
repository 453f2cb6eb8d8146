"""The kit passes a sound channel, and finds what is wrong with each of the mutants."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest
from settlement_spec.conformance import checks

from tests.conformance.mutants import FINDS
from tests.conformance.running import run_kit

NAMES = ["sound", *(mutant.key for mutant in FINDS)]
CHECKS = {
    name
    for module in Path(str(checks.__file__)).parent.glob("test_*.py")
    for name in re.findall(r"^async def (test_\w+)", module.read_text(), re.MULTILINE)
}
INAPPLICABLE = {"test_its_tables_can_be_found", "test_what_is_booked_is_undone_with_the_callers_transaction"}


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a harness, and the reference and the mutants installed as plugins; a mutant is put to the check
    alone that is to find it."""
    folder = tmp_path_factory.mktemp("author")
    (folder / "conftest.py").write_text("from tests.conformance.author import *\n")
    installed = folder / "installed" / "mutants-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: mutants\nVersion: 1.0\n")
    points = ["sound = tests.conformance.reference:sound"]
    points += [f"{mutant.key} = tests.conformance.mutants:{mutant.key}" for mutant in FINDS]
    (installed / "entry_points.txt").write_text("\n".join(["[edition_billing.settlement]", *points, ""]))
    return folder


@pytest.fixture(scope="module")
def failures(author: Path) -> dict[str, dict[str, str]]:
    """What became of each check, by channel: ``passed``, ``failed`` or ``skipped``."""
    done = run_kit(author, *NAMES, target=author / "installed", report=author / "report.xml")
    assert done.returncode == 1, done.stdout + done.stderr
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for case in ElementTree.parse(author / "report.xml").iter("testcase"):
        check, _, rest = case.attrib["name"].partition("[")
        name = next(name for name in NAMES if name in re.split(r"[-\]]", rest))
        outcome = {"failure": "failed", "error": "failed", "skipped": "skipped"}
        outcomes = [outcome[child.tag] for child in case if child.tag in outcome] or ["passed"]
        if found[name].get(check) != "failed":
            found[name][check] = outcomes[0]
    return found


def test_a_sound_channel_passes_every_check_that_applies(failures: dict[str, dict[str, str]]) -> None:
    assert failures["sound"] == {check: "skipped" if check in INAPPLICABLE else "passed" for check in CHECKS}


@pytest.mark.parametrize(("mutant", "check"), [(mutant.key, check) for mutant, check in FINDS.items()])
def test_a_mutant_is_found_by_the_check_that_names_its_fault(
    failures: dict[str, dict[str, str]], mutant: str, check: str
) -> None:
    assert failures[mutant][check] == "failed"


def test_every_check_can_fail(failures: dict[str, dict[str, str]]) -> None:
    bite = {check for found in failures.values() for check, outcome in found.items() if outcome == "failed"}
    assert CHECKS - bite == {"test_its_tables_can_be_found"}


def test_a_channel_that_is_not_installed_is_named_with_those_that_are(tmp_path: Path) -> None:
    done = run_kit(tmp_path, "cheque")
    assert done.returncode == 4
    assert "no settlement channel cheque is installed; there are:" in done.stderr
    assert "guance" in done.stderr
