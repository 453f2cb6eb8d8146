"""Accounts, and everything that hangs on them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts.models import Account as AccountRow
from app.accounts.models import Membership as MembershipRow
from app.agreements.models import Acceptance as AcceptanceRow
from app.alerts.forecast import forecast
from app.alerts.models import BalanceAlert as BalanceAlertRow
from app.alerts.models import Budget as BudgetRow
from app.api.agreements import Acceptance
from app.api.alerts import BalanceAlert, Budget, Forecast
from app.api.applications import Application, Contract
from app.api.billing import Charge, SettlementBinding, UsageDay
from app.api.context import Context
from app.api.enums import EditionKey
from app.api.events import Event
from app.api.identity import AccessKey, Membership
from app.api.invoices import Invoice
from app.api.licenses import Deployment, License
from app.api.money import Money, money
from app.api.node import Info, Node
from app.api.notifications import Delivery, WebhookEndpoint
from app.api.pagination import After, Before, Connection, First, Last, page
from app.api.statements import CashFlow, DayConsumption, IssuedStatement, Statement
from app.api.upgrades import NextStep, Upgrade
from app.api.wallets import Standing, TopUp, Wallet
from app.applications.models import Application as ApplicationRow
from app.billing.models import Charge as ChargeRow
from app.billing.models import ChargeKind
from app.contracts.models import Contract as ContractRow
from app.deployments.models import AccessKey as AccessKeyRow
from app.deployments.models import Deployment as DeploymentRow
from app.errors import InvalidInput
from app.events.models import Event as EventRow
from app.invoices.models import Invoice as InvoiceRow
from app.invoices.queries import invoiceable
from app.journey.steps import next_steps
from app.licenses.models import License as LicenseRow
from app.notifications.models import Delivery as DeliveryRow
from app.notifications.models import WebhookEndpoint as EndpointRow
from app.settlement.arrears import standing_now
from app.settlement.queries import bound_channel
from app.settlement.top_ups import list_top_ups
from app.settlement.wallets import wallet as wallet_of
from app.statements.models import Statement as StatementRow
from app.statements.monthly import cash_flow, statement_of
from app.upgrades.queries import billing_zone, current_upgrade
from app.usage.queries import daily_usage

MOST_DAYS = 366
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
FROM_DAY = Annotated[date, strawberry.argument(name="from", description="The first day.")]
TO_DAY = Annotated[date, strawberry.argument(description="The last day, at most 366 days on.")]


@strawberry.type(description="A customer.")
class Account(Node):
    """A row of ``account``."""

    record: strawberry.Private[AccountRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Account | None:
        row = await AccountRow.get_or_none(id=key)
        return cls.of(row) if row else None

    async def visible(self, context: Context) -> bool:
        return await context.may_see(self.record.id)

    @strawberry.field(description="The organisation's name.")
    def name(self) -> str:
        return self.record.name

    @strawberry.field(description="The edition that the account has now.")
    def edition(self) -> EditionKey:
        return self.record.edition

    @strawberry.field(description="Whether its clock can be advanced; a sandbox account is for trying things out.")
    def sandbox(self) -> bool:
        return self.record.sandbox

    @strawberry.field(description="The present instant on the account's clock.")
    def clock(self) -> datetime:
        return self.record.now()

    @strawberry.field(description="When it was opened.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="The newest upgrade, if one was begun.")
    async def upgrade(self) -> Upgrade | None:
        row = await current_upgrade(self.record.id)
        return Upgrade.of(row) if row else None

    @strawberry.field(description="What to do next and why, the next step first.")
    async def next_steps(self) -> list[NextStep]:
        return [NextStep(value=step) for step in await next_steps(self.record)]

    @strawberry.field(description="The channel that pays for the account, or the one that waits for its provider.")
    async def settlement_binding(self) -> SettlementBinding | None:
        row = await bound_channel(self.record.id)
        return SettlementBinding.of(row) if row else None

    @strawberry.field(description="The prepaid balance; null where no prepaid channel pays, or ever did.")
    async def wallet(self, info: Info) -> Wallet | None:
        found = await wallet_of(info.context.host, self.record)
        return Wallet(value=found) if found else None

    @strawberry.field(description="Whether what the account owes has consequences yet.")
    async def standing(self, info: Info) -> Standing:
        return Standing(value=await standing_now(info.context.host, self.record))

    @strawberry.field(description="The newest bank transfers to the prepaid balance, 500 at most.")
    async def top_ups(self, info: Info) -> list[TopUp]:
        return [TopUp.of(top_up) for top_up in await list_top_ups(info.context.host, account_id=self.record.id)]

    @strawberry.field(description="The DataKits of each billing day from one day to another.")
    async def usage(self, from_: FROM_DAY, to: TO_DAY) -> list[UsageDay]:
        if not EARLIEST <= from_ <= LATEST:
            raise InvalidInput(
                reason_en=f"from must be between {EARLIEST} and {LATEST}",
                reason_zh=f"from 须在 {EARLIEST} 与 {LATEST} 之间",
                path=("from",),
            )
        if not 0 <= (to - from_).days < MOST_DAYS:
            raise InvalidInput(
                reason_en=f"to must be 0 to {MOST_DAYS - 1} days after from",
                reason_zh=f"to 须在 from 之后 0 到 {MOST_DAYS - 1} 天内",
                path=("to",),
            )
        days = await daily_usage(self.record.id, from_, to, await billing_zone(self.record.id))
        return [UsageDay(value=day) for day in days]

    @strawberry.field(description="The statement of a month, issued or provisional.")
    async def statement(
        self, month: Annotated[str, strawberry.argument(description="The month, as YYYY-MM.")]
    ) -> Statement:
        return Statement(value=await statement_of(self.record, month))

    @strawberry.field(description="What the present month will have cost; null before the first charge.")
    async def forecast(self) -> Forecast | None:
        found = await forecast(self.record)
        return Forecast(value=found, account=self.record) if found else None

    @strawberry.field(description="The monthly budget, if one is set.")
    async def budget(self) -> Budget | None:
        row = await BudgetRow.get_or_none(account_id=self.record.id)
        return Budget(record=row) if row else None

    @strawberry.field(description="The low-balance alert, if one is set.")
    async def balance_alert(self) -> BalanceAlert | None:
        row = await BalanceAlertRow.get_or_none(account_id=self.record.id)
        return BalanceAlert(record=row) if row else None

    @strawberry.field(description="The webhook endpoints. For owners and administrators.")
    async def webhook_endpoints(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[WebhookEndpoint]:
        await info.context.administers(self.record.id)
        rows = EndpointRow.filter(account_id=self.record.id, deleted_at=None)
        return await page(rows, WebhookEndpoint.of, first, after, last, before)

    @strawberry.field(
        description="What was told by webhook and e-mail, and how that went. For owners and administrators."
    )
    async def deliveries(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Delivery]:
        await info.context.administers(self.record.id)
        rows = DeliveryRow.filter(account_id=self.record.id).select_related("event", "endpoint", "user")
        return await page(rows, Delivery.of, first, after, last, before)

    @strawberry.field(description="The statements that were issued.")
    async def statements(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[IssuedStatement]:
        rows = StatementRow.filter(account_id=self.record.id)
        return await page(rows, IssuedStatement.of, first, after, last, before)

    @strawberry.field(description="What was consumed and charged, day by day.")
    async def daily_consumption(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[DayConsumption]:
        days = ChargeRow.filter(account_id=self.record.id, kind=ChargeKind.DAILY)
        return await page(days, lambda row: DayConsumption(record=row), first, after, last, before)

    @strawberry.field(description="Income and expense: what was paid in, and what channels collected.")
    async def income_and_expense(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[CashFlow]:
        return await page(cash_flow(self.record.id), CashFlow.of, first, after, last, before)

    @strawberry.field(description="The invoices asked for.")
    async def invoices(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Invoice]:
        return await page(InvoiceRow.filter(account_id=self.record.id), Invoice.of, first, after, last, before)

    @strawberry.field(description="What was paid in cash and is not invoiced or asked to be, for each currency.")
    async def invoiceable(self) -> list[Money]:
        found = await invoiceable(self.record.id)
        return [money(minor, currency) for currency, minor in sorted(found.items())]

    @strawberry.field(description="The members.")
    async def members(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Membership]:
        return await page(MembershipRow.filter(account_id=self.record.id), Membership.of, first, after, last, before)

    @strawberry.field(description="The agreements accepted.")
    async def acceptances(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Acceptance]:
        return await page(AcceptanceRow.filter(account_id=self.record.id), Acceptance.of, first, after, last, before)

    @strawberry.field(description="The licenses.")
    async def licenses(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[License]:
        return await page(LicenseRow.filter(account_id=self.record.id), License.of, first, after, last, before)

    @strawberry.field(description="The applications for editions that are agreed upon with an account manager.")
    async def applications(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Application]:
        rows = ApplicationRow.filter(account_id=self.record.id).select_related("account", "manager")
        return await page(rows, Application.of, first, after, last, before)

    @strawberry.field(description="The contracts.")
    async def contracts(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Contract]:
        return await page(ContractRow.filter(account_id=self.record.id), Contract.of, first, after, last, before)

    @strawberry.field(description="The AK/SK pairs.")
    async def access_keys(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[AccessKey]:
        return await page(AccessKeyRow.filter(account_id=self.record.id), AccessKey.of, first, after, last, before)

    @strawberry.field(description="The deployments that a license was activated on.")
    async def deployments(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Deployment]:
        return await page(DeploymentRow.filter(account_id=self.record.id), Deployment.of, first, after, last, before)

    @strawberry.field(description="The charges.")
    async def charges(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Charge]:
        return await page(ChargeRow.filter(account_id=self.record.id), Charge.of, first, after, last, before)

    @strawberry.field(description="Everything that happened.")
    async def events(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Event]:
        return await page(EventRow.filter(account_id=self.record.id), Event.of, first, after, last, before)
