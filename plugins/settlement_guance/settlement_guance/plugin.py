"""Registers the channel."""

from __future__ import annotations

from settlement_spec import SettlementChannel, hookimpl

from settlement_guance.channel import EnterpriseAccount


@hookimpl
def register_settlement_channels(spec_version: int) -> list[SettlementChannel]:
    """The enterprise account."""
    return [EnterpriseAccount()]
