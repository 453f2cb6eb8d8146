"""The guide for authors is complete, and what it shows works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import settlement_spec
from settlement_spec import HostServices, SettlementChannel, conformance
from settlement_spec.channel import PROTOCOLS, methods_of

from tests.conformance.running import ROOT, install, run_kit
from tests.docs.contract import table

GUIDE = (ROOT / "docs" / "writing-a-channel.md").read_text()
FILE = re.compile(r"^`([\w./]+)`:\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def methods(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


@pytest.mark.parametrize(
    "name",
    sorted(
        {*settlement_spec.__all__, *conformance.__all__}
        | {name for kind in (SettlementChannel, *PROTOCOLS) for name in methods_of(kind)}
        | methods(HostServices)
        | methods(conformance.Harness)
        | {"register_settlement_channels", "pytest_settlement_channel_harness"}
    ),
)
def test_every_public_name_is_mentioned(name: str) -> None:
    assert re.search(rf"\b{name}\b", GUIDE)


def test_the_table_of_the_methods_is_that_of_the_specification() -> None:
    assert table().replace("``", "`") in GUIDE


def test_the_table_has_every_method_of_the_contract() -> None:
    listed = [name for row in table().splitlines() for name in re.findall(r"``(\w+)``", row.split(" | ")[0])]
    written = [name for kind in (SettlementChannel, *PROTOCOLS) for name in methods_of(kind)]
    assert sorted(listed) == sorted([*written, "bind"]), "bind has two rows, everything else one"


def test_the_smallest_channel_installs_and_passes_the_kit(tmp_path: Path) -> None:
    project, target = tmp_path / "project", tmp_path / "target"
    for name, text in FILE.findall(GUIDE):
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    install(project, target)
    done = run_kit(project, "voucher", target=target)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"settlement channel voucher: \d{2} passed, 0 failed", done.stdout), done.stdout
