"""A simulated customer: the way to the first billed day, what it reports, and what it ought to have been charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app import clock
from app.launcher.fleet import Fleet, Hour
from app.launcher.journey import Journey
from app.launcher.patient import Patient, Tally

CHARGES = """query ($id: ID!, $after: String) { account(id: $id) { charges(first: 100, after: $after) {
  nodes { kind day amount { amount } } pageInfo { hasNextPage endCursor } } } }"""
DAILY = ("DAILY", "ADJUSTMENT")
INTO_THE_HOUR = timedelta(minutes=5)


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
