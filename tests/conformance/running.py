"""Running the kit as an author does: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_kit(
    folder: Path, *names: str, target: Path | None = None, report: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """pytest with the kit in ``folder``; ``target`` holds channels that are installed nowhere else."""
    written = ["--junit-xml", str(report)] if report else []
    options = [argument for name in names for argument in ("--settlement-channel", name)]
    path = os.pathsep.join(str(place) for place in (target, ROOT) if place)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", *written, *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def install(project: Path, target: Path) -> None:
    """Install a distribution into a folder of its own, with what is here already."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--target", target, project], check=True)
