"""Requests for tax invoices (发票)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts.models import StaffRole
from app.api.context import Context
from app.api.enums import InvoiceState
from app.api.money import Money, minor_units, money
from app.api.mutation import mutation
from app.api.node import AccountID, Info, Node, decode_id, encode_id
from app.api.owned import Owned
from app.api.pagination import After, Before, Connection, First, Last, page
from app.errors import InvoiceConflict, InvoiceLimit, NotFound
from app.invoices.models import Invoice as InvoiceRow
from app.invoices.requesting import InvoiceTitle, cancel_invoice, issue_invoice, reject_invoice, request_invoice

InvoiceID = Annotated[strawberry.ID, strawberry.argument(description="The invoice's global id.")]


@strawberry.type(description="A request for a tax invoice over cash that was paid, and what became of it.")
class Invoice(Owned, Node):
    """A row of ``invoice``."""

    record: strawberry.Private[InvoiceRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Invoice | None:
        row = await InvoiceRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="The account that paid.")
    def account_id(self) -> strawberry.ID:
        return encode_id("Account", self.record.account_id)

    @strawberry.field(description="How far it has come.")
    def state(self) -> InvoiceState:
        return self.record.state

    @strawberry.field(description="Whom it is made out to (发票抬头).")
    def title(self) -> str:
        return self.record.title

    @strawberry.field(description="ISO 3166-1 alpha-2 code of the country whose tax number it is.")
    def country(self) -> str:
        return self.record.country

    @strawberry.field(description="The tax number; in CN the unified social credit code.")
    def tax_number(self) -> str:
        return self.record.tax_number

    @strawberry.field(description="Where it is sent.")
    def email(self) -> str:
        return self.record.email

    @strawberry.field(description="The postal address printed on it.")
    def address(self) -> str | None:
        return self.record.address

    @strawberry.field(description="What it is over.")
    def amount(self) -> Money:
        return money(self.record.amount_minor, self.record.currency)

    @strawberry.field(description="When it was asked for.")
    def requested_at(self) -> datetime:
        return self.record.requested_at

    @strawberry.field(description="The number of the issued invoice.")
    def number(self) -> str | None:
        return self.record.number

    @strawberry.field(description="Why it was rejected.")
    def reason(self) -> str | None:
        return self.record.reason

    @strawberry.field(description="When it was issued, rejected or cancelled.")
    def decided_at(self) -> datetime | None:
        return self.record.decided_at


@strawberry.input(description="Whom the invoice is made out to (发票抬头), and where it is sent.")
class InvoiceTitleInput:
    """A title."""

    name: str = strawberry.field(description="The organisation's name, 1 to 200 characters.")
    tax_number: str = strawberry.field(
        description="In CN the unified social credit code, 18 characters with its check character (GB 32100-2015); "
        "elsewhere 1 to 40 letters, digits, blanks, dots, slashes or hyphens."
    )
    email: str = strawberry.field(description="Where it is sent.")
    country: str = strawberry.field(default="CN", description="ISO 3166-1 alpha-2 code.")
    address: str | None = strawberry.field(default=None, description="The postal address, 1 to 500 characters.")


@strawberry.type(description="The invoice is asked for.")
class RequestInvoiceSuccess:
    """Success."""

    invoice: Invoice = strawberry.field(description="The request.")


@strawberry.type(description="The request is withdrawn.")
class CancelInvoiceSuccess:
    """Success."""

    invoice: Invoice = strawberry.field(description="The request.")


@strawberry.type(description="The invoice is issued.")
class IssueInvoiceSuccess:
    """Success."""

    invoice: Invoice = strawberry.field(description="The invoice.")


@strawberry.type(description="The request is rejected; its amount may be requested again.")
class RejectInvoiceSuccess:
    """Success."""

    invoice: Invoice = strawberry.field(description="The request.")


@strawberry.type
class InvoiceQueries:
    """For finance staff."""

    @strawberry.field(description="The invoices of every account. For finance staff.")
    async def invoices(
        self,
        info: Info,
        state: Annotated[InvoiceState | None, strawberry.argument(description="Only those in this state.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Invoice]:
        await info.context.staff(StaffRole.FINANCE)
        rows = InvoiceRow.filter(state=state) if state else InvoiceRow.all()
        return await page(rows, Invoice.of, first, after, last, before)


@strawberry.type
class InvoiceMutations:
    """Asking for invoices, and answering."""

    @mutation(
        InvoiceLimit,
        description="Ask for an invoice over what was paid in cash and is not invoiced yet: the account's invoiceable.",
    )
    async def request_invoice(
        self,
        info: Info,
        account_id: AccountID,
        title: Annotated[InvoiceTitleInput, strawberry.argument(description="Whom it is made out to.")],
        amount: Annotated[Decimal, strawberry.argument(description="How much, such as 1000.00.")],
        currency: Annotated[str, strawberry.argument(description="ISO 4217 code.")] = "CNY",
    ) -> RequestInvoiceSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        made_out_to = InvoiceTitle(title.name, title.country, title.tax_number, title.email, title.address)
        minor = minor_units(amount, "amount")
        return RequestInvoiceSuccess(
            invoice=Invoice.of(await request_invoice(account, made_out_to, minor, currency, actor))
        )

    @mutation(InvoiceConflict, description="Withdraw a request for an invoice.")
    async def cancel_invoice(self, info: Info, invoice_id: InvoiceID) -> CancelInvoiceSuccess:
        found = await Invoice.load(info.context, decode_id(invoice_id, "Invoice", "invoiceId"))
        if found is None:
            raise NotFound(what="invoice", path=("invoiceId",))
        _, actor = await info.context.member(found.record.account_id, path=("invoiceId",))
        return CancelInvoiceSuccess(invoice=Invoice.of(await cancel_invoice(found.record.id, actor)))

    @mutation(InvoiceConflict, description="Note that an invoice was issued. For finance staff.")
    async def issue_invoice(
        self,
        info: Info,
        invoice_id: InvoiceID,
        number: Annotated[str, strawberry.argument(description="The invoice's number, 1 to 40 characters, used once.")],
    ) -> IssueInvoiceSuccess:
        actor = await info.context.staff(StaffRole.FINANCE)
        key = decode_id(invoice_id, "Invoice", "invoiceId")
        return IssueInvoiceSuccess(invoice=Invoice.of(await issue_invoice(key, number, actor)))

    @mutation(InvoiceConflict, description="Reject a request for an invoice. For finance staff.")
    async def reject_invoice(
        self,
        info: Info,
        invoice_id: InvoiceID,
        reason: Annotated[str, strawberry.argument(description="Why, 1 to 500 characters.")],
    ) -> RejectInvoiceSuccess:
        actor = await info.context.staff(StaffRole.FINANCE)
        key = decode_id(invoice_id, "Invoice", "invoiceId")
        return RejectInvoiceSuccess(invoice=Invoice.of(await reject_invoice(key, reason, actor)))
