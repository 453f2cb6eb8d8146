"""Rows that many objects of one answer point to, read in one query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from uuid import UUID

from settlement_spec import Part
from strawberry.dataloader import DataLoader
from tortoise.functions import Sum

from app.accounts.models import Account
from app.billing.models import Charge
from app.catalog.models import PricePlan
from app.settlement.host import ChannelHost
from app.settlement.models import ReconciliationCase, Settlement
from app.settlement.reconciliation import accounts_of
from app.settlement.wallets import paid_from


class Loaders:
    """The loaders of one request."""

    def __init__(self, host: ChannelHost) -> None:
        self.accounts: DataLoader[UUID, Account] = DataLoader(load_fn=_accounts)
        self.case_accounts: DataLoader[ReconciliationCase, UUID | None] = DataLoader(
            load_fn=partial(_case_accounts, host)
        )
        self.plans: DataLoader[UUID, PricePlan] = DataLoader(load_fn=_plans)
        self.charges: DataLoader[UUID, Charge] = DataLoader(load_fn=_charges)
        self.day_totals: DataLoader[tuple[UUID, date, str], int] = DataLoader(load_fn=_day_totals)
        self.settlements: DataLoader[UUID, Settlement] = DataLoader(load_fn=_settlements)
        self.paid_from: DataLoader[UUID, Sequence[Part]] = DataLoader(load_fn=partial(_paid_from, host))


async def _accounts(keys: list[UUID]) -> list[Account]:
    found = await Account.in_bulk(keys, "id")
    return [found[key] for key in keys]


async def _case_accounts(host: ChannelHost, cases: list[ReconciliationCase]) -> list[UUID | None]:
    found = await accounts_of(host, cases)
    return [found.get(case.id) for case in cases]


async def _plans(keys: list[UUID]) -> list[PricePlan]:
    found = await PricePlan.in_bulk(keys, "id")
    return [found[key] for key in keys]


async def _charges(keys: list[UUID]) -> list[Charge]:
    found = await Charge.in_bulk(keys, "id")
    return [found[key] for key in keys]


async def _day_totals(keys: list[tuple[UUID, date, str]]) -> list[int]:
    accounts, days, _ = zip(*keys, strict=True)
    charges = Charge.filter(account_id__in=set(accounts), day__in=set(days)).annotate(minor=Sum("amount_minor"))
    rows = await charges.group_by("account_id", "day", "currency").values_list("account_id", "day", "currency", "minor")
    found = {(account, day, currency): int(minor) for account, day, currency, minor in rows}
    return [found[key] for key in keys]


async def _settlements(keys: list[UUID]) -> list[Settlement]:
    found = {row.charge_id: row for row in await Settlement.filter(charge_id__in=keys)}
    return [found[key] for key in keys]


async def _paid_from(host: ChannelHost, keys: list[UUID]) -> list[Sequence[Part]]:
    found = await paid_from(host, keys)
    return [found.get(key, ()) for key in keys]
