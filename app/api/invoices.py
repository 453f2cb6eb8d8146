"""Requests for tax invoices (发票)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry
from tortoise.queryset import QuerySet

from app.accounts.models import ADMINISTRATORS
from app.accounts.models import Account as AccountRow
from app.api.arguments import IdOf, Reason, Sandboxes
from app.api.audience import FINANCE
from app.api.enums import InvoiceState
from app.api.fields import argument, column
from app.api.money import Money, amounts, from_minor
from app.api.mutation import mutation
from app.api.node import Node, encode_id
from app.api.owned import OfAccount, Owned
from app.api.pagination import connection, filtered, listed
from app.errors import InvoiceConflict, InvoiceLimit
from app.events.recording import Actor
from app.inputs import minor_units
from app.invoices.models import Invoice as InvoiceRow
from app.invoices.queries import invoiceable
from app.invoices.requesting import InvoiceTitle, cancel_invoice, issue_invoice, reject_invoice, request_invoice

InvoiceID = Annotated[UUID, IdOf("Invoice", "The invoice's global id.")]


@strawberry.type(description="A request for a tax invoice over cash that was paid, and what became of it.")
class Invoice(Owned, Node, table=InvoiceRow):
    """A row of ``invoice``."""

    account_id: strawberry.ID = column("The account that paid.", lambda row: encode_id("Account", row.account_id))
    state: InvoiceState = column("How far it has come.")
    title: str = column("Whom it is made out to (发票抬头).")
    country: str = column("ISO 3166-1 alpha-2 code of the country whose tax number it is.")
    tax_number: str = column("The tax number; in CN the unified social credit code.")
    email: str = column("Where it is sent.")
    address: str | None = column("The postal address printed on it.")
    amount: Money = column("What it is over.", from_minor("amount_minor"))
    requested_at: datetime = column("When it was asked for.")
    number: str | None = column("The number of the issued invoice.")
    reason: str | None = column("Why it was rejected.")
    decided_at: datetime | None = column("When it was issued, rejected or cancelled.")


@strawberry.type
class InvoicesOfAccount(OfAccount):
    """What an account has invoices for."""

    invoices = listed(Invoice, "The invoices asked for.")

    @strawberry.field(description="What was paid in cash and is not invoiced or asked to be, for each currency.")
    async def invoiceable(self) -> list[Money]:
        return amounts(await invoiceable(self.row.id))


@strawberry.type
class InvoiceQueries:
    """For finance staff."""

    @connection(Invoice, "The invoices of every account.", staff=FINANCE)
    def invoices(
        self,
        state: Annotated[InvoiceState | None, argument("Only those in this state.")] = None,
        sandboxes: Sandboxes = False,
    ) -> QuerySet[InvoiceRow]:
        return filtered(Invoice.rows(), state=state, account__sandbox=None if sandboxes else False)


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


@strawberry.type
class InvoiceMutations:
    """For administrators, who ask for invoices, and for finance staff, who issue them."""

    @mutation(
        InvoiceLimit,
        description="Ask for an invoice over what was paid in cash and is not invoiced yet: the account's invoiceable.",
        done="The invoice is asked for.",
        answers={"invoice": (Invoice, "The request.")},
        member=ADMINISTRATORS,
    )
    async def request_invoice(
        self,
        account: AccountRow,
        actor: Actor,
        title: Annotated[InvoiceTitleInput, argument("Whom it is made out to.")],
        amount: Annotated[Decimal, argument("How much, such as 1000.00.")],
        currency: Annotated[str, argument("ISO 4217 code.")] = "CNY",
    ) -> InvoiceRow:
        made_out_to = InvoiceTitle(title.name, title.country, title.tax_number, title.email, title.address)
        return await request_invoice(account, made_out_to, minor_units(amount, currency, "amount"), currency, actor)

    @mutation(
        InvoiceConflict,
        description="Withdraw a request for an invoice.",
        done="The request is withdrawn.",
        answers={"invoice": (Invoice, "The request.")},
        member=ADMINISTRATORS,
        of="invoice_id",
    )
    async def cancel_invoice(self, actor: Actor, invoice_id: InvoiceID) -> InvoiceRow:
        return await cancel_invoice(invoice_id, actor)

    @mutation(
        InvoiceConflict,
        description="Note that an invoice was issued.",
        done="The invoice is issued.",
        answers={"invoice": (Invoice, "The invoice.")},
        staff=FINANCE,
    )
    async def issue_invoice(
        self,
        actor: Actor,
        invoice_id: InvoiceID,
        number: Annotated[str, argument("The invoice's number, 1 to 40 characters, used once.")],
    ) -> InvoiceRow:
        return await issue_invoice(invoice_id, number, actor)

    @mutation(
        InvoiceConflict,
        description="Reject a request for an invoice.",
        done="The request is rejected; its amount may be requested again.",
        answers={"invoice": (Invoice, "The request.")},
        staff=FINANCE,
    )
    async def reject_invoice(self, actor: Actor, invoice_id: InvoiceID, reason: Reason) -> InvoiceRow:
        return await reject_invoice(invoice_id, reason, actor)
