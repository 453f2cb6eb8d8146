"""What a settlement channel implements, and the values that it is given and answers with.

A channel is a ``SettlementChannel``, and of the other classes whatever it can do: ``Reconciliation``,
``PrepaidBalance``, ``TopUps`` and ``Funds`` (each with a ``PrepaidBalance``), ``OnlinePayments`` (with ``TopUps``).

| method | called | transaction | lock | again |
| --- | --- | --- | --- | --- |
| ``describe`` | at load, in every process | none | none | at any time: the same answer |
| ``start``, ``stop`` | first and last, in every process | none | none | no |
| ``routes`` | after ``start``, in every process | none | none | no |
| ``health``, ``purchase_url`` | channels are listed | none | none | at every listing |
| ``bind`` | a customer chooses the channel | none | none | when it is chosen again: the same link |
| ``bind`` of a fallback | charges fall back to it | the caller's | account | when they do again: the same link |
| ``unbind`` | the customer's next channel pays | the caller's | account | no: a failure is logged |
| ``settle`` | a worker finds charges due | none | none | until ``SETTLED``, ``REJECTED`` or too late |
| ``tick`` | a minute after the last time, in one worker | none | none | every minute, also after a failure |
| ``reconcile`` | staff, or an operator's command | any | none | for any span |
| ``balance``, ``funds_left`` | somebody looks, an alert is checked | any | any | any number of times |
| ``funds`` | somebody looks, one is to be taken back | any | none | any number of times |
| ``count_movements``, ``count_top_ups``, ``count_funds`` | somebody looks | none | none | any number of times |
| ``movements``, ``takes_online_payments`` | somebody looks | none | none | any number of times |
| ``paid_from`` | after ``settle``, somebody looks | any | any | any number of times |
| ``balances`` | the books are checked | none | none | any number of times |
| ``owing`` | the worker reviews who owes, of all or of one | any | any | every round, after every top-up |
| ``top_ups`` | somebody looks, one is to be changed | any | any | any number of times |
| ``request_top_up`` | a customer asks | the mutation's | account | each is another one |
| ``start_online_top_up`` | a customer asks | none | none | each is another one |
| ``confirm_top_up`` | staff, or ``host.top_up_paid`` | the caller's | account | the same reference: the same answer |
| ``refund_top_up`` | staff | the mutation's | account | the same reference: the same answer |
| ``cancel_top_up`` | a customer, or ``host.top_up_lapsed`` | none | none | changes nothing |
| ``settle_from_funds`` | before another channel is handed what is due | none | none | until it answers |
| ``issue_voucher``, ``buy_card`` | staff; a customer | the mutation's | account | each is another one |
| ``void_voucher`` | staff | the mutation's | account | changes nothing |

*transaction*: your tables are in the billing center's one database, and what you write is undone with the caller's
transaction; ``in_transaction()`` of yours is a savepoint in it. An error of the database that you catch there
(a row exists already) spoils it, unless a savepoint is around that statement alone. *lock*: the account's row is
locked, so whatever else changes the account waits for you. Call no provider under either: in ``bind`` (not in that of a
fallback), ``start_online_top_up`` and ``cancel_top_up`` you may, and a server lets only some of those run at once. A
request that is repeated with its idempotency key does not reach you again.
"""

from settlement_spec.balance import (
    NEWEST,
    AccountBalance,
    BalancePart,
    Fund,
    FundState,
    Movement,
    MovementKind,
    Owing,
    Payee,
    PaymentIssue,
    Refund,
    Source,
    TopUp,
    TopUpState,
    Window,
)
from settlement_spec.channel import (
    Funds,
    OnlinePayments,
    PrepaidBalance,
    Reconciliation,
    SettlementChannel,
    TopUps,
    capabilities_of,
)
from settlement_spec.hookspecs import PROJECT, SPEC_VERSION, hookimpl, hookspec
from settlement_spec.host import HostServices
from settlement_spec.money import Money
from settlement_spec.refusal import ChannelRefusal
from settlement_spec.values import (
    IN_CHINESE,
    BindingEnd,
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    Charge,
    ChargeBatch,
    ChargeKind,
    ChargeLine,
    Health,
    HealthStatus,
    Limits,
    LineKind,
    Outcome,
    ProviderRecord,
    SettlementResult,
    Shape,
    TortoiseApp,
)

__all__ = [
    "IN_CHINESE",
    "NEWEST",
    "PROJECT",
    "SPEC_VERSION",
    "AccountBalance",
    "BalancePart",
    "BindRequest",
    "BindResult",
    "BindState",
    "BindingEnd",
    "Capability",
    "ChannelDescription",
    "ChannelRefusal",
    "Charge",
    "ChargeBatch",
    "ChargeKind",
    "ChargeLine",
    "Fund",
    "FundState",
    "Funds",
    "Health",
    "HealthStatus",
    "HostServices",
    "Limits",
    "LineKind",
    "Money",
    "Movement",
    "MovementKind",
    "OnlinePayments",
    "Outcome",
    "Owing",
    "Payee",
    "PaymentIssue",
    "PrepaidBalance",
    "ProviderRecord",
    "Reconciliation",
    "Refund",
    "SettlementChannel",
    "SettlementResult",
    "Shape",
    "Source",
    "TopUp",
    "TopUpState",
    "TopUps",
    "TortoiseApp",
    "Window",
    "capabilities_of",
    "hookimpl",
    "hookspec",
]
