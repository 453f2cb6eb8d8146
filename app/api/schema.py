"""The whole API: queries, mutations, subscriptions, and what every request passes through."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.schema.config import StrawberryConfig

from app.api.accounts import AccountMutations, AccountQueries, SandboxMutations
from app.api.activation import ActivationMutations
from app.api.agreements import AgreementMutations, AgreementQueries
from app.api.alerts import AlertMutations
from app.api.applications import ApplicationMutations, ApplicationQueries, ApplicationSubscriptions
from app.api.audit import AuditQueries
from app.api.catalog import CatalogMutations, CatalogQueries
from app.api.channels import ChannelMutations, ChannelQueries
from app.api.charges import ChargeMutations
from app.api.context import Info
from app.api.contracts import ContractMutations
from app.api.days import DayQueries
from app.api.deployments import DeploymentMutations
from app.api.discounts import DiscountMutations, DiscountQueries
from app.api.errors import ERROR_TYPES
from app.api.events import EventQueries, EventSubscriptions
from app.api.execution import Execution
from app.api.fields import argument
from app.api.invoices import InvoiceMutations, InvoiceQueries
from app.api.ledger import LedgerMutations, LedgerQueries
from app.api.licenses import LicenseMutations
from app.api.limits import Limits
from app.api.masking import Schema, ShowRefusalsMaskTheRest
from app.api.members import MemberMutations
from app.api.node import Node, find_node, find_nodes
from app.api.notifications import NotificationMutations
from app.api.observing import Named
from app.api.passkeys import PasskeyMutations
from app.api.persons import PersonMutations
from app.api.previews import PreviewQueries
from app.api.profile import ProfileMutations
from app.api.reading import NoteReads, ReadsTogether
from app.api.reports import ReportQueries
from app.api.scalars import SCALARS
from app.api.settlements import SettlementMutations, SettlementQueries, SettlementSubscriptions
from app.api.sign_in import SignInMutations, SignInQueries
from app.api.staff import StaffQueries
from app.api.standing import StandingMutations
from app.api.suspensions import SuspensionMutations
from app.api.top_ups import TopUpMutations, TopUpQueries, TopUpSubscriptions
from app.api.upgrades import UpgradeMutations
from app.api.usage import DATA_KIT_IDS, DataKitIds, UsageMutations
from app.api.users import UserMutations
from app.api.verification import VerificationMutations, VerificationQueries
from app.api.viewer import ViewerQueries
from app.api.voucher_codes import VoucherCodeMutations, VoucherCodeQueries
from app.api.wallet_shares import WalletShareMutations
from app.api.wallets import WalletMutations
from app.errors import InvalidInput

MOST_NODES = 100


@strawberry.type(description="Everything that can be read.")
class Query(
    CatalogQueries,
    AgreementQueries,
    ChannelQueries,
    EventQueries,
    InvoiceQueries,
    VerificationQueries,
    LedgerQueries,
    ReportQueries,
    SettlementQueries,
    ApplicationQueries,
    ViewerQueries,
    AccountQueries,
    TopUpQueries,
    DiscountQueries,
    VoucherCodeQueries,
    AuditQueries,
    PreviewQueries,
    DayQueries,
    StaffQueries,
    SignInQueries,
):
    """Queries."""

    @strawberry.field(description="The object with a global id, if it exists and the viewer may see it.")
    async def node(self, info: Info, id: Annotated[strawberry.ID, argument("The global id.")]) -> Node | None:
        return await find_node(info.context, id)

    @strawberry.field(description="The objects with these global ids, 100 at most, null for what cannot be seen.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], argument("The global ids.")]
    ) -> list[Node | None]:
        if len(ids) > MOST_NODES:
            raise InvalidInput(
                reason_en=f"at most {MOST_NODES} ids in one call",
                reason_zh=f"单次调用最多 {MOST_NODES} 个 ID",
                path=("ids",),
            )
        return await find_nodes(info.context, ids)


@strawberry.type(description="Everything that can be changed.")
class Mutation(
    UserMutations,
    AccountMutations,
    MemberMutations,
    SandboxMutations,
    DeploymentMutations,
    UpgradeMutations,
    AgreementMutations,
    CatalogMutations,
    ChannelMutations,
    ChargeMutations,
    LicenseMutations,
    ActivationMutations,
    UsageMutations,
    ApplicationMutations,
    ContractMutations,
    TopUpMutations,
    WalletMutations,
    StandingMutations,
    InvoiceMutations,
    ProfileMutations,
    WalletShareMutations,
    VerificationMutations,
    LedgerMutations,
    SettlementMutations,
    NotificationMutations,
    AlertMutations,
    DiscountMutations,
    VoucherCodeMutations,
    SuspensionMutations,
    PersonMutations,
    SignInMutations,
    PasskeyMutations,
):
    """Mutations."""


@strawberry.type(description="Everything that is pushed.")
class Subscription(EventSubscriptions, ApplicationSubscriptions, TopUpSubscriptions, SettlementSubscriptions):
    """Subscriptions."""


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[*Node.kinds.values(), *ERROR_TYPES.values()],
    config=StrawberryConfig(scalar_map={DataKitIds: DATA_KIT_IDS, **SCALARS}),
    extensions=[Named, Limits, ShowRefusalsMaskTheRest, NoteReads, ReadsTogether],
    execution_context_class=Execution,
)
