"""What the steps of a customer's journey take, one after another."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from bench.account import Customer
from bench.reports import REPORT, signed
from bench.servers import Server

STEPS = (
    "register",
    "createAccount",
    "upgradeEdition",
    "acceptAgreement",
    "chooseSettlementChannel",
    "createAccessKey",
    "createLicense",
    "activateLicense",
    "reportUsage",
)


class Timed(Customer):
    """Notes how long each step takes, and what it takes of the server's processors, both in milliseconds."""

    def __init__(self, server: Server, steps: dict[str, list[tuple[float, float]]]) -> None:
        self._server, self._steps = server, steps
        super().__init__(server.url)

    def send(self, name: str, body: bytes, headers: Mapping[str, str]) -> Any:
        """The step's answer."""
        used, begun = self._server.processor_time(), time.perf_counter()
        answer = super().send(name, body, headers)
        taken = time.perf_counter() - begun, self._server.processor_time() - used
        self._steps.setdefault(name, []).append((taken[0] * 1000, taken[1] * 1000))
        return answer


def travelled(server: Server, times: int, ids: int = 500) -> dict[str, list[tuple[float, float]]]:
    """Go so many times, each with a new customer, from registering to a report; the milliseconds of each step."""
    steps: dict[str, list[tuple[float, float]]] = {}
    for number in range(times + 1):
        customer = Timed(server, steps if number else {})
        with closing(customer.http):
            reporter = customer.reporter(customer.ask("createAccount", name="Second")["account"]["id"], deployments=1)
            hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
            reports = [{"hour": hour, "dataKits": [f"host-{one:06}.datacenter.example" for one in range(ids)]}]
            variables = {"fingerprint": reporter.fingerprints[0], "reports": reports}
            body = orjson.dumps({"query": REPORT, "variables": variables})
            customer.send("reportUsage", body, signed(server.url, body, reporter))
    return steps
