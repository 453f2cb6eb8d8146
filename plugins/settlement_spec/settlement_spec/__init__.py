"""What a settlement channel implements, and the values that it is given and answers with."""

from settlement_spec.channel import PrepaidChannel, SettlementChannel
from settlement_spec.hookspecs import PROJECT, SPEC_VERSION, hookimpl, hookspec
from settlement_spec.money import Money
from settlement_spec.values import (
    BindingRejected,
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    ChannelServices,
    Charge,
    ChargeBatch,
    Health,
    HealthStatus,
    Limits,
    Outcome,
    SettlementResult,
    TopUp,
    TopUpRejected,
    TopUpState,
    TortoiseApp,
)

__all__ = [
    "PROJECT",
    "SPEC_VERSION",
    "BindRequest",
    "BindResult",
    "BindState",
    "BindingRejected",
    "Capability",
    "ChannelDescription",
    "ChannelServices",
    "Charge",
    "ChargeBatch",
    "Health",
    "HealthStatus",
    "Limits",
    "Money",
    "Outcome",
    "PrepaidChannel",
    "SettlementChannel",
    "SettlementResult",
    "TopUp",
    "TopUpRejected",
    "TopUpState",
    "TortoiseApp",
    "hookimpl",
    "hookspec",
]
