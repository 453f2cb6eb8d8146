"""Registers the channel."""

from __future__ import annotations

from settlement_spec import SettlementChannel, hookimpl

from settlement_aws.channel import AwsMarketplace


@hookimpl
def register_settlement_channels(spec_version: int) -> list[SettlementChannel]:
    """The marketplace."""
    return [AwsMarketplace()]
