"""The server is killed between the steps of the journey; nothing is lost, and nothing is done twice."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.launcher.client import AccessKey, BillingClient
from app.launcher.demo import CHARGES
from app.launcher.journey import (
    ACCEPT,
    ACTIVATE,
    ADVANCE,
    AGREEMENT,
    CHOOSE,
    GATEWAY,
    KEY,
    LICENSE,
    REGISTER,
    REPORT,
    UPGRADE,
)
from tests.serving import BILLING, embedded_folder, environment, free_port, serving

CHINA = timedelta(hours=8)


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder with a blank in its name, whose embedded PostgreSQL is stopped in the end."""
    with embedded_folder() as folder:
        yield folder


@pytest.mark.slow
def test_killed_between_any_two_steps_the_money_is_right(data: Path, record_property: Any) -> None:
    port = free_port()
    starts: list[float] = []
    kept: dict[str, Any] = {}
    with BillingClient(f"http://127.0.0.1:{port}/graphql") as client:
        for step in (_choose, _pay, _activate, _pass_the_free_period, _report_and_close):
            with serving(data, None, port) as server:
                starts.append(server.seconds)
                step(client, kept)
                server.kill()
        with serving(data, None, port):
            charges = _settled(client, kept)
    record_property("seconds to the first answer", starts)
    assert [(charge["day"], charge["quantity"], charge["amount"]["amount"]) for charge in charges] == [
        (kept["day"], 31, "155.00")
    ]
    assert kept["balance"] == "-155.00"
    checked = subprocess.run(
        [str(BILLING), "ledger", "check"], env=environment(data, None), capture_output=True, text=True
    )
    assert "the books are right" in checked.stdout, checked.stderr


def _choose(client: BillingClient, kept: dict[str, Any]) -> None:
    made = client.mutate(REGISTER, {"email": "a@example.com", "password": "a long password"})
    client.token, kept["me"] = made["token"], {"id": made["account"]["id"]}
    client.mutate(UPGRADE, kept["me"])


def _pay(client: BillingClient, kept: dict[str, Any]) -> None:
    agreement = client.execute(AGREEMENT, kept["me"])["account"]["agreement"]
    client.mutate(ACCEPT, {**kept["me"], "agreement": agreement["id"], "hash": agreement["contentHash"]})
    client.mutate(CHOOSE, {**kept["me"], "channel": "guance"})


def _activate(client: BillingClient, kept: dict[str, Any]) -> None:
    key = client.mutate(KEY, kept["me"])
    kept["key"] = AccessKey(key["accessKey"]["ak"], key["sk"])
    text = client.mutate(LICENSE, kept["me"])["license"]["text"]
    active = client.mutate(
        ACTIVATE,
        {
            "license": text,
            "ak": key["accessKey"]["ak"],
            "sk": key["sk"],
            "gateway": GATEWAY,
            "fingerprint": "fingerprint-1",
        },
    )
    kept["day"] = active["account"]["upgrade"]["firstBilledDay"]
    kept["midnight"] = datetime.fromisoformat(kept["day"]).replace(tzinfo=UTC) - CHINA


def _pass_the_free_period(client: BillingClient, kept: dict[str, Any]) -> None:
    client.mutate(ADVANCE, {**kept["me"], "to": (kept["midnight"] + timedelta(hours=12)).isoformat()})


def _report_and_close(client: BillingClient, kept: dict[str, Any]) -> None:
    hour = {
        "hour": (kept["midnight"] + timedelta(hours=9)).isoformat(),
        "dataKits": [f"dk-{number}" for number in range(31)],
    }
    for _ in range(2):
        client.mutate(REPORT, {"fingerprint": "fingerprint-1", "reports": [hour]}, kept["key"])
    client.mutate(ADVANCE, {**kept["me"], "to": (kept["midnight"] + timedelta(days=1, seconds=1)).isoformat()})


def _settled(client: BillingClient, kept: dict[str, Any]) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        found = client.execute(CHARGES, kept["me"])["account"]
        charges = [edge["node"] for edge in found["charges"]["edges"]]
        if charges and all(charge["settlement"]["state"] == "SETTLED" for charge in charges):
            kept["balance"] = found["wallet"]["balance"]["amount"]
            return charges
        time.sleep(0.1)
    raise AssertionError("the charge was not settled")
