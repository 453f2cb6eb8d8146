"""Accounts, put together from what each noun knows of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from tortoise.queryset import QuerySet

from app.accounts.members import create_account
from app.accounts.models import ADMINISTRATORS, StaffRole
from app.accounts.models import Account as AccountRow
from app.accounts.queries import account_with_key, find_accounts
from app.accounts.tokens import Viewer
from app.api.agreements import AgreementsOfAccount
from app.api.alerts import AlertsOfAccount
from app.api.applications import ApplicationsOfAccount
from app.api.audit import AuditOfAccount
from app.api.catalog import CatalogOfAccount
from app.api.channels import ChannelOfAccount
from app.api.charges import ChargesOfAccount
from app.api.context import Context, Info
from app.api.contracts import ContractsOfAccount
from app.api.deployments import DeploymentsOfAccount
from app.api.discounts import DiscountsOfAccount
from app.api.enums import EditionKey, StandingState
from app.api.events import EventsOfAccount
from app.api.fields import argument
from app.api.invoices import InvoicesOfAccount
from app.api.licenses import LicensesOfAccount
from app.api.members import MembersOfAccount
from app.api.mutation import mutation
from app.api.node import Node, decode_id, key_in
from app.api.notifications import NotificationsOfAccount
from app.api.pagination import connection, filtered
from app.api.profile import ProfileOfAccount
from app.api.standing import StandingOfAccount
from app.api.statements import StatementOfAccount, StatementsOfAccount
from app.api.suspensions import SuspensionsOfAccount
from app.api.top_ups import TopUpsOfAccount
from app.api.upgrades import UpgradeOfAccount
from app.api.usage import UsageOfAccount
from app.api.users import OrganizationName, Sandbox
from app.api.verification import VerificationOfAccount
from app.api.wallet_shares import WalletSharesOfAccount
from app.api.wallets import WalletOfAccount
from app.errors import ChannelUnavailable, InvalidInput, SandboxLimit, SandboxOff, SandboxOnly
from app.events.recording import Actor
from app.journey.clockwork import travel
from app.settlement.queries import in_standing, paid_by


@strawberry.type(description="A customer.")
class Account(
    Node,
    ProfileOfAccount,
    UpgradeOfAccount,
    ChannelOfAccount,
    WalletOfAccount,
    WalletSharesOfAccount,
    StandingOfAccount,
    TopUpsOfAccount,
    UsageOfAccount,
    StatementOfAccount,
    AlertsOfAccount,
    NotificationsOfAccount,
    StatementsOfAccount,
    InvoicesOfAccount,
    VerificationOfAccount,
    MembersOfAccount,
    AgreementsOfAccount,
    LicensesOfAccount,
    ApplicationsOfAccount,
    ContractsOfAccount,
    DeploymentsOfAccount,
    ChargesOfAccount,
    EventsOfAccount,
    DiscountsOfAccount,
    CatalogOfAccount,
    AuditOfAccount,
    SuspensionsOfAccount,
    table=AccountRow,
):
    """A row of ``account``. Its fields come in the order of these classes."""

    row: strawberry.Private[AccountRow]

    async def visible(self, context: Context) -> bool:
        return await context.may_see(self.row.id)


@strawberry.type
class AccountQueries:
    """For members and staff."""

    @strawberry.field(description="An account that the viewer may see.")
    async def account(
        self, info: Info, id: Annotated[strawberry.ID, argument("The account's global id.")]
    ) -> Account | None:
        await info.context.signed_in()
        key = decode_id(id, "Account", "id")
        return Account.maybe(await account_with_key(key)) if await info.context.may_see(key) else None

    @connection(Account, "Every account, or those that a search finds.", staff=tuple(StaffRole))
    def accounts(
        self,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="A part of the name or of an owner's e-mail address, in any case, or the account's id."
            ),
        ] = None,
        edition: Annotated[EditionKey | None, argument("Only those that have this edition.")] = None,
        standing: Annotated[StandingState | None, argument("Only those whose standing is this.")] = None,
        channel: Annotated[str | None, argument("Only those that this channel pays for.")] = None,
        sandbox: Annotated[bool | None, argument("Only sandboxes, or only others.")] = None,
    ) -> QuerySet[AccountRow]:
        found = AccountRow.all() if search is None else find_accounts(search, key_in(search, "Account"))
        found = filtered(found, edition=edition, sandbox=sandbox)
        if standing is not None:
            found = in_standing(found, standing)
        return found if channel is None else paid_by(found, channel)


@strawberry.type
class AccountMutations:
    """For everyone who is signed in."""

    @mutation(
        SandboxOff,
        SandboxLimit,
        description="Open another account, owned by the viewer, in the community edition.",
        done="The account is open.",
        answers={"account": (Account, "The account, in the community edition.")},
    )
    async def create_account(
        self, info: Info, viewer: Viewer, name: OrganizationName, sandbox: Sandbox = False
    ) -> AccountRow:
        return await create_account(viewer.user, name, sandbox, info.context.actor(viewer))


@strawberry.type
class SandboxMutations:
    """For administrators of sandbox accounts."""

    @mutation(
        SandboxOnly,
        SandboxOff,
        ChannelUnavailable,
        description="Advance a sandbox account's clock, and do what becomes due: end of the free period, day close, "
        "contracts, statements.",
        done="The clock was advanced, and what became due was done.",
        answers={"account": (Account, "The account.")},
        member=ADMINISTRATORS,
    )
    async def advance_sandbox_clock(
        self,
        info: Info,
        account: AccountRow,
        actor: Actor,
        to: Annotated[datetime | None, argument("To which instant; give this or bySeconds.")] = None,
        by_seconds: Annotated[int | None, argument("By how much; give this or to.")] = None,
    ) -> AccountRow:
        if (to is None) == (by_seconds is None):
            raise InvalidInput(
                reason_en="give either to or bySeconds", reason_zh="请在 to 与 bySeconds 中任选其一", path=("to",)
            )
        seconds = by_seconds if to is None else -int((account.now() - to).total_seconds() // 1)
        argument = "to" if to is not None else "bySeconds"
        await travel(info.context.host, account, int(seconds or 0), actor, argument)
        return account
