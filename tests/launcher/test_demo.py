"""``billing demo`` against ``billing serve``, both real processes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.serving import BILLING, Server, environment


def _demo(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return _run(data, "demo", *arguments, **settings)


def _run(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BILLING), *arguments],
        env={**environment(data, None), **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_ends_with_the_settled_charge(server: Server) -> None:
    done = _demo(server.data, "--url", server.url, "--data-kits", "33")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "33 DataKits" in done.stdout
    assert "165.00 CNY, settled through the channel guance" in done.stdout
    assert "balance left 835.00 CNY" in done.stdout
    assert done.stderr == ""


def test_what_the_server_says_to_its_user_has_no_warnings(server: Server) -> None:
    assert _demo(server.data, "--url", server.url).returncode == 0
    said = (server.data / "serve.log").read_text()
    assert "GraphiQL       http://127.0.0.1" in said
    assert "Warning" not in said


def test_the_port_of_the_settings_and_either_form_of_the_address(server: Server) -> None:
    assert _demo(server.data, "--url", server.base).returncode == 0
    port = server.base.rpartition(":")[2]
    assert _demo(server.data, BILLING_PORT=port).returncode == 0


@pytest.mark.parametrize("command", ["demo", "launcher simulate"])
def test_without_a_server_it_says_so_and_fails(tmp_path: Path, command: str) -> None:
    (tmp_path / "demo-tokens.json").write_text('{"staff": "x"}')
    done = _run(tmp_path, *command.split(), BILLING_PORT="9")
    assert done.returncode == 1
    assert done.stdout == "stopped: nothing answers at http://127.0.0.1:9: start `make run` first\n"
    assert "Traceback" not in done.stderr
