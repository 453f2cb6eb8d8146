"""Every hook of the settlement plugins."""

from __future__ import annotations

import pluggy

from settlement_spec.channel import SettlementChannel

PROJECT = "edition_billing"
SPEC_VERSION = 1

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_settlement_channels(spec_version: int) -> list[SettlementChannel]:
    """Return the channels that this plugin brings, made for the host's major version of the specification."""
    raise NotImplementedError
