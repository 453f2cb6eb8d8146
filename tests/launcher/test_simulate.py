"""``billing launcher simulate`` against ``billing serve``: what was charged is what was reported, or it says so."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from app.cli import app
from app.launcher.display import watched
from app.launcher.fleet import Fleet, Hour
from app.launcher.simulation import Simulation
from tests.serving import BILLING, Server, environment, serving, simulated


def test_late_and_repeated_hours_are_charged_right(server: Server) -> None:
    fleet = "--deployments 4 --datakits 30 --accounts 2 --days 2 --late 0.9 --repeated 0.3 --seed 5"
    done = simulated(server.base, server.data, *fleet.split())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "day 2 of 2" in done.stdout
    assert "\x1b" not in done.stdout
    days = re.findall(r"│ (\d{4}-\d\d-\d\d) +│ +(\d+) │ +([\d.]+) │ +([\d.]+) │ +(\d+) │ +0 │", done.stdout)
    assert len(days) == 2
    assert all(expected == charged for _, _, expected, charged, _ in days)
    assert sum(int(corrections) for *_, corrections in days) > 0
    assert "every day was charged as it should be" in done.stdout


def test_what_was_not_reported_is_found_out(server: Server) -> None:
    with Simulation(server.url, Fleet(7, 2, 30, 0.0, 0.0), days=1, accounts=1, concurrency=2) as simulation:
        terminal = Console(file=io.StringIO(), force_terminal=True, width=160)
        with watched(simulation, terminal) as day_ended:
            (fair,) = simulation.run(day_ended)
        assert (fair.difference, fair.corrections) == (Decimal(0), 0)
        assert re.search(r"day .*1.* of 1, hour 24.* calls.* DataKits", terminal.file.getvalue())  # type: ignore[attr-defined]
        (customer,) = simulation._customers
        peak = max(customer.counts, key=lambda hour: sum(customer.counts[hour].values()))
        customer.journey.report("simulated-7-00000", customer.key, peak, [f"stowaway-{n}" for n in range(7)])
        customer.advance(24, timedelta(minutes=20))
        (changed,) = customer.check()
        assert (changed.difference, changed.corrections) == (Decimal("35.00"), 1)


def test_a_server_that_restarts_meanwhile_does_no_harm(database_url: str, tmp_path: Path) -> None:
    with serving(tmp_path, database_url) as first:
        port = int(first.base.rpartition(":")[2])
        process = subprocess.Popen(
            [str(BILLING), "launcher", "simulate", "--url", first.base, "--days", "2", "--deployments", "4"],
            env=environment(tmp_path, None),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        said = process.stdout.readline()
        first.kill()
    with serving(tmp_path, database_url, port):
        said += process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    assert "every day was charged as it should be" in said
    assert not re.search(r"day 2 of 2.* 0 calls repeated after errors", said)


def test_without_a_server_it_says_so_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.launcher.patient.WAITS", (0.01,))
    done = CliRunner().invoke(app, ["launcher", "simulate", "--url", "http://127.0.0.1:9"])
    assert done.exit_code == 1
    assert "stopped" in done.output


@given(st.integers(), st.integers(1, 3), st.integers(1, 60), st.integers(0, 3), st.integers(0, 100))
def test_the_same_seed_is_the_same_usage(seed: int, of: int, data_kits: int, deployment: int, hour: int) -> None:
    def usage() -> Hour:
        return Fleet(seed, of, data_kits, 0.5, 0.5).hour(deployment, hour)

    assert usage() == usage()
    assert 1 <= len(set(usage().data_kits)) == len(usage().data_kits) <= data_kits
    assert 0 <= usage().sent_in - hour <= 36
    assert usage().times in (1, 2)


def test_data_kits_come_and_go_over_the_day() -> None:
    hours = [len(Fleet(1, 1, 100, 0, 0).hour(0, hour).data_kits) for hour in range(24)]
    assert max(hours[12:17]) > 75
    assert max(hours[:3]) < 65
