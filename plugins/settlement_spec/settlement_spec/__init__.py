"""What a settlement channel implements, and the values that it is given and answers with."""

from settlement_spec.channel import SettlementChannel
from settlement_spec.funds import Fund, FundRejected, FundState, Movement, MovementKind, Owing, Part, Source
from settlement_spec.hookspecs import PROJECT, SPEC_VERSION, hookimpl, hookspec
from settlement_spec.host import HostServices
from settlement_spec.money import Money
from settlement_spec.prepaid import PrepaidChannel
from settlement_spec.values import (
    BindingEnd,
    BindingRejected,
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    Charge,
    ChargeBatch,
    ChargeKind,
    Health,
    HealthStatus,
    Limits,
    Outcome,
    ProviderRecord,
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
    "BindingEnd",
    "BindingRejected",
    "Capability",
    "ChannelDescription",
    "Charge",
    "ChargeBatch",
    "ChargeKind",
    "Fund",
    "FundRejected",
    "FundState",
    "Health",
    "HealthStatus",
    "HostServices",
    "Limits",
    "Money",
    "Movement",
    "MovementKind",
    "Outcome",
    "Owing",
    "Part",
    "PrepaidChannel",
    "ProviderRecord",
    "SettlementChannel",
    "SettlementResult",
    "Source",
    "TopUp",
    "TopUpRejected",
    "TopUpState",
    "TortoiseApp",
    "hookimpl",
    "hookspec",
]
