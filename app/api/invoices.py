"""Tax invoices (发票): requests, the title book and address book, and the seller's files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app.accounts.models import ACCOUNTANTS
from app.accounts.models import Account as AccountRow
from app.api.arguments import IdOf, Reason, Sandboxes
from app.api.audience import FINANCE
from app.api.context import Info
from app.api.enums import InvoiceMedium, InvoiceState, InvoiceType, TitleKind
from app.api.fields import View, argument, column
from app.api.invoice_files import may_read, path_of
from app.api.links import LASTING, link_to
from app.api.money import Money, amounts, from_minor
from app.api.mutation import mutation
from app.api.node import Node, decode_id, encode_id
from app.api.owned import LazyAccount, OfAccount, Owned
from app.api.pagination import connection, filtered, listed
from app.errors import InvoiceConflict, InvoiceLimit, VerificationRequired
from app.events.recording import Actor
from app.invoices import books
from app.invoices.models import Document
from app.invoices.models import Invoice as InvoiceRow
from app.invoices.models import InvoiceAddress as InvoiceAddressRow
from app.invoices.models import InvoiceFile as InvoiceFileRow
from app.invoices.models import InvoiceTitle as InvoiceTitleRow
from app.invoices.queries import Item, items_of, paid_and_not_invoiced, spent_and_not_invoiced, summed
from app.invoices.requesting import (
    Asked,
    cancel_invoice,
    issue_invoice,
    reject_invoice,
    request_invoice,
    take_back_invoice,
)

OfState = Annotated[InvoiceState | None, argument("Only those in this state.")]
Since = Annotated[datetime | None, argument("Only those asked for from this instant on.")]
Until = Annotated[datetime | None, argument("Only those asked for before this instant.")]
Number = Annotated[str | None, argument("Only the one with this number, its own or that of its red invoice.")]
InvoiceID = Annotated[UUID, IdOf("Invoice", "The invoice's global id.")]


@strawberry.type(description="A statement or stored-value card, as far as an invoice is over it, or may be.")
class InvoiceItem(View):
    """A sum over cash that was spent."""

    row: strawberry.Private[Item]

    month: str | None = column(
        "The month of the issued statement, as YYYY-MM; null for a card.",
        lambda row: f"{row.month:%Y-%m}" if row.month else None,
    )
    card_id: strawberry.ID | None = column(
        "The stored-value card; null for a statement.",
        lambda row: encode_id("Fund", row.card_id) if row.card_id else None,
    )
    amount: Money = column(
        "What was paid in cash: without what vouchers and cards paid, what a marketplace collected, and what was given "
        "back.",
        from_minor("amount_minor"),
    )


@strawberry.type(description="The seller's file of an invoice, or of a red one.")
class InvoiceFile(View):
    """A row of ``invoice_file``, without its content."""

    row: strawberry.Private[InvoiceFileRow]

    media_type: str = column("`application/pdf` or `application/ofd`.")
    size: int = column("How many bytes it has.")

    @strawberry.field(description=f"Where it is had: {LASTING}.")
    async def path(self, info: Info) -> str:
        return await link_to(info.context, path_of(self.row.invoice_id, self.row.document))


@strawberry.type(description="A request for a tax invoice over cash that was spent, and what became of it.")
class Invoice(Owned, Node, table=InvoiceRow):
    """A row of ``invoice``."""

    state: InvoiceState = column("How far it has come.")
    type: InvoiceType = column("What the buyer can do with it.")
    medium: InvoiceMedium = column("How it reaches the buyer.")
    title_kind: TitleKind = column("Whom it is made out to: an organisation or a person.")
    title: str = column("Whom it is made out to (发票抬头).")
    country: str = column("ISO 3166-1 alpha-2 code of the country whose tax number it is.")
    tax_number: str | None = column("The tax number; in CN the unified social credit code. Null for a person.")
    registered_address: str | None = column("The address that the organisation is registered with.")
    registered_phone: str | None = column("The phone number that it is registered with.")
    bank: str | None = column("Its bank (开户行).")
    bank_account: str | None = column("The number of its account there.")
    email: str | None = column("The e-mail address that it is sent to.")
    recipient: str | None = column("Who gets it on paper.")
    phone: str | None = column("The recipient's phone number.")
    address: str | None = column("Where it is sent on paper.")
    amount: Money = column("What it is over.", from_minor("amount_minor"))
    requested_at: datetime = column("When it was asked for.")
    number: str | None = column("The number of the issued invoice; it stays when it is taken back.")
    reason: str | None = column("Why it was rejected, or taken back.")
    decided_at: datetime | None = column("When it was issued, rejected or cancelled.")
    red_number: str | None = column("The number of the red invoice (红字发票) that took it back.")
    taken_back_at: datetime | None = column("When it was taken back.")

    @strawberry.field(description="What it is over: statements by month, then cards.")
    async def items(self) -> list[InvoiceItem]:
        return [InvoiceItem.of(item) for item in await items_of(self.row)]

    @strawberry.field(description="The seller's file, for members and finance staff; null until it is attached.")
    async def file(self, info: Info) -> InvoiceFile | None:
        return await self._file(info, Document.INVOICE)

    @strawberry.field(
        description="The seller's file of the red invoice, for members and finance staff; null until it is attached."
    )
    async def red_file(self, info: Info) -> InvoiceFile | None:
        return await self._file(info, Document.RED_INVOICE)

    async def _file(self, info: Info, document: Document) -> InvoiceFile | None:
        if not await may_read(info.context, self.row.account_id):
            return None
        found = InvoiceFileRow.filter(invoice_id=self.row.id, document=document)
        return InvoiceFile.maybe(await found.only("id", "invoice_id", "document", "media_type", "size").first())


@strawberry.type(description="Whom invoices are made out to (发票抬头): an entry of an account's title book.")
class InvoiceTitle(Owned, Node, table=InvoiceTitleRow):
    """A row of ``invoice_title``."""

    kind: TitleKind = column("An organisation or a person.")
    name: str = column("The name.")
    country: str = column("ISO 3166-1 alpha-2 code.")
    tax_number: str | None = column("The tax number; in CN the unified social credit code. Null for a person.")
    registered_address: str | None = column("The address that the organisation is registered with.")
    registered_phone: str | None = column("The phone number that it is registered with.")
    bank: str | None = column("Its bank (开户行).")
    bank_account: str | None = column("The number of its account there.")


@strawberry.type(description="Where invoices on paper are sent: an entry of an account's address book.")
class InvoiceAddress(Owned, Node, table=InvoiceAddressRow):
    """A row of ``invoice_address``."""

    recipient: str = column("Who gets them.")
    phone: str = column("The recipient's phone number.")
    address: str = column("Where.")


@strawberry.type
class InvoicesOfAccount(OfAccount):
    """What an account has invoices for."""

    @connection(Invoice, "The invoices asked for.")
    def invoices(
        self, state: OfState = None, since: Since = None, until: Until = None, number: Number = None
    ) -> QuerySet[InvoiceRow]:
        return _asked(Invoice.rows().filter(account_id=self.row.id), state, since, until, number)

    invoice_titles = listed(InvoiceTitle, "Whom invoices can be made out to: the title book.")
    invoice_addresses = listed(InvoiceAddress, "Where invoices on paper can be sent: the address book.")

    @strawberry.field(
        description="What was paid in cash and is not invoiced or asked to be, for each currency: an invoice is over "
        "that or less."
    )
    async def invoiceable(self) -> list[Money]:
        return amounts(await paid_and_not_invoiced(self.row.id))

    @strawberry.field(description="What can be invoiced: issued statements by month, then stored-value cards.")
    async def invoiceable_items(self) -> list[InvoiceItem]:
        return [InvoiceItem.of(item) for item in summed(await spent_and_not_invoiced(self.row.id))]


@strawberry.type
class InvoiceQueries:
    """For finance staff."""

    @connection(Invoice, "The invoices of every account.", staff=FINANCE)
    def invoices(
        self,
        state: OfState = None,
        since: Since = None,
        until: Until = None,
        number: Number = None,
        sandboxes: Sandboxes = False,
    ) -> QuerySet[InvoiceRow]:
        ours = filtered(Invoice.rows(), account__sandbox=None if sandboxes else False)
        return _asked(ours, state, since, until, number)


def _asked(
    invoices: QuerySet[InvoiceRow],
    state: InvoiceState | None,
    since: datetime | None,
    until: datetime | None,
    number: str | None,
) -> QuerySet[InvoiceRow]:
    found = filtered(invoices, state=state, requested_at__gte=since, requested_at__lt=until)
    return found if number is None else found.filter(Q(number=number) | Q(red_number=number))


@strawberry.input(description="Whom invoices are made out to (发票抬头).")
class InvoiceTitleInput:
    """A title."""

    name: str = strawberry.field(description="The name of the organisation or person, 1 to 200 characters.")
    kind: TitleKind = strawberry.field(
        default=TitleKind.ENTERPRISE, description="An organisation, or a person, who has a name alone."
    )
    country: str = strawberry.field(default="CN", description="ISO 3166-1 alpha-2 code.")
    tax_number: str | None = strawberry.field(
        default=None,
        description="An organisation's. In CN the unified social credit code, 18 characters with its check character "
        "(GB 32100-2015); elsewhere 1 to 40 letters, digits, blanks, dots, slashes or hyphens.",
    )
    registered_address: str | None = strawberry.field(
        default=None,
        description="The address that it is registered with, 1 to 200 characters. Special VAT invoices need it.",
    )
    registered_phone: str | None = strawberry.field(
        default=None, description="The phone number that it is registered with. Special VAT invoices need it."
    )
    bank: str | None = strawberry.field(
        default=None, description="Its bank (开户行), 1 to 200 characters. Special VAT invoices need it."
    )
    bank_account: str | None = strawberry.field(
        default=None,
        description="The number of its account there, 1 to 40 characters. Special VAT invoices need it.",
    )


@strawberry.type
class InvoiceMutations:
    """For administrators, who ask for invoices, and for finance staff, who issue them."""

    @mutation(
        description="Add an entry to the title book.",
        done="Invoices can be made out to it.",
        answers={"title": (InvoiceTitle, "The title.")},
        member=ACCOUNTANTS,
    )
    async def add_invoice_title(
        self, account: AccountRow, actor: Actor, title: Annotated[InvoiceTitleInput, argument("What it says.")]
    ) -> InvoiceTitleRow:
        return await books.add_title(account, books.Title(**vars(title)), actor)

    @mutation(
        description="Remove an entry from the title book. Invoices that were asked for with it stay as they are.",
        done="The entry is removed.",
        answers={"account": (LazyAccount, "The account.")},
        member=ACCOUNTANTS,
        of="title_id",
    )
    async def remove_invoice_title(
        self,
        account: AccountRow,
        actor: Actor,
        title_id: Annotated[UUID, IdOf("InvoiceTitle", "The title's global id.")],
    ) -> AccountRow:
        await books.remove_title(account, title_id, actor)
        return account

    @mutation(
        description="Add an entry to the address book.",
        done="Invoices on paper can be sent there.",
        answers={"address": (InvoiceAddress, "The address.")},
        member=ACCOUNTANTS,
    )
    async def add_invoice_address(
        self,
        account: AccountRow,
        actor: Actor,
        recipient: Annotated[str, argument("Who gets them, 1 to 100 characters.")],
        phone: Annotated[str, argument("The recipient's phone number.")],
        address: Annotated[str, argument("Where, 1 to 500 characters.")],
    ) -> InvoiceAddressRow:
        return await books.add_address(account, recipient, phone, address, actor)

    @mutation(
        description="Remove an entry from the address book. Invoices that were asked for with it stay as they are.",
        done="The entry is removed.",
        answers={"account": (LazyAccount, "The account.")},
        member=ACCOUNTANTS,
        of="address_id",
    )
    async def remove_invoice_address(
        self,
        account: AccountRow,
        actor: Actor,
        address_id: Annotated[UUID, IdOf("InvoiceAddress", "The address's global id.")],
    ) -> AccountRow:
        await books.remove_address(account, address_id, actor)
        return account

    @mutation(
        InvoiceConflict,
        InvoiceLimit,
        VerificationRequired,
        description="Ask for an invoice over issued statements and stored-value cards: the account's invoiceableItems, "
        "each as a whole. A statement's amount is invoiced once.",
        done="The invoice is asked for.",
        answers={"invoice": (Invoice, "The request.")},
        member=ACCOUNTANTS,
    )
    async def request_invoice(
        self,
        account: AccountRow,
        actor: Actor,
        title_id: Annotated[UUID, IdOf("InvoiceTitle", "Whom it is made out to: a title's global id.")],
        months: Annotated[Sequence[str], argument("The months of issued statements, as YYYY-MM.")] = (),
        card_ids: Annotated[Sequence[strawberry.ID], argument("The global ids of stored-value cards.")] = (),
        type: Annotated[InvoiceType, argument("What the buyer can do with it.")] = InvoiceType.GENERAL_VAT,
        medium: Annotated[InvoiceMedium, argument("How it reaches the buyer.")] = InvoiceMedium.ELECTRONIC,
        email: Annotated[str | None, argument("Where to send it; an electronic one needs it.")] = None,
        address_id: Annotated[
            UUID | None, IdOf("InvoiceAddress", "Where to send it on paper: an address's global id.")
        ] = None,
        currency: Annotated[str, argument("ISO 4217 code.")] = "CNY",
    ) -> InvoiceRow:
        cards = [decode_id(card, "Fund", "cardIds") for card in card_ids]
        asked = Asked(title_id, type, medium, email, address_id, months, cards, currency)
        return await request_invoice(account, asked, actor)

    @mutation(
        InvoiceConflict,
        description="Withdraw a request for an invoice.",
        done="The request is withdrawn.",
        answers={"invoice": (Invoice, "The request.")},
        member=ACCOUNTANTS,
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

    @mutation(
        InvoiceConflict,
        description="Note that an issued invoice was taken back as a whole by a red invoice (红字发票).",
        done="The invoice is taken back; what it was over may be requested again.",
        answers={"invoice": (Invoice, "The invoice.")},
        staff=FINANCE,
    )
    async def take_back_invoice(
        self,
        actor: Actor,
        invoice_id: InvoiceID,
        number: Annotated[str, argument("The red invoice's number, 1 to 40 characters, used once.")],
        reason: Reason,
    ) -> InvoiceRow:
        return await take_back_invoice(invoice_id, number, reason, actor)
