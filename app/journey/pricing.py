"""Prices that reach accounts whose channel is bound already, which is to collect them from then on.

A channel is asked whether it can carry a price when it is chosen; a price that comes later is asked about here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.catalog.models import PriceGroup, PricePlan
from app.catalog.publishing import publish_plan
from app.db.sql import statement
from app.errors import ChannelUnavailable, PriceNotCollected, UnknownChannel
from app.events.recording import Actor
from app.settlement.carrying import Uncarried, load_of, uncarried
from app.settlement.host import ChannelHost
from app.settlement.queries import paying_link
from app.upgrades.pricing import move_to_group, plans_from
from app.upgrades.queries import current_upgrade

CHANNELS_REACHED = statement(__file__, "channels_reached")


@dataclass(frozen=True)
class NotCollected:
    """What of a price a channel cannot collect, and for how many accounts it pays that will have the price."""

    channel: str
    accounts: int
    found: Uncarried

    @property
    def en(self) -> str:
        """In English."""
        return f"{self.channel}, which pays for {self.accounts} of the accounts, cannot collect {self.found.en}"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return f"{self.channel}（为其中 {self.accounts} 个账户付款）无法收取{self.found.zh}"


async def publish_price(
    host: ChannelHost,
    edition: EditionKey,
    given: Mapping[str, Any],
    since: datetime | None = None,
    group: PriceGroup | None = None,
    for_existing: bool = False,
    despite_channels: bool = False,
    *,
    by: str,
) -> tuple[PricePlan, list[NotCollected]]:
    """Publish a price (``publish_plan``), and say which channels cannot collect it of the accounts that they pay for.

    Raises:
        PriceNotCollected: there are such channels, and it was not asked for ``despite_channels``.
        InvalidInput: see ``publish_plan``.
    """
    plan = await publish_plan(edition, given, since, group, for_existing, by=by)
    reached = await CHANNELS_REACHED.rows(clock.now(), plan.id)
    asked = ((row["channel"], row["accounts"], _uncarried(host, row["channel"], plan)) for row in reached)
    missing = [NotCollected(channel, accounts, found) for channel, accounts, found in asked if found]
    _refuse(missing, despite_channels)
    return plan, missing


async def set_price_group(
    host: ChannelHost, account: Account, group: PriceGroup | None, actor: Actor, despite_channels: bool = False
) -> None:
    """A locked account has the prices of ``group``, or else the catalog's (``move_to_group``).

    Raises:
        PriceNotCollected: the channel that pays for it cannot collect them, and it was not asked for
            ``despite_channels``.
        InvalidInput: see ``move_to_group``.
    """
    if not await move_to_group(account, group, actor):
        return
    upgrade, link = await current_upgrade(account.id), await paying_link(account.id)
    if upgrade is None or link is None:
        return
    tomorrow = clock.local_day(account.now(), upgrade.plan.time_zone) + timedelta(days=1)
    found = (_uncarried(host, link.channel, plan) for plan in await plans_from(upgrade, tomorrow))
    _refuse([NotCollected(link.channel, 1, one) for one in found if one][:1], despite_channels)


def _uncarried(host: ChannelHost, channel: str, plan: PricePlan) -> Uncarried | None:
    try:
        return uncarried(host, channel, load_of(plan))
    except (UnknownChannel, ChannelUnavailable):
        return Uncarried("anything: it is not loaded", "任何账单：该结算方式未加载")


def _refuse(missing: list[NotCollected], despite_channels: bool) -> None:
    if missing and not despite_channels:
        raise PriceNotCollected(
            reason_en="; ".join(one.en for one in missing), reason_zh="；".join(one.zh for one in missing)
        )
