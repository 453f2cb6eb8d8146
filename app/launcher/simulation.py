"""Deployments played on a sandbox clock, over the public API alone; and what they ought to have been charged."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

import httpx

from app import clock
from app.launcher.client import AccessKey, BillingClient, Failed
from app.launcher.fleet import Fleet, Hour
from app.launcher.journey import Journey

CHARGES = """query ($id: ID!, $after: String) { account(id: $id) { charges(first: 100, after: $after) {
  nodes { kind day amount { amount } } pageInfo { hasNextPage endCursor } } } }"""
DAILY = ("DAILY", "ADJUSTMENT")
DEPLOYMENTS_OF_AN_ACCOUNT = 100
WAITS = (0.1, 0.5, 1, 2, 5, 10, 10, 10, 10)
INTO_THE_HOUR = timedelta(minutes=5)


class Tally:
    """What was done so far; threads add to it."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()

    def add(self, **counts: int) -> None:
        """Add to the counts: calls, data_kits, late, repeated, retried, miscounted."""
        with self._lock:
            self._counted.update(counts)

    def __getitem__(self, name: str) -> int:
        return self._counted[name]

    def per_second(self, name: str) -> float:
        """A count by the seconds since the beginning."""
        return self[name] / max(time.monotonic() - self.begun, 0.001)


class Patient(BillingClient):
    """Counts its calls, and asks again for most of a minute when the server is away or fails."""

    def __init__(self, url: str, tally: Tally) -> None:
        super().__init__(url)
        self._tally = tally

    def execute(self, document: str, variables: dict[str, Any], key: AccessKey | None = None) -> dict[str, Any]:
        """As ``BillingClient``; a repeated call is signed anew."""
        for wait in WAITS:
            try:
                return self._counted(document, variables, key)
            except (httpx.TransportError, Failed):
                self._tally.add(retried=1)
                time.sleep(wait)
        return self._counted(document, variables, key)

    def _counted(self, document: str, variables: dict[str, Any], key: AccessKey | None) -> dict[str, Any]:
        self._tally.add(calls=1)
        return super().execute(document, variables, key)


@dataclass(frozen=True)
class Plan:
    """The price plan as the API shows it: a price for each unit of a day, and the least number of units."""

    unit_price: Decimal
    minimum: int
    currency: str
    zone: str

    @classmethod
    def of(cls, shown: dict[str, Any]) -> Plan:
        """Read it."""
        price = shown["unitPrice"]
        return cls(Decimal(price["amount"]), shown["minimumQuantity"], price["currency"], shown["timeZone"])

    def price(self, count: int) -> Decimal:
        """What a day with this count costs."""
        return max(count, self.minimum) * self.unit_price


@dataclass
class DayCheck:
    """A billing day of one account: its largest hour, what that costs, and what was charged, corrections included."""

    day: date
    data_kits: int = 0
    expected: Decimal = Decimal(0)
    charged: Decimal = Decimal(0)
    corrections: int = 0

    @property
    def difference(self) -> Decimal:
        """Charged too much, or, below zero, too little."""
        return self.charged - self.expected


class Customer:
    """A sandbox account and its deployments."""

    def __init__(self, number: int, fleet: Fleet, deployments: range, member: Patient, launcher: Patient) -> None:
        self.name = f"Simulation {fleet.seed}, account {number + 1}"
        self.fleet = fleet
        self.deployments = deployments
        self.journey = Journey(member, launcher)
        self.counts: dict[datetime, dict[int, int]] = {}
        self._ahead = timedelta(0)

    def set_up(self, days: int) -> None:
        """Go to the first billed day: upgraded, with a license active on every deployment."""
        self.journey.register(self.name)
        self.journey.upgrade()
        self.journey.accept_agreement()
        self.journey.choose_prepaid_channel()
        self.key = self.journey.create_key()
        for deployment in self.deployments:
            text = self.journey.create_license(self._fingerprint(deployment))
            upgraded = self.journey.activate(text, self.key, self._fingerprint(deployment))
        self.plan = Plan.of(upgraded["pricePlan"])
        first = date.fromisoformat(upgraded["firstBilledDay"])
        self.days = [first + timedelta(days=after) for after in range(days)]
        self.begin = clock.day_start(first, self.plan.zone)

    def advance(self, hour: int, by: timedelta = INTO_THE_HOUR) -> None:
        """Bring the clock into an hour, or a bit beyond; where it is further already, it stays."""
        to = self.begin + timedelta(hours=hour) + by
        if to > datetime.now(UTC) + self._ahead:
            self._ahead = self.journey.advance(to) - datetime.now(UTC)

    def report(self, usage: Hour, tally: Tally) -> None:
        """Send an hour as often as it says, signed, and keep the number of its DataKits."""
        hour = self.begin + timedelta(hours=usage.hour)
        for _ in range(usage.times):
            known = self.journey.report(self._fingerprint(usage.deployment), self.key, hour, usage.data_kits)
            tally.add(data_kits=len(usage.data_kits), miscounted=int(known != len(usage.data_kits)))
        self.counts.setdefault(hour, {})[usage.deployment] = len(usage.data_kits)
        tally.add(late=int(usage.sent_in > usage.hour), repeated=usage.times - 1)

    def check(self) -> list[DayCheck]:
        """Each billing day as it should be, next to what was charged for it; a day too many is a difference too."""
        found = {day: DayCheck(day) for day in self.days}
        for hour, counts in self.counts.items():
            day = found[clock.local_day(hour, self.plan.zone)]
            day.data_kits = max(day.data_kits, sum(counts.values()))
        for day in found.values():
            day.expected = self.plan.price(day.data_kits)
        for charge in self._charges():
            day = found.setdefault(charged := date.fromisoformat(charge["day"]), DayCheck(charged))
            day.charged += Decimal(charge["amount"]["amount"])
            day.corrections += int(charge["kind"] == "ADJUSTMENT")
        return [found[day] for day in sorted(found)]

    def _charges(self) -> list[dict[str, Any]]:
        charges: list[dict[str, Any]] = []
        after = None
        while True:
            page = self.journey.member.execute(CHARGES, {**self.journey.me, "after": after})["account"]["charges"]
            charges += [charge for charge in page["nodes"] if charge["kind"] in DAILY]
            if not page["pageInfo"]["hasNextPage"]:
                return charges
            after = page["pageInfo"]["endCursor"]

    def _fingerprint(self, deployment: int) -> str:
        return f"simulated-{self.fleet.seed}-{deployment:05}"


@dataclass
class Simulation:
    """``days`` billing days of a fleet, whose deployments belong to ``accounts`` accounts; hour by hour."""

    url: str
    fleet: Fleet
    days: int
    accounts: int
    concurrency: int
    tally: Tally = field(default_factory=Tally)
    hour: int = 0
    latest: list[DayCheck] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._open = ExitStack()
        self._pool = self._open.enter_context(ThreadPoolExecutor(self.concurrency))
        launcher = self._open.enter_context(Patient(self.url, self.tally))
        self._customers = [
            Customer(
                number,
                self.fleet,
                range(number, self.fleet.deployments, self.accounts),
                self._open.enter_context(Patient(self.url, self.tally)),
                launcher,
            )
            for number in range(self.accounts)
        ]
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._open.close()

    def run(self, day_ended: Callable[[], None]) -> list[DayCheck]:
        """Play it, and check each day of each account; ``day_ended`` is called with every day.

        Raises:
            Refused: the server refused something.
            httpx.HTTPError: the server stayed away.
        """
        self._each(lambda customer: customer.set_up(self.days))
        waiting: dict[int, list[Hour]] = {}
        for hour in range(24 * self.days):
            self.hour = hour
            for deployment in range(self.fleet.deployments):
                usage = self.fleet.hour(deployment, hour)
                waiting.setdefault(usage.sent_in, []).append(usage)
            self._each(lambda customer: customer.advance(self.hour))
            self._report(waiting.pop(hour, []))
            if hour % 24 == 0 and hour:
                self._look()
                day_ended()
        self.hour = 24 * self.days
        self._each(lambda customer: customer.advance(self.hour))
        self._report([usage for later in waiting.values() for usage in later])
        self._each(lambda customer: customer.advance(self.hour, 2 * INTO_THE_HOUR))
        self._look()
        day_ended()
        return self.latest

    def _report(self, usage: list[Hour]) -> None:
        self._all(lambda one: self._customers[one.deployment % self.accounts].report(one, self.tally), usage)

    def _look(self) -> None:
        self.latest = [day for checked in self._each(Customer.check) for day in checked]

    def _each(self, work: Callable[[Customer], Any]) -> list[Any]:
        return self._all(work, self._customers)

    def _all(self, work: Callable[[Any], Any], over: list[Any]) -> list[Any]:
        return list(self._pool.map(work, over))
