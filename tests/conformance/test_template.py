"""The template yields a distribution that installs with no network and passes the kit."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import copier
import pytest

from tests.conformance.running import ROOT, install, run_kit

ANSWERS = {"key": "cheque", "name_en": "Cheque", "name_zh": "支票", "currency": "CNY"}

COMMAND = "copier copy templates/settlement-channel my-channel"


def test_the_command_of_the_guide_needs_no_answers(tmp_path: Path) -> None:
    assert f"\n.venv/bin/{COMMAND}\n" in (ROOT / "docs" / "writing-a-channel.md").read_text()
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    done = subprocess.run([sys.executable, "-m", *COMMAND.split(), "--defaults"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    install(tmp_path / "my-channel", tmp_path / "target")
    tried = run_kit(tmp_path / "my-channel", "voucher", target=tmp_path / "target")
    assert re.search(r"settlement channel voucher: \d{2} passed, 0 failed", tried.stdout), tried.stdout


@pytest.mark.filterwarnings("ignore")
def test_the_template_yields_a_channel_that_passes_the_kit(tmp_path: Path) -> None:
    source, project, target = tmp_path / "source", tmp_path / "project", tmp_path / "target"
    shutil.copytree(ROOT / "templates" / "settlement-channel", source)
    copier.run_copy(str(source), project, data=ANSWERS, quiet=True, unsafe=False)
    install(project, target)
    done = run_kit(project, "cheque", target=target)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"settlement channel cheque: \d{2} passed, 0 failed", done.stdout), done.stdout
    own = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], cwd=project, env={"PYTHONPATH": str(target)}, check=False
    )
    assert own.returncode == 0
