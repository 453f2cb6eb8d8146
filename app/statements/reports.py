"""What finance asks of all accounts: revenue, arrears, contracts that end, deferred revenue; the API, the command line
and the CSV files all show these rows. Sandbox accounts are left out unless asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app import clock
from app.accounts.models import Account
from app.db.sql import statement
from app.inputs import between
from app.money import in_major_units
from app.settlement.arrears import arrears_at
from app.settlement.host import ChannelHost
from app.settlement.models import Standing, StandingState
from app.settlement.wallets import debts
from app.statements.months import Month

REVENUE = statement(__file__, "revenue")
DEFERRED = statement(__file__, "deferred")
CONTRACTS_ENDING = statement(__file__, "contracts_ending")
MOST_DAYS = 3_660
MINOR = "_minor"


@dataclass(frozen=True)
class Row:
    """A row of a report; columns whose names end in ``_minor`` are minor units of its ``currency``."""

    @classmethod
    def columns(cls) -> list[str]:
        """The columns' names, as a file has them."""
        return [field.name.removesuffix(MINOR) for field in fields(cls)]

    def values(self) -> list[object]:
        """The values as a file has them: amounts in major units, times in ISO 8601."""
        return [self._value(field.name) for field in fields(self)]

    def _value(self, name: str) -> object:
        value: Any = getattr(self, name)
        if name.endswith(MINOR):
            return in_major_units(value, self.currency)  # type: ignore[attr-defined]
        if value is None:
            return ""
        return value.isoformat() if isinstance(value, date | datetime) else str(value)


@dataclass(frozen=True)
class Revenue(Row):
    """What a customer's use of an edition earned in a month; ``net_minor`` is the revenue less discounts."""

    month: str
    edition: str
    account_id: UUID
    account: str
    channel: str | None
    currency: str
    revenue_minor: int
    discounts_minor: int
    net_minor: int


@dataclass(frozen=True)
class Arrears(Row):
    """What an account owes that is suspended or in arrears, since when, and when a suspension becomes arrears."""

    account_id: UUID
    account: str
    state: StandingState
    since: datetime
    deadline: datetime | None
    final_notice_at: datetime | None
    owed_minor: int
    currency: str


@dataclass(frozen=True)
class ContractEnding(Row):
    """A contract that ends soon; ``renewed``: another one of its edition follows."""

    contract_id: UUID
    account_id: UUID
    account: str
    edition: str
    starts_on: date
    ends_on: date
    price_minor: int
    currency: str
    renewed: bool


@dataclass(frozen=True)
class Deferred(Row):
    """What a contract charged ahead, at the end of a month."""

    contract_id: UUID
    account_id: UUID
    account: str
    edition: str
    starts_on: date
    ends_on: date
    charged_minor: int
    earned_in_month_minor: int
    earned_minor: int
    deferred_minor: int
    currency: str


@dataclass(frozen=True)
class Asked:
    """What a report is asked for: a month (``YYYY-MM``), or for how many days ahead, where it takes them."""

    month: str | None = None
    within: int = 60
    sandboxes: bool = False

    def first(self) -> date:
        """The month's first day; by default that of the present month (UTC).

        Raises:
            InvalidInput: it is no month.
        """
        return Month.parse(self.month).first if self.month else clock.now().date().replace(day=1)


async def revenue(host: ChannelHost, asked: Asked) -> list[Revenue]:
    """The month's revenue by edition, customer, channel and currency.

    Raises:
        InvalidInput: it is no month.
    """
    return [Revenue(**row) for row in await REVENUE.rows(asked.first(), asked.sandboxes)]


async def arrears(host: ChannelHost, asked: Asked) -> list[Arrears]:
    """The accounts that are suspended or in arrears, the longest first, with a row for each currency owed.

    What an account owes that another's balance pays for is owed by that other one, and stands there.

    Raises:
        ChannelUnavailable: a prepaid channel does not say what is owed.
    """
    owed = await debts(host, None)
    standings = Standing.exclude(state=StandingState.GOOD).order_by("since", "id")
    accounts = Account.filter(id__in=list(owed), **({} if asked.sandboxes else {"sandbox": False}))
    names = dict(await accounts.values_list("id", "name"))
    return [
        Arrears(
            one.account_id,
            names[one.account_id],
            one.state,
            one.since,
            arrears_at(one),
            one.final_notice_at,
            debt.amount.minor,
            debt.amount.currency,
        )
        for one in await standings
        if one.account_id in names
        for debt in owed[one.account_id]
    ]


async def contracts_ending(host: ChannelHost, asked: Asked) -> list[ContractEnding]:
    """The contracts that end within so many days, the soonest first.

    Raises:
        InvalidInput: the days are not 0 to 3660.
    """
    within = between(asked.within, 0, MOST_DAYS, "within")
    return [ContractEnding(**row) for row in await CONTRACTS_ENDING.rows(clock.now(), within, asked.sandboxes)]


async def deferred(host: ChannelHost, asked: Asked) -> list[Deferred]:
    """What contracts charged ahead and did not earn by the end of the month, and what they earned in it.

    Raises:
        InvalidInput: it is no month.
    """
    return [Deferred(**row) for row in await DEFERRED.rows(asked.first(), asked.sandboxes)]


@dataclass(frozen=True)
class Report:
    """A report: what its rows are, and how they are had."""

    row: type[Row]
    rows: Callable[[ChannelHost, Asked], Awaitable[Sequence[Row]]]


REPORTS = {
    "revenue": Report(Revenue, revenue),
    "arrears": Report(Arrears, arrears),
    "contracts-ending": Report(ContractEnding, contracts_ending),
    "deferred": Report(Deferred, deferred),
}


async def as_table(report: Report, rows: Sequence[Row]) -> AsyncIterator[list[object]]:
    """The rows for a file, their columns' names first."""
    yield list(report.row.columns())
    for row in rows:
        yield row.values()
