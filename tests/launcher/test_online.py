"""``billing launcher`` online against ``billing serve``, which is away for days and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.launcher.client import BillingClient
from app.launcher.folder import Folder
from app.launcher.journey import GATEWAY, Journey
from tests.licenses.commands import run
from tests.serving import Server, free_port, serving

FULL, REFUSED, WARNING, COMMUNITY = 0, 1, 3, 4
USAGE = """query ($id: ID!, $from: Date!, $to: Date!) {
  account(id: $id) { usage(from: $from, to: $to) { days { day quantity } } licenses { nodes { id } } } }"""
REVOKE = """mutation ($id: ID!) { revokeLicense(licenseId: $id, reason: "lost") {
  ... on RevokeLicenseSuccess { license { state } } ... on Error { code message } } }"""


class Site:
    """A self-hosted site: its Launcher's folder and files, and the account that it belongs to."""

    def __init__(self, folder: Path, server: Server, member: BillingClient) -> None:
        self.folder = Folder(folder / "launcher")
        self.files = folder
        self.journey = Journey(member, member)
        self.journey.register("Acme")
        self.journey.upgrade()
        self.journey.accept_agreement()
        self.journey.choose_prepaid_channel()
        key = self.journey.create_key()
        (folder / "license.txt").write_text(self.journey.create_license("first") + "\n")
        (folder / "key").write_text(f"{key.ak}\n{key.sk}\n")
        (folder / "kits").write_text("dk-1\ndk-2\ndk-3\n")
        self.url = server.base

    def activate(self, *arguments: str) -> tuple[int, str]:
        return self._run(
            "activate", "--url", self.url, "--license", self.files / "license.txt", "--gateway", GATEWAY, *arguments
        )

    def status(self, at: datetime, *arguments: str) -> tuple[int, str]:
        return run("launcher", "status", "--folder", self.folder.path, "--at", f"{at:%Y-%m-%dT%H:%M:%S}Z", *arguments)

    def report(self, hour: datetime | None = None) -> tuple[int, str]:
        noted = [self.files / "kits", "--hour", f"{hour:%Y-%m-%dT%H:00:00}Z"] if hour else []
        return self._run("report", *noted)

    def _run(self, command: str, *arguments: Any) -> tuple[int, str]:
        return run("launcher", command, *arguments, "--folder", self.folder.path, "--key-file", self.files / "key")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def member(port: int) -> Iterator[BillingClient]:
    with BillingClient(f"http://127.0.0.1:{port}/graphql") as client:
        yield client


def test_a_server_that_is_away_for_days_costs_nothing_but_a_warning(
    database_url: str, tmp_path: Path, port: int, member: BillingClient
) -> None:
    now = datetime.now(UTC)

    def after(days: float) -> datetime:
        return now + timedelta(days=days)

    with serving(tmp_path, database_url, port) as server:
        site = Site(tmp_path, server, member)
        code, said = site.activate()
        assert (code, "PAY_AS_YOU_GO" in said) == (0, True), said
        assert site.report(now)[0] == 0
        server.kill()

    for days, expected in ((0, FULL), (13.9, FULL), (14.1, WARNING), (27.9, WARNING), (28.1, COMMUNITY)):
        assert site.status(after(days))[0] == expected, days
    assert "DataKits: no limit" in site.status(after(20))[1]
    assert "DataKits" not in site.status(after(30))[1]
    for days in (1, 8, 9, 20):
        assert site.report(after(days))[0] == REFUSED
    assert len(list(site.folder.pending_usage())) == 4

    with serving(tmp_path, database_url, port):
        site.journey.advance(after(20.1))
        code, said = site.report()
        assert (code, said.count("3 DataKits")) == (0, 4), said
        assert list(site.folder.pending_usage()) == []
        assert site.status(after(34))[0] == FULL
        assert site.status(after(35))[0] == WARNING
        first, last = (f"{at + timedelta(hours=8):%Y-%m-%d}" for at in (now, after(20)))
        usage = member.execute(USAGE, {**site.journey.me, "from": first, "to": last})["account"]["usage"][0]["days"]
        assert [day["quantity"] for day in usage if day["quantity"]] == [3] * 5


def test_a_revocation_is_seen_with_the_next_look_and_reports_go_on(
    database_url: str, tmp_path: Path, port: int, member: BillingClient
) -> None:
    now = datetime.now(UTC)
    with serving(tmp_path, database_url, port) as server:
        site = Site(tmp_path, server, member)
        assert site.activate("--fingerprint", "host-7f3a2c10")[0] == 0
        assert site.status(now, "--refresh")[0] == FULL
        found = member.execute(USAGE, {**site.journey.me, "from": f"{now:%Y-%m-%d}", "to": f"{now:%Y-%m-%d}"})
        member.mutate(REVOKE, {"id": found["account"]["licenses"]["nodes"][0]["id"]})
        assert site.status(now)[0] == FULL
        code, said = site.report(now)
        assert (code, "the receipt was not renewed" in said) == (0, True), said
        code, said = site.status(now, "--refresh")
        assert (code, "LICENSE_REVOKED" in said) == (COMMUNITY, True), said
        code, said = site.activate()
        assert (code, "INVALID_LICENSE" in said) == (REFUSED, True), said
        assert site.status(now)[0] == COMMUNITY
