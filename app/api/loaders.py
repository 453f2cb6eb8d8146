"""Rows that many objects of one answer point to, read in one query."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from settlement_spec import Part
from strawberry.dataloader import DataLoader

from app.billing.models import Charge
from app.editions.models import PricePlan
from app.settlement.host import ChannelHost
from app.settlement.models import Settlement
from app.settlement.wallets import paid_from


class Loaders:
    """The loaders of one request."""

    def __init__(self, host: ChannelHost) -> None:
        self.plans: DataLoader[UUID, PricePlan] = DataLoader(load_fn=_plans)
        self.charges: DataLoader[UUID, Charge] = DataLoader(load_fn=_charges)
        self.settlements: DataLoader[UUID, Settlement] = DataLoader(load_fn=_settlements)
        self.paid_from: DataLoader[UUID, Sequence[Part]] = DataLoader(load_fn=partial(_paid_from, host))


async def _plans(keys: list[UUID]) -> list[PricePlan]:
    found = await PricePlan.in_bulk(keys, "id")
    return [found[key] for key in keys]


async def _charges(keys: list[UUID]) -> list[Charge]:
    found = await Charge.in_bulk(keys, "id")
    return [found[key] for key in keys]


async def _settlements(keys: list[UUID]) -> list[Settlement]:
    found = {row.charge_id: row for row in await Settlement.filter(charge_id__in=keys)}
    return [found[key] for key in keys]


async def _paid_from(host: ChannelHost, keys: list[UUID]) -> list[Sequence[Part]]:
    found = await paid_from(host, keys)
    return [found.get(key, ()) for key in keys]
