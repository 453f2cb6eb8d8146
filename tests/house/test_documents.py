"""Documents that must keep up with the code: every setting, and every decision."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_stands_in_the_operations_manual_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    variable = field.validation_alias or f"BILLING_{name.upper()}"
    row = re.search(rf"^\| `{variable}` \| (.+?) \|", (DOCS / "operations.md").read_text(), re.MULTILINE)
    assert row, variable
    if field.default in (None, ""):
        assert row[1].startswith("unset")
    else:
        default = json.dumps(field.default, default=str).strip('"').removesuffix(".0")
        assert row[1] == f"`{default}`"


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    records = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    listed = re.findall(r"\(decisions/(\S+)\)", (DOCS / "architecture.md").read_text())
    assert listed == [path.name for path in records]
    for number, path in enumerate(records, 1):
        assert path.read_text().startswith(f"# {number}. "), path
