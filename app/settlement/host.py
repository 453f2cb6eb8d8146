"""The plugin host: loads channels by entry point, keeps their failures to themselves, and calls them with time limits."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

import pluggy
from settlement_spec import (
    PROJECT,
    SPEC_VERSION,
    BindingRejected,
    ChannelDescription,
    ChannelServices,
    SettlementChannel,
    TopUpRejected,
    TortoiseApp,
    hookspecs,
)

from app.errors import BillingError, ChannelUnavailable, UnknownChannel

log = logging.getLogger(__name__)
ENTRY_POINT_GROUP = "edition_billing.settlement"
T = TypeVar("T")


@dataclass(frozen=True)
class LoadedPlugin:
    """A plugin as it was found: its channel, or the reason why there is none."""

    key: str
    distribution: str
    version: str
    channel: SettlementChannel | None = None
    description: ChannelDescription | None = None
    failure: str | None = None


class ChannelHost:
    """Every settlement channel of the process. ``points`` are the plugins' entry points (by default: all installed)."""

    def __init__(self, points: Iterable[EntryPoint] | None = None, timeout: float = 20.0) -> None:
        self.timeout = timeout
        self.plugins: dict[str, LoadedPlugin] = {}
        for point in entry_points(group=ENTRY_POINT_GROUP) if points is None else points:
            for plugin in _load(point):
                known = self.plugins.setdefault(plugin.key, plugin)
                if known is not plugin:
                    self.plugins[f"{plugin.key} ({plugin.distribution})"] = replace(
                        plugin, channel=None, failure=f"the channel key {plugin.key} is taken by {known.distribution}"
                    )

    def tortoise_apps(self) -> list[TortoiseApp]:
        """The tables that channels bring."""
        descriptions = (plugin.description for plugin in self.plugins.values() if plugin.channel)
        return [described.tortoise_app for described in descriptions if described and described.tortoise_app]

    def describe(self, key: str) -> ChannelDescription:
        """What a channel says of itself.

        Raises:
            UnknownChannel, ChannelUnavailable: there is no such channel, or it failed to load.
        """
        self.channel(key)
        description = self.plugins[key].description
        assert description is not None
        return description

    def channel(self, key: str) -> SettlementChannel:
        """A channel that loaded.

        Raises:
            UnknownChannel: no plugin brings it.
            ChannelUnavailable: its plugin failed.
        """
        plugin = self.plugins.get(key)
        if plugin is None:
            available = ", ".join(key for key, plugin in self.plugins.items() if plugin.channel) or "none"
            raise UnknownChannel(channel=key, available=available, path=("channel",))
        if plugin.channel is None:
            raise ChannelUnavailable(channel=key, reason=plugin.failure, path=("channel",))
        return plugin.channel

    async def call(self, key: str, work: Callable[[SettlementChannel], Awaitable[T]]) -> T:
        """The result of ``work`` on a channel, within the time limit.

        Raises:
            UnknownChannel, ChannelUnavailable: there is no such channel, or it failed, hung or raised.
            BindingRejected, TopUpRejected: the channel's own refusals.
        """
        channel = self.channel(key)
        try:
            async with asyncio.timeout(self.timeout):
                return await work(channel)
        except (BindingRejected, TopUpRejected, BillingError):
            raise
        except TimeoutError:
            raise ChannelUnavailable(channel=key, reason=f"no answer within {self.timeout} s") from None
        except Exception as error:
            log.exception("settlement channel %s failed", key)
            raise ChannelUnavailable(channel=key, reason=f"it failed with {type(error).__name__}") from error

    async def start(self) -> None:
        """Start every channel; one that fails is set aside with its reason."""
        for key, plugin in list(self.plugins.items()):
            if plugin.channel:
                try:
                    services = ChannelServices(settings=_settings(key))
                    await self.call(key, lambda channel, services=services: channel.start(services))  # type: ignore[misc]
                except ChannelUnavailable as error:
                    self.plugins[key] = replace(plugin, channel=None, failure=str(error.params["reason"]))

    async def stop(self) -> None:
        """Stop every channel."""
        for key, plugin in self.plugins.items():
            if plugin.channel:
                try:
                    await self.call(key, lambda channel: channel.stop())
                except ChannelUnavailable as error:
                    log.warning("settlement channel %s did not stop: %s", key, error)


def _load(point: EntryPoint) -> list[LoadedPlugin]:
    distribution = point.dist.name if point.dist else point.value
    found = LoadedPlugin(key=point.name, distribution=distribution, version=point.dist.version if point.dist else "")
    try:
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(hookspecs)
        manager.register(point.load(), name=point.name)
        manager.check_pending()
        answers = manager.hook.register_settlement_channels(spec_version=SPEC_VERSION)
        channels: list[SettlementChannel] = [channel for answer in answers for channel in answer]
        if not channels:
            return [replace(found, failure="it registers no channel for this version of the specification")]
        described = [(channel, channel.describe()) for channel in channels]
        return [replace(found, key=about.key, channel=channel, description=about) for channel, about in described]
    except Exception as error:
        log.exception("settlement plugin %s failed to load", distribution)
        return [replace(found, failure=f"{type(error).__name__}: {error}")]


def _settings(key: str) -> dict[str, str]:
    prefix = f"BILLING_CHANNEL_{key.upper()}_"
    return {name[len(prefix) :].lower(): value for name, value in os.environ.items() if name.startswith(prefix)}
