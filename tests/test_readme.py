"""What the documentation tells a newcomer to type works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.launcher.client import BillingClient
from app.launcher.journey import ACCEPT, ACTIVATE, AGREEMENT, CHOOSE, GATEWAY, KEY, LICENSE, REGISTER, UPGRADE
from app.protocol.signing import Message, Verifier, verify_request
from tests.serving import ROOT, Server

README = (ROOT / "README.md").read_text()
SIGNING = (ROOT / "docs" / "launcher-signing.md").read_text()
CHINA = timedelta(hours=8)


def _blocks(text: str, language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for named, block in found if named == language]


def _bash(script: str, folder: Path) -> str:
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_targets_it_names_exist() -> None:
    start, _ = _blocks(README, "sh")
    for target in re.findall(r"^make (\w+)", start, re.MULTILINE):
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def test_the_journey_by_hand(server: Server, tmp_path: Path) -> None:
    _, journey = _blocks(README, "sh")
    said = _bash(journey.replace("http://127.0.0.1:8000", server.base), tmp_path)
    assert '"code"' not in said
    assert "errors" not in said
    assert '"amount":"100.00"' in said
    assert '"edition":"PAY_AS_YOU_GO"' in said


def test_the_worked_example_of_a_signature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, base, request = _blocks(SIGNING, "")  # body, signed text, request
    (check,) = _blocks(SIGNING, "sh")
    (tmp_path / "base.txt").write_text(base.rstrip("\n"))
    signature = _bash(check, tmp_path).strip()
    assert f"Signature: sig1=:{signature}:" in request
    head, _, body = request.partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    message = Message("POST", f"http://{headers['Host']}/graphql", headers)
    monkeypatch.setattr(Verifier, "max_clock_skew", timedelta(days=36_500))
    sk = b"the-SK-that-createAccessKey-showed-once"
    assert len(verify_request("AK00112233445566778899AABB", sk, message, body.strip().encode())) >= 16


def test_the_signing_program(server: Server, tmp_path: Path) -> None:
    with BillingClient(server.url) as client:
        made = client.mutate(REGISTER, {"email": "readme@example.com", "password": "a long password"})
        client.token, me = made["token"], {"id": made["account"]["id"]}
        client.mutate(UPGRADE, me)
        agreement = client.execute(AGREEMENT, me)["account"]["agreement"]
        client.mutate(ACCEPT, {**me, "agreement": agreement["id"], "hash": agreement["contentHash"]})
        client.mutate(CHOOSE, {**me, "channel": "guance"})
        key = client.mutate(KEY, me)
        license_text = client.mutate(LICENSE, me)["license"]["text"]
        ak, sk = key["accessKey"]["ak"], key["sk"]
        presented = {"license": license_text, "ak": ak, "sk": sk, "gateway": GATEWAY}
        client.mutate(ACTIVATE, {**presented, "fingerprint": "host-7f3a2c10"})
    (program,) = _blocks(SIGNING, "python")
    now = (datetime.now(UTC) + CHINA).strftime("%Y-%m-%dT%H:00:00+08:00")
    for written, ours in (
        ("http://127.0.0.1:8000", server.base),
        ("AK00112233445566778899AABB", ak),
        ("the-SK-that-createAccessKey-showed-once", sk),
        ("2026-11-24T09:00:00+08:00", now),
    ):
        assert written in program
        program = program.replace(written, ours)
    (tmp_path / "report.py").write_text(program)
    done = subprocess.run([sys.executable, "report.py"], cwd=tmp_path, capture_output=True, text=True)
    assert "'count': 2" in done.stdout, done.stdout + done.stderr
