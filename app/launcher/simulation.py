"""Deployments played on a sandbox clock, over the public API alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Self

from app.launcher.customer import INTO_THE_HOUR, Customer, DayCheck
from app.launcher.fleet import Fleet, Hour
from app.launcher.patient import Patient, Tally

DEPLOYMENTS_OF_AN_ACCOUNT = 100


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
