"""The enums of the rules as GraphQL enums, every value described: ours where they are, the specification's here."""

from __future__ import annotations

from enum import StrEnum

import strawberry
from settlement_spec import BindingEnd, FundState, MovementKind, Source, TopUpState
from settlement_spec import Capability as ChannelCapability
from strawberry.types.enum import StrawberryEnumDefinition

from app.accounts.models import Language, Role, StaffRole, TokenScope
from app.alerts.models import BudgetPeriod
from app.applications.models import ApplicationState, NoteKind
from app.billing.ledger import CashFlowKind
from app.billing.models import ChargeKind, LedgerAccountKind, LineKind
from app.catalog.keys import EditionKey
from app.catalog.models import Aggregation, TierMode
from app.contracts.models import ContractState
from app.described import DescribedEnum
from app.events.models import ActorKind
from app.invoices.models import InvoiceMedium, InvoiceState, InvoiceType, TitleKind, VerificationState
from app.licenses.models import LicenseState
from app.notifications.models import DeliveryMedium, DeliveryState
from app.refusals import DocumentKind, RefusalReason
from app.settlement.channels import ChannelHealth
from app.settlement.models import BindingState, CaseKind, CaseState, SettlementState, ShareState, StandingState
from app.steps import NextAction
from app.suspensions.models import Suspended
from app.upgrades.models import UpgradeState


def _described(kind: type[StrEnum], description: str | None, name: str | None = None, **values: str) -> None:
    strawberry.enum(kind, name=name, description=description)
    definition: StrawberryEnumDefinition = vars(kind)["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[value.name]


for one in DescribedEnum.__subclasses__():
    _described(one, one.__doc__, **{member.name: member.description for member in one})
_described(
    TopUpState,
    "Whether the money of a top-up has arrived.",
    REQUESTED="Announced; the transfer is awaited.",
    CONFIRMED="Arrived, and credited.",
    CANCELLED="Will not come.",
)
_described(
    BindingEnd,
    "Why a provider ended the link between an account and its channel.",
    REFUSED="The provider did not confirm it.",
    UNSUBSCRIBED="The customer unsubscribed there.",
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
    REFUND="Money of a top-up went back to the payer.",
    EXPIRED="What was left of a voucher or card became void.",
    VOIDED="Staff took back a voucher.",
)
_described(
    ChannelCapability,
    "What a settlement channel can do.",
    "ChannelCapability",
    PREPAID_BALANCE="It keeps a balance that is paid in ahead.",
    SHARED_BALANCE="An account's balance can pay for another account.",
    EXTERNAL_SUBSCRIPTION="It is bought at a marketplace, and can end there.",
    METERED_PUSH="It hands over quantities, which the provider prices.",
    CREDIT="It can pay back.",
    RECONCILIATION="Its provider can say what it collected.",
)
__all__ = [
    "ActorKind",
    "Aggregation",
    "ApplicationState",
    "BindingEnd",
    "BindingState",
    "BudgetPeriod",
    "CaseKind",
    "CaseState",
    "CashFlowKind",
    "ChannelCapability",
    "ChannelHealth",
    "ChargeKind",
    "ContractState",
    "DeliveryMedium",
    "DeliveryState",
    "DocumentKind",
    "EditionKey",
    "FundState",
    "InvoiceMedium",
    "InvoiceState",
    "InvoiceType",
    "Language",
    "LedgerAccountKind",
    "LicenseState",
    "LineKind",
    "MovementKind",
    "NextAction",
    "NoteKind",
    "RefusalReason",
    "Role",
    "SettlementState",
    "ShareState",
    "Source",
    "StaffRole",
    "StandingState",
    "Suspended",
    "TierMode",
    "TitleKind",
    "TokenScope",
    "TopUpState",
    "UpgradeState",
    "VerificationState",
]
