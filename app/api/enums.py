"""The enums of the rules as GraphQL enums, every value described."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

import strawberry
from settlement_spec import BindingEnd, FundState, MovementKind, Source, TopUpState

from app.accounts.models import Role, StaffRole
from app.applications.models import ApplicationState, NoteKind
from app.billing.ledger import CashFlowKind
from app.billing.models import ChargeKind
from app.catalog.keys import EditionKey
from app.contracts.models import ContractState
from app.invoices.models import InvoiceState
from app.licenses.models import LicenseState
from app.notifications.models import DeliveryState
from app.settlement.models import BindingState, CaseKind, SettlementState, StandingState
from app.steps import NextAction
from app.upgrades.models import UpgradeState

E = TypeVar("E", bound=type[Enum])


def _described(kind: E, description: str, **values: str) -> E:
    strawberry.enum(kind, description=description)
    definition = kind.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[value.name]
    return kind


_described(
    EditionKey,
    "The editions of the product.",
    COMMUNITY="社区版: free, where every account starts.",
    PAY_AS_YOU_GO="商业版-按量付费版: billed by DataKits and day.",
    SUBSCRIPTION="商业版-订阅制版: by application.",
    LICENSED="商业版-许可证制版: by application.",
)
_described(
    UpgradeState,
    "How far an upgrade has come.",
    AGREEMENT_PENDING="The edition is chosen; the agreement is to be accepted.",
    CHANNEL_PENDING="The agreement is accepted; a settlement channel is to be chosen and bound.",
    FREE_PERIOD="The account is upgraded; the free period runs, and a license is to be activated in it.",
    ACTIVE="A license was activated; days are billed from firstBilledDay on.",
    LAPSED="The free period ended without an activation, or was had before; activating a license upgrades the account, "
    "billed from that day on.",
    REPLACED="Another edition was chosen before this upgrade took effect.",
    ENDED="A contract took its place, or staff ended the service, because the account was in arrears.",
)
_described(
    NextAction,
    "A step of the way to a billed commercial edition.",
    CHOOSE_EDITION="Choose a commercial edition.",
    ACCEPT_AGREEMENT="Accept the current service agreement.",
    CHOOSE_SETTLEMENT_CHANNEL="Choose how to pay.",
    CREATE_LICENSE="Create a license and copy it.",
    CREATE_ACCESS_KEY="Create an AK/SK pair for the Launcher.",
    ACTIVATE_LICENSE="Activate the license from the Launcher.",
    REPORT_USAGE="Report usage, hourly.",
    TOP_UP="Pay what is owed by topping up the prepaid balance.",
    ACCEPT_OFFER="Accept the offer made for an application.",
    RAISE_DK_LIMIT="Connect fewer DataKits, or apply for a license that allows more.",
)
_described(
    Role,
    "What a member may do in an account.",
    OWNER="Everything, members included.",
    ADMIN="Everything but members.",
    VIEWER="Look at everything.",
)
_described(
    StaffRole,
    "What a member of the vendor's staff may do.",
    ACCOUNT_MANAGER="Look after customers.",
    FINANCE="Confirm top-ups.",
    OPERATOR="Run the service.",
)
_described(
    LicenseState,
    "What became of a license.",
    CREATED="Not activated yet.",
    ACTIVE="Activated on a deployment.",
    REVOKED="Revoked for good.",
)
_described(
    ChargeKind,
    "Why a charge was raised.",
    DAILY="A billing day was closed.",
    ADJUSTMENT="Usage came after its day was closed; the amount is the difference.",
    CREDIT_NOTE="Finance staff gave a charge back, in whole or in part.",
    INSTALMENT="An instalment of a contract was due.",
)
_described(
    ApplicationState,
    "How far an application has come.",
    SUBMITTED="It waits for an account manager.",
    IN_REVIEW="An account manager took it.",
    OFFERED="Terms are offered, to be accepted.",
    ACCEPTED="The offer was accepted: there is a contract.",
    DECLINED="It was turned down.",
    WITHDRAWN="The customer withdrew it.",
    LAPSED="The offer was not accepted in time; apply anew.",
)
_described(
    NoteKind,
    "What an account manager writes down.",
    NOTE="A note.",
    CONTACT="The customer was contacted.",
)
_described(
    ContractState,
    "Whether a contract is in force.",
    SCHEDULED="Its first day is to come.",
    ACTIVE="It is in force.",
    ENDED="It is over.",
)
_described(
    BindingState,
    "Whether a settlement channel pays for the account.",
    PENDING="The provider's confirmation is awaited.",
    BOUND="It pays for what is charged from now on.",
    UNBOUND="It does not any more.",
)
_described(
    SettlementState,
    "How far the collecting of a charge has come.",
    PENDING="To be handed to the channel, or to be tried again.",
    ACCEPTED="The channel took it; its confirmation is awaited.",
    SETTLED="Collected.",
    NEEDS_ATTENTION="The channel refused it; staff look into it.",
)
_described(
    TopUpState,
    "Whether the money of a top-up has arrived.",
    REQUESTED="Announced; the transfer is awaited.",
    CONFIRMED="Arrived, and credited.",
    CANCELLED="Will not come.",
)
_described(
    DeliveryState,
    "How far the telling of an event has come.",
    PENDING="To be sent, or to be tried again.",
    DELIVERED="Taken by the receiver.",
    FAILED="Given up.",
)
_described(
    CashFlowKind,
    "Why money moved.",
    CHARGE_SETTLED="A channel collected a charge, or gave one back.",
    TOP_UP_CONFIRMED="The customer paid in.",
)
_described(
    InvoiceState,
    "How far a request for an invoice has come.",
    REQUESTED="Finance staff are to issue it.",
    ISSUED="Issued; it has a number.",
    REJECTED="Refused; the reason says why.",
    CANCELLED="Withdrawn.",
)
_described(
    BindingEnd,
    "Why a provider ended the link between an account and its channel.",
    REFUSED="The provider did not confirm it.",
    UNSUBSCRIBED="The customer unsubscribed there.",
)
_described(
    CaseKind,
    "How a provider's record of a charge differs from ours, or what is wrong with an online payment.",
    MISSING_AT_PROVIDER="Settled here; the provider does not know of it.",
    NOT_SETTLED_HERE="The provider collected it; here it needs attention.",
    UNKNOWN_CHARGE="The provider collected it; the channel was not to collect it.",
    AMOUNT_DIFFERS="Both know of it, with another amount or number of units.",
    PAYMENT_NOT_CREDITED="Paid online, and not credited: the amount is wrong, or nobody here waits for it, or the "
    "payment provider does not know the page any more, where it may have been paid.",
    PAYMENT_REVERSED="Paid online, and refunded or disputed at the payment provider; the balance is as it was.",
)
_described(
    Source,
    "A part of a prepaid balance, in the order in which charges are paid from them.",
    VOUCHER="代金券: granted, the soonest to expire first.",
    FULL_REDUCTION="满减券: comes with stored-value cards.",
    CARD="储值卡: bought from cash.",
    CASH="现金: topped up; negative when something is owed.",
)
_described(
    FundState,
    "Whether a voucher or card can pay.",
    USABLE="It pays.",
    USED_UP="Nothing is left of it.",
    EXPIRED="It is void from the second of its expiry on.",
    VOIDED="Staff took back what was left.",
)
_described(
    MovementKind,
    "Why a prepaid balance changed.",
    TOP_UP="Money arrived.",
    VOUCHER_ISSUED="A voucher was granted.",
    CARD_PURCHASED="A stored-value card was bought from cash.",
    CHARGE="A charge was paid, or a negative one paid back.",
    EXPIRED="What was left of a voucher or card became void.",
    VOIDED="Staff took back a voucher.",
)
_described(
    StandingState,
    "Whether what an account owes has consequences yet.",
    GOOD="Nothing is owed.",
    SUSPENDED="The prepaid balance is used up; usage is still metered and owed.",
    IN_ARREARS="Suspended for 15 days; staff may end the service after a final notice.",
)
__all__ = [
    "ApplicationState",
    "BindingEnd",
    "BindingState",
    "CaseKind",
    "CashFlowKind",
    "ChargeKind",
    "ContractState",
    "DeliveryState",
    "EditionKey",
    "FundState",
    "InvoiceState",
    "LicenseState",
    "MovementKind",
    "NextAction",
    "NoteKind",
    "Role",
    "SettlementState",
    "Source",
    "StaffRole",
    "StandingState",
    "TopUpState",
    "UpgradeState",
]
