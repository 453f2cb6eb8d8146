"""What customers owe, told from their reports alone: plain Python that shares nothing with the application."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.api.driver import Api

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NEVER = datetime.max.replace(tzinfo=UTC)
Price = Callable[[int], int]


def first_price(count: int) -> int:
    """Fen for a day: 5 CNY for each DataKit, 20 at the least."""
    return 500 * max(20, count)


def second_price(count: int) -> int:
    """The same up to 30 DataKits; from 31 on all of them cost 4 CNY, so that 31 are cheaper than 30."""
    return 400 * count if count > 30 else first_price(count)


@dataclass(frozen=True)
class Home:
    """Where a customer is: the group whose prices it has, their currency, its decimal places, and their time zone."""

    group: str | None
    currency: str
    places: int
    zone: str

    def local(self, at: datetime) -> datetime:
        """An instant on the clocks there."""
        return at.astimezone(ZoneInfo(self.zone))

    def day(self, at: datetime) -> date:
        """The day there."""
        return self.local(at).date()

    def shown(self, minor: int) -> str:
        """Minor units as the API takes them."""
        whole, part = divmod(minor, 10**self.places)
        return f"{whole}.{part:0{self.places}}" if self.places else str(whole)


CHINA = Home(None, "CNY", 2, "Asia/Shanghai")
HOMES = (CHINA, Home("japan", "JPY", 0, "America/New_York"), Home("kuwait", "KWD", 3, "Pacific/Kiritimati"))


class Step(StrEnum):
    """How far a customer has come."""

    COMMUNITY = "COMMUNITY"
    CHOSEN = "CHOSEN"
    AGREED = "AGREED"
    FREE = "FREE"
    LAPSED = "LAPSED"
    ACTIVE = "ACTIVE"


@dataclass
class Period:
    """Days that are billed, both ends included, at one price."""

    first: date
    price: Price
    last: date = date.max


@dataclass
class Cut:
    """A discount: a percentage of what a day costs, or an amount; both ends included."""

    id: str
    percent: int | None
    minor: int
    days: int | None
    not_before: date
    first: date = date.max
    last: date = date.max

    def begins(self, billed_from: date) -> None:
        """It is known from when on days are billed."""
        self.first = max(self.not_before, billed_from)
        if self.days is not None:
            self.last = self.first + (self.days - 1) * DAY

    def off(self, minor: int) -> int:
        """What it takes off what a day costs."""
        return min(minor, self.minor) if self.percent is None else (minor * self.percent + 50) // 100


@dataclass
class Customer:
    """A customer, and everything that decides what it owes."""

    api: Api
    account: str
    id: UUID
    sandbox: bool
    key: tuple[str, str]
    home: Home = CHINA
    offset: timedelta = timedelta()
    step: Step = Step.COMMUNITY
    price: Price = first_price
    free_until: datetime = NEVER
    channel: str | None = None
    pending: bool = False
    spare: tuple[str, datetime] | None = None
    deployments: list[str] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    usage: dict[datetime, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    topped_up: int = 0
    vouchers: list[tuple[int, datetime]] = field(default_factory=list)
    credited: dict[Any, int] = field(default_factory=lambda: defaultdict(int))
    credited_on: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    corrected: set[tuple[datetime, str]] = field(default_factory=set)
    cuts: list[Cut] = field(default_factory=list)
    owner: UUID | None = None
    share: str | None = None
    payers: dict[UUID, UUID] = field(default_factory=dict)

    def pays(self) -> UUID:
        """Whose balance pays what is raised for the prepaid channel now."""
        return self.owner or self.id

    def takes_effect(self, now: datetime) -> None:
        """The last step before the free period, which a customer has once, is done."""
        if self.step == Step.AGREED and self.free_until == NEVER:
            self.step, self.free_until = Step.FREE, now + 7 * DAY
        elif self.step == Step.AGREED:
            self.step = Step.LAPSED

    def notices(self, now: datetime) -> None:
        """A free period that is over is over."""
        if self.step == Step.FREE and now >= self.free_until:
            self.step = Step.LAPSED

    def activates(self, now: datetime, price: Price) -> None:
        """A license became active."""
        self.notices(now)
        if self.step == Step.FREE:
            end = self.home.local(self.free_until)
            midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
            self.periods.append(Period(end.date() if end == midnight else end.date() + DAY, self.price))
            self.step = Step.ACTIVE
        elif self.step == Step.LAPSED:
            self.periods.append(Period(self.home.day(now), price))
            self.step = Step.ACTIVE
        self._cuts_begin()

    def gets_cut(self, cut: Cut) -> None:
        """A discount is given."""
        self.cuts.append(cut)
        self._cuts_begin()

    def _cuts_begin(self) -> None:
        if self.step == Step.ACTIVE:
            for cut in self.cuts:
                if cut.first == date.max and cut.last == date.max:
                    cut.begins(self.periods[-1].first)

    def loses_service(self, now: datetime) -> None:
        """What has ended is billed; nothing else is."""
        if self.step == Step.ACTIVE:
            self.periods[-1].last = self.home.day(now) - DAY
        self.step, self.spare = Step.COMMUNITY, None

    def count(self, day: date) -> int:
        """The largest of the day's hours."""
        hours = [hour for hour in self.usage if self.home.day(hour) == day]
        return max((sum(len(ids) for ids in self.usage[hour].values()) for hour in hours), default=0)

    def costs(self, day: date, price: Price) -> int:
        """What a day costs, less the discounts on it in turn, but no less than was given back."""
        minor = price(self.count(day))
        for cut in self.cuts:
            if cut.first <= day <= cut.last:
                minor -= cut.off(minor)
        return max(minor, self.credited_on[day])

    def owed(self, now: datetime) -> dict[date, int]:
        """Every billed day that has ended, and what it costs by what is reported now."""
        today = self.home.day(now)
        return {
            day: self.costs(day, period.price)
            for period in self.periods
            for day in (period.first + n * DAY for n in range((min(today - DAY, period.last) - period.first).days + 1))
        }
