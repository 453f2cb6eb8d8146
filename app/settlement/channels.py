"""The installed settlement channels, and what they say of themselves."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from settlement_spec import Capability, Health, SettlementChannel

from app import clock
from app.db.connection import one_connection
from app.db.sql import statement
from app.described import DescribedEnum
from app.errors import ChannelUnavailable
from app.settlement.host import ChannelHost
from app.settlement.models import KnownChannel

IN_USE = statement(__file__, "in_use")
OWNERS = statement(__file__, "owners")
REMEMBER = statement(__file__, "remember")
log = logging.getLogger(__name__)


class ChannelHealth(DescribedEnum):
    """Whether a settlement channel works."""

    HEALTHY = "HEALTHY", "It works."
    NOT_CONFIGURED = "NOT_CONFIGURED", "The operator has not set it up."
    UNHEALTHY = "UNHEALTHY", "It does not work now."
    FAILED = "FAILED", "Its plugin did not load, or is missing while accounts need it."


@dataclass(frozen=True)
class ChannelListing:
    """A channel as it is installed; ``reason`` says what is wrong with it, if anything is."""

    key: str
    display_name: dict[str, str]
    version: str
    capabilities: list[Capability]
    currencies: list[str]
    configuration_schema: dict[str, Any] | None
    health: ChannelHealth
    reason: str | None
    purchase_url: str | None = None


async def list_channels(host: ChannelHost) -> list[ChannelListing]:
    """Every installed channel, the failed ones with their reason, and those that accounts need and nobody brings."""
    return [*[await _listing(host, key) for key in host.plugins], *await missing_channels(host)]


async def missing_channels(host: ChannelHost) -> list[ChannelListing]:
    """The channels that accounts are linked with, or that have charges to collect, and that no plugin brings."""
    rows = await IN_USE.rows(list(host.plugins))
    return [
        ChannelListing(
            row["channel"],
            {},
            "",
            [],
            [],
            None,
            ChannelHealth.FAILED,
            f"its plugin is missing: install {row['distribution'] or 'it'}; {row['links']} accounts are linked with it "
            f"and {row['charges']} charges wait for it",
        )
        for row in rows
    ]


async def owners(url: str) -> dict[str, str]:
    """The distribution that each key belongs to, of the channels that the database of a URL has worked with."""
    async with one_connection(url) as connection:
        if not await connection.fetchval("SELECT to_regclass('known_channel') IS NOT NULL"):
            return {}
        return {row["key"]: row["distribution"] for row in await connection.fetch(OWNERS.text)}


async def remember(host: ChannelHost) -> None:
    """Note the channels that work, each key with its distribution and deadline; and tell loudly of those missing."""
    for key in host.loaded():
        within = host.describe(key).limits.push_within
        seconds = None if within is None else int(within.total_seconds())
        await REMEMBER.run(key, host.plugins[key].distribution, seconds, clock.now())
    for listing in await missing_channels(host):
        log.error("settlement channel %s: %s", listing.key, listing.reason)
    for plugin in host.plugins.values():
        if plugin.failure:
            log.error("settlement plugin %s is set aside: %s", plugin.distribution, plugin.failure.partition(":")[0])


async def deadlines(host: ChannelHost) -> dict[str, timedelta | None]:
    """How long after it fell due a charge may still be handed over, by channel: of those whose plugin is missing or
    does not work, as they last said."""
    within = {
        known.key: None if known.push_within is None else timedelta(seconds=known.push_within)
        for known in await KnownChannel.all()
    }
    return within | {key: host.describe(key).limits.push_within for key in host.loaded()}


async def _listing(host: ChannelHost, key: str) -> ChannelListing:
    plugin = host.plugins[key]
    if plugin.channel is None or plugin.description is None:
        return ChannelListing(key, {}, plugin.version, [], [], None, ChannelHealth.FAILED, plugin.failure)
    about = plugin.description
    page = None
    try:
        health, page = await host.call(key, _state)
        status, reason = ChannelHealth(health.status), health.message
    except ChannelUnavailable as error:
        status, reason = ChannelHealth.UNHEALTHY, str(error.params["reason_en"])
    return ChannelListing(
        key,
        dict(about.display_name),
        plugin.version,
        sorted(about.capabilities),
        sorted(about.currencies),
        dict(about.configuration_schema),
        status,
        reason or None,
        page,
    )


async def _state(channel: SettlementChannel) -> tuple[Health, str | None]:
    """Whether it works, and a page that customers may be sent to: nothing that would run in one of ours."""
    page = await channel.purchase_url()
    return await channel.health(), page if page and page.startswith("https://") else None
