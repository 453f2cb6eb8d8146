"""``billing demo`` against ``billing serve``, both real processes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.serving import BILLING, Server, environment


def _demo(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BILLING), "demo", "--url", server.url, *arguments],
        env={**environment(server.data, None), "COLUMNS": "140"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_ends_with_the_settled_charge(server: Server) -> None:
    done = _demo(server, "--data-kits", "33")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "33 DataKits" in done.stdout
    assert "165.00 CNY, settled through the channel guance" in done.stdout
    assert "balance left 835.00 CNY" in done.stdout
    assert done.stderr == ""


def test_what_the_server_says_to_its_user_has_no_warnings(server: Server) -> None:
    assert _demo(server).returncode == 0
    said = (server.data / "serve.log").read_text()
    assert "GraphiQL   http://127.0.0.1" in said
    assert "Warning" not in said


def test_without_a_server_it_says_so_and_fails(tmp_path: Path) -> None:
    (tmp_path / "demo-tokens.json").write_text('{"staff": "x"}')
    done = subprocess.run(
        [str(BILLING), "demo", "--url", "http://127.0.0.1:9/graphql"],
        env=environment(tmp_path, None),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
