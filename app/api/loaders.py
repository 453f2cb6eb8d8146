"""Rows that many objects of one answer point to, read in one query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from settlement_spec import BalancePart
from tortoise.functions import Sum
from tortoise.models import Model

from app import clock
from app.billing.models import Charge
from app.catalog.keys import EditionKey
from app.catalog.models import Meter, PricePlan
from app.catalog.queries import plans_at
from app.db.sql import rows_with
from app.db.together import SharedLoader
from app.licenses.models import License
from app.licenses.queries import newest_licenses
from app.settlement.host import ChannelHost
from app.settlement.models import ReconciliationCase, Settlement
from app.settlement.reconciliation import accounts_of
from app.settlement.wallets import paid_from
from app.suspensions.models import Suspension
from app.suspensions.queries import lasting_suspensions


class Loaders:
    """The loaders of one request, or of a subscription for as long as it lasts. They keep no rows: a later mutation may
    change them, and so may whatever happens before the next event."""

    def __init__(self, host: ChannelHost) -> None:
        self._tables: dict[type[Model], SharedLoader[UUID, Any]] = {}
        self.case_accounts: SharedLoader[ReconciliationCase, UUID | None] = SharedLoader(
            load_fn=partial(_case_accounts, host)
        )
        self.day_totals: SharedLoader[tuple[UUID, date, str], int] = SharedLoader(load_fn=_day_totals)
        self.licenses: SharedLoader[UUID, License | None] = SharedLoader(load_fn=newest_licenses)
        self.settlements: SharedLoader[UUID, Settlement] = SharedLoader(load_fn=_settlements)
        self.suspensions: SharedLoader[UUID, Suspension | None] = SharedLoader(load_fn=lasting_suspensions)
        self.plans: SharedLoader[EditionKey, PricePlan | None] = SharedLoader(load_fn=_plans)
        self.meters: SharedLoader[str, Meter] = SharedLoader(load_fn=_meters)
        self.paid_from: SharedLoader[UUID, Sequence[BalancePart]] = SharedLoader(load_fn=partial(_paid_from, host))

    def of(self, table: type[Model]) -> SharedLoader[UUID, Any]:
        """The loader of a table's rows by key."""
        if table not in self._tables:
            self._tables[table] = SharedLoader(load_fn=partial(_rows, table))
        return self._tables[table]


async def _rows(table: type[Model], keys: list[UUID]) -> list[Model]:
    found = {row.pk: row for row in await rows_with(table, "id").objects(table, keys)}
    return [found[key] for key in keys]


async def _case_accounts(host: ChannelHost, cases: list[ReconciliationCase]) -> list[UUID | None]:
    found = await accounts_of(host, cases)
    return [found.get(case.id) for case in cases]


async def _day_totals(keys: list[tuple[UUID, date, str]]) -> list[int]:
    accounts, days, _ = zip(*keys, strict=True)
    charges = Charge.filter(account_id__in=set(accounts), day__in=set(days)).annotate(minor=Sum("amount_minor"))
    rows = await charges.group_by("account_id", "day", "currency").values_list("account_id", "day", "currency", "minor")
    found = {(account, day, currency): int(minor) for account, day, currency, minor in rows}
    return [found[key] for key in keys]


async def _settlements(keys: list[UUID]) -> list[Settlement]:
    found = {row.charge_id: row for row in await rows_with(Settlement, "charge_id").objects(Settlement, keys)}
    return [found[key] for key in keys]


async def _plans(keys: list[EditionKey]) -> list[PricePlan | None]:
    found = await plans_at(set(keys), clock.now())
    return [found.get(key) for key in keys]


async def _meters(keys: list[str]) -> list[Meter]:
    found = {meter.key: meter for meter in await rows_with(Meter, "key").objects(Meter, keys)}
    return [found[key] for key in keys]


async def _paid_from(host: ChannelHost, keys: list[UUID]) -> list[Sequence[BalancePart]]:
    found = await paid_from(host, keys)
    return [found.get(key, ()) for key in keys]
