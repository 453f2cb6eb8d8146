"""Dumps, and stopping the embedded server."""

from __future__ import annotations

import stat
import subprocess
import tempfile
from pathlib import Path

import asyncpg
import pytest

from app.db.connection import credentials
from app.db.server import start_embedded, stop_embedded
from tests.conftest import installed_server
from tests.serving import BILLING, embedded_folder, environment

OTHERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.mark.parametrize("binaries", OTHERS)
async def test_a_dump_restores_into_another_version(binaries: Path, database_url: str, tmp_path: Path) -> None:
    """The client of that version reads it, without one complaint."""
    dump = tmp_path / "billing.sql"
    subprocess.run([BILLING, "db", "dump", dump], env=environment(tmp_path, database_url), check=True)
    assert stat.S_IMODE(dump.stat().st_mode) == 0o600
    with (
        tempfile.TemporaryDirectory(prefix="billing-other-") as folder,
        installed_server(binaries, Path(folder)) as other,
    ):
        done = subprocess.run(
            [binaries / "psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--dbname={other}", f"--file={dump}"],
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
        checked = subprocess.run(
            [BILLING, "db", "check"], env=environment(tmp_path, other), capture_output=True, text=True
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_dump_that_fails_leaves_what_was_there(database_url: str, tmp_path: Path) -> None:
    kept = tmp_path / "billing.sql"
    kept.write_text("yesterday's")
    env = environment(tmp_path, database_url) | {"PGOPTIONS": "-c role=nobody_at_all"}
    for file, said in ((kept, "nothing was written"), (tmp_path / "no" / "x.sql", "cannot write")):
        done = subprocess.run([BILLING, "db", "dump", file], env=env, capture_output=True, text=True)
        assert (done.returncode, said in done.stdout, "Traceback" in done.stderr) == (1, True, False), done
    assert [(file, file.read_text()) for file in tmp_path.iterdir()] == [(kept, "yesterday's")]


async def test_the_embedded_server_is_stopped_by_name() -> None:
    with embedded_folder() as folder:
        url = start_embedded(folder)
        await (await asyncpg.connect(**credentials(url))).close()
        said = [
            subprocess.run(
                [BILLING, "db", "stop"], env=environment(folder, None), capture_output=True, text=True
            ).stdout.strip()
            for _ in range(2)
        ]
        assert said == ["the embedded database is stopped", "no embedded database was running"]
        assert not stop_embedded(folder)
        with pytest.raises(OSError):
            await asyncpg.connect(**credentials(url))
