"""The plugin host: loads channels by entry point, contains their failures, and limits how long their calls take."""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from threading import Thread
from typing import TypeVar

import pluggy
from jsonschema import Draft202012Validator, SchemaError
from settlement_spec import (
    PROJECT,
    SPEC_VERSION,
    ChannelDescription,
    ChannelRefusal,
    HostServices,
    SettlementChannel,
    TortoiseApp,
    capabilities_of,
    hookspecs,
)
from starlette.routing import BaseRoute

from app.errors import BillingError, ChannelUnavailable, UnknownChannel
from app.settlement.refusals import UNSUPPORTED

log = logging.getLogger(__name__)
ENTRY_POINT_GROUP = "edition_billing.settlement"
KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
CORE_TABLES = "app"
LOAD_SECONDS = 20.0
NOT_LOADED = ("its plugin does not work", "其插件无法运行")
P = TypeVar("P")
T = TypeVar("T")


class Unusable(Exception):
    """Why the host does not take a channel. Other exceptions' words may hold a secret, and are not shown."""


@dataclass(frozen=True)
class LoadedPlugin:
    """A plugin as it was found: its channel, or the reason why there is none, which is for staff."""

    key: str
    distribution: str
    version: str
    channel: SettlementChannel | None = None
    description: ChannelDescription | None = None
    failure: str | None = None


class ChannelHost:
    """Every settlement channel of the process. ``points`` are the plugins' entry points (by default: all installed).

    ``owners``: the distributions that keys belong to; another one's channel of that key is set aside. ``routes``: what
    the channels' providers call, by key, from ``start`` on.
    """

    def __init__(
        self,
        points: Iterable[EntryPoint] | None = None,
        timeout: float = 20.0,
        owners: Mapping[str, str] | None = None,
    ) -> None:
        self.timeout = timeout
        self.plugins: dict[str, LoadedPlugin] = {}
        self.routes: dict[str, list[BaseRoute]] = {}
        self._owners = owners or {}
        for point in entry_points(group=ENTRY_POINT_GROUP) if points is None else points:
            for plugin in _within(LOAD_SECONDS, point):
                self._add(plugin)

    def tortoise_apps(self) -> list[TortoiseApp]:
        """The tables that channels bring."""
        descriptions = (plugin.description for plugin in self.plugins.values() if plugin.channel)
        return [described.tortoise_app for described in descriptions if described and described.tortoise_app]

    def loaded(self) -> list[str]:
        """The keys of the channels that work."""
        return [key for key, plugin in self.plugins.items() if plugin.channel]

    def names(self, locale: str) -> dict[str, str]:
        """What the channels are called in ``zh`` or ``en``, by their keys; nothing of those that failed to load."""
        described = [(key, plugin.description) for key, plugin in self.plugins.items() if plugin.description]
        return {key: about.display_name[locale] for key, about in described if locale in about.display_name}

    def describe(self, key: str) -> ChannelDescription:
        """What a channel says of itself.

        Raises:
            UnknownChannel, ChannelUnavailable: there is no such channel, or it failed to load.
        """
        self.channel(key)
        description = self.plugins[key].description
        if description is None:
            raise ChannelUnavailable(
                channel=key, reason=("it does not describe itself", "其插件未给出说明"), path=("channel",)
            )
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
            raise ChannelUnavailable(channel=key, reason=NOT_LOADED, path=("channel",))
        return plugin.channel

    def implementing(self, protocol: type) -> list[str]:
        """The keys of the channels that work and implement a protocol of the specification."""
        return [key for key, plugin in self.plugins.items() if isinstance(plugin.channel, protocol)]

    async def ask(self, key: str, protocol: type[P], work: Callable[[P], Awaitable[T]], may_refuse: bool = False) -> T:
        """The result of ``work`` on a channel by a protocol of the specification, within the time limit.

        Raises:
            UnknownChannel, ChannelUnavailable: there is no such channel, or it failed, hung or raised.
            ChannelRefusal: the channel refuses, or does not implement the protocol, where it ``may_refuse``.
        """

        async def narrowed(channel: SettlementChannel) -> T:
            if not isinstance(channel, protocol):
                raise ChannelRefusal(None, *UNSUPPORTED[protocol])
            return await work(channel)

        return await self.call(key, narrowed, may_refuse)

    async def call(self, key: str, work: Callable[[SettlementChannel], Awaitable[T]], may_refuse: bool = False) -> T:
        """The result of ``work`` on a channel, within the time limit.

        Raises:
            UnknownChannel, ChannelUnavailable: there is no such channel, or it failed, hung or raised.
            ChannelRefusal: the channel refuses, where it ``may_refuse``.
        """
        channel = self.channel(key)
        expected = (ChannelRefusal, BillingError) if may_refuse else (BillingError,)
        limit = asyncio.timeout(self.timeout)
        try:
            async with limit:
                return await work(channel)
        except expected:
            raise
        except (Exception, asyncio.CancelledError) as error:
            if limit.expired():
                raise ChannelUnavailable(
                    channel=key,
                    reason=(f"no answer within {self.timeout} s", f"{self.timeout} 秒内未响应"),
                ) from None
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            log.exception("settlement channel %s failed", key)
            name = type(error).__name__
            raise ChannelUnavailable(channel=key, reason=(f"it failed with {name}", f"发生错误 {name}")) from error

    async def start(self, services: Callable[[str], HostServices]) -> None:
        """Start every channel with what it is offered; one that fails is set aside with its reason."""
        for key, plugin in list(self.plugins.items()):
            if plugin.channel:
                try:
                    self.routes[key] = await self.call(key, partial(_start, services=services(key)))
                except ChannelUnavailable as error:
                    self.plugins[key] = replace(plugin, channel=None, failure=str(error.params["reason_en"]))

    async def stop(self) -> None:
        """Stop every channel."""
        for key, plugin in self.plugins.items():
            if plugin.channel:
                try:
                    await self.call(key, lambda channel: channel.stop())
                except ChannelUnavailable as error:
                    log.warning("settlement channel %s did not stop: %s", key, error)

    def _add(self, plugin: LoadedPlugin) -> None:
        """List a plugin; a failed one gives way to a sound one of its key, otherwise who came first stays."""
        known = self.plugins.get(plugin.key)
        tables = plugin.description.tortoise_app if plugin.channel and plugin.description else None
        owner = self._owners.get(plugin.key, plugin.distribution)
        if plugin.channel is not None and owner != plugin.distribution:
            plugin = _failed(plugin, f"the channel key {plugin.key} belongs to {owner}, which had it first")
        elif known is not None and known.channel is not None and plugin.channel is not None:
            plugin = _failed(plugin, f"the channel key {plugin.key} is taken by {known.distribution}")
        elif tables and tables.label in {CORE_TABLES, *(other.label for other in self.tortoise_apps())}:
            plugin = _failed(plugin, f"the label {tables.label} of its tables is taken")
        if known is None:
            self.plugins[plugin.key] = plugin
        elif known.channel is None and plugin.channel is not None:
            self.plugins[plugin.key] = plugin
            self._add_beside(known)
        else:
            self._add_beside(plugin)

    def _add_beside(self, plugin: LoadedPlugin) -> None:
        name = f"{plugin.key} ({plugin.distribution})"
        while name in self.plugins:
            name += "'"
        self.plugins[name] = plugin


def _within(seconds: float, point: EntryPoint) -> list[LoadedPlugin]:
    distribution = point.dist.name if point.dist else point.value
    found = LoadedPlugin(key=point.name, distribution=distribution, version=point.dist.version if point.dist else "")
    answer: list[LoadedPlugin] = []
    loading = Thread(target=lambda: answer.extend(_load(point, found)), daemon=True)
    loading.start()
    loading.join(seconds)
    return answer or [replace(found, failure=f"it did not load within {seconds:g} s")]


def _load(point: EntryPoint, found: LoadedPlugin) -> list[LoadedPlugin]:
    try:
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(hookspecs)
        manager.register(point.load(), name=point.name)
        manager.check_pending()
        answers = manager.hook.register_settlement_channels(spec_version=SPEC_VERSION)
        channels: list[SettlementChannel] = [channel for answer in answers for channel in answer]
        if not channels:
            return [replace(found, failure="it registers no channel for this version of the specification")]
        return [_described(found, channel) for channel in channels]
    except (Exception, SystemExit) as error:
        log.exception("settlement plugin %s failed to load", found.distribution)
        return [replace(found, failure=_why(error))]


def _why(error: BaseException) -> str:
    """What is wrong with a plugin: the host's own words, or those of a type error, which names types and no values; of
    anything else what it is, and in which line it was raised."""
    if isinstance(error, Unusable | TypeError):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    missing = f" ({error.name})" if isinstance(error, ImportError) and error.name else ""
    return f"{type(error).__name__}{missing}, raised in line {place.lineno} of {place.filename}"


def _described(found: LoadedPlugin, channel: object) -> LoadedPlugin:
    if not isinstance(channel, SettlementChannel):
        raise Unusable(f"it registers a {type(channel).__name__}, which is no SettlementChannel")
    about = replace(channel.describe(), capabilities=capabilities_of(channel))
    if not KEY.fullmatch(about.key):
        raise Unusable(f"the channel key {about.key!r} must match {KEY.pattern}")
    try:
        Draft202012Validator.check_schema(dict(about.configuration_schema))
    except SchemaError as error:
        raise Unusable(f"its configuration schema is no JSON Schema: {error.message}") from None
    if about.tortoise_app:
        import_module(about.tortoise_app.models_module)
        import_module(about.tortoise_app.migrations_module)
    return replace(found, key=about.key, channel=channel, description=about)


def _failed(plugin: LoadedPlugin, reason: str) -> LoadedPlugin:
    return replace(plugin, channel=None, failure=reason)


async def _start(channel: SettlementChannel, services: HostServices) -> list[BaseRoute]:
    await channel.start(services)
    routes = list(channel.routes())
    for route in routes:
        if not isinstance(route, BaseRoute):
            raise TypeError(f"it has a route that is none of Starlette's, but a {type(route).__name__}")
    return routes
