"""The installed settlement channels, and what they say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from settlement_spec import HealthStatus

from app.errors import ChannelUnavailable
from app.settlement.host import ChannelHost


@dataclass(frozen=True)
class ChannelListing:
    """A channel as it is installed; ``reason`` says what is wrong with it, if anything is."""

    key: str
    display_name: dict[str, str]
    version: str
    capabilities: list[str]
    currencies: list[str]
    configuration_schema: dict[str, Any] | None
    health: str
    reason: str | None


async def list_channels(host: ChannelHost) -> list[ChannelListing]:
    """Every installed channel, the failed ones with their reason."""
    return [await _listing(host, key) for key in host.plugins]


async def _listing(host: ChannelHost, key: str) -> ChannelListing:
    plugin = host.plugins[key]
    if plugin.channel is None or plugin.description is None:
        return ChannelListing(key, {}, plugin.version, [], [], None, "FAILED", plugin.failure)
    about = plugin.description
    try:
        health = await host.call(key, lambda channel: channel.health())
        status, reason = str(health.status), health.message
    except ChannelUnavailable as error:
        status, reason = str(HealthStatus.UNHEALTHY), str(error.params["reason"])
    return ChannelListing(
        key,
        dict(about.display_name),
        plugin.version,
        sorted(about.capabilities),
        sorted(about.currencies),
        dict(about.configuration_schema),
        status,
        reason or None,
    )
