"""Finding an installed channel as the billing center does."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points

import pluggy

from settlement_spec import PROJECT, SPEC_VERSION, SettlementChannel, hookspecs

ENTRY_POINT_GROUP = "edition_billing.settlement"


class NoSuchChannel(Exception):
    """No installed plugin brings the channel, or its plugin fails to load."""


def load_channel(name: str) -> SettlementChannel:
    """A new instance of the channel whose key, or whose entry point, is ``name``.

    Raises:
        NoSuchChannel: there is none, and which there are; or its plugin failed, and how.
    """
    points = _installed()
    for point in sorted(points, key=lambda point: point.name != name):
        try:
            channels = _channels(point)
        except Exception as error:
            if point.name == name:
                raise NoSuchChannel(f"the plugin {point.value} failed: {type(error).__name__}: {error}") from error
            continue
        for channel in channels:
            if channel.describe().key == name or (point.name == name and len(channels) == 1):
                return channel
    installed = ", ".join(sorted(points.names)) or "none"
    raise NoSuchChannel(f"no settlement channel {name} is installed; there are: {installed}")


@cache
def _installed() -> EntryPoints:
    return entry_points(group=ENTRY_POINT_GROUP)


def _channels(point: EntryPoint) -> list[SettlementChannel]:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(point.load(), name=point.name)
    manager.check_pending()
    answers = manager.hook.register_settlement_channels(spec_version=SPEC_VERSION)
    return [channel for answer in answers for channel in answer]
