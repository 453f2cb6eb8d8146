"""A customer who has something to be shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from bench.account import Customer
from bench.reports import REPORT, Reporter, signed

DAYS = 37
ZONE = ZoneInfo("Asia/Shanghai")


class Billed(Customer):
    """A user with 20 accounts that pay, each with 3 licenses: one billed for 37 days with usage, 19 for 12 days.

    Another account, the last, applies for a contract.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url, sandbox=True)
        begun = datetime.now(UTC)
        self._bill(self.account, DAYS, reports=True)
        for number in range(19):
            self._bill(self.ask("createAccount", name=f"Account {number}")["account"]["id"], 12)
        self.first = (begun.astimezone(ZONE) + timedelta(days=8)).date()
        applicant = self.ask("createAccount", name="Applicant")["account"]["id"]
        self.application: str = self.ask("applyForEdition", account=applicant)["application"]["id"]
        self.user: str = self.ask("viewer")["user"]["id"]

    def variables(self, operation: str) -> dict[str, Any]:
        """What an operation of ``bench.reading`` is asked with."""
        if operation == "Accounts":
            return {}
        more = {"from": str(self.first), "to": str(self.first + timedelta(days=30))} if operation == "Usage" else {}
        return {"id": self.account, **more}

    def _bill(self, account: str, days: int, reports: bool = False) -> None:
        reporter = self.reporter(account, deployments=2)
        self.ask("createLicense", account=account)
        begun = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self._advance(account, 8)
        for day in range(days):
            if reports:
                self._report(reporter, begun + timedelta(days=7 + day))
            self._advance(account, 1)

    def _advance(self, account: str, days: int) -> None:
        self.ask("advanceSandboxClock", account=account, by=days * 86_400)

    def _report(self, reporter: Reporter, begins: datetime) -> None:
        hours = [begins + timedelta(hours=hour) for hour in range(24)]
        ids = [f"host-{number:02}" for number in range(25)]
        reports = [{"hour": hour.isoformat(), "dataKits": ids[: 15 + hour.hour % 10]} for hour in hours]
        body = orjson.dumps(
            {"query": REPORT, "variables": {"fingerprint": reporter.fingerprints[0], "reports": reports}}
        )
        self.send("reportUsage", body, signed(self.url, body, reporter))
