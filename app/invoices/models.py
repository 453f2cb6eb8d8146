"""Requests for a tax invoice (发票), what they cover, whom they are made out to and who that is, and their files."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.billing.models import JournalEntry
from app.db.models import Row
from app.described import DescribedEnum


class InvoiceState(DescribedEnum):
    """How far a request for an invoice has come."""

    REQUESTED = "REQUESTED", "Finance staff are to issue it.", "待开具"
    ISSUED = "ISSUED", "Issued; it has a number.", "已开具"
    REJECTED = "REJECTED", "Refused; the reason says why.", "已驳回"
    CANCELLED = "CANCELLED", "Withdrawn.", "已撤回"
    TAKEN_BACK = (
        "TAKEN_BACK",
        "Issued, and taken back by a red invoice (红字发票), which has a number of its own.",
        "已冲红",
    )


class InvoiceType(DescribedEnum):
    """What the buyer can do with an invoice."""

    GENERAL_VAT = "GENERAL_VAT", "A general VAT invoice (增值税普通发票), or an invoice of another country."
    SPECIAL_VAT = "SPECIAL_VAT", "A special VAT invoice (增值税专用发票), whose tax an organisation in China deducts."


class InvoiceMedium(DescribedEnum):
    """How an invoice reaches the buyer."""

    ELECTRONIC = "ELECTRONIC", "A fully digitalised invoice (数电票): a file, sent by e-mail."
    PAPER = "PAPER", "On paper, sent by post."


class Document(DescribedEnum):
    """What the seller issues for a request."""

    INVOICE = "INVOICE", "The invoice.", "发票"
    RED_INVOICE = "RED_INVOICE", "The red invoice (红字发票) that takes it back.", "红字发票"


class TitleKind(DescribedEnum):
    """Whom an invoice is made out to."""

    ENTERPRISE = "ENTERPRISE", "An organisation, by its tax number."
    PERSONAL = "PERSONAL", "A person: general VAT invoices alone."


class VerificationState(DescribedEnum):
    """Whether staff verified which organisation an account is of."""

    SUBMITTED = "SUBMITTED", "Finance staff are to decide.", "待审核"
    VERIFIED = "VERIFIED", "It is who it says.", "已认证"
    REJECTED = "REJECTED", "It is not; the reason says why.", "未通过"


class CompanyVerification(Row):
    """Which organisation an account says that it is of (实名认证), and what staff found."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    state = fields.CharEnumField(VerificationState, max_length=10)
    name = fields.CharField(max_length=200)
    country = fields.CharField(max_length=2)
    tax_number = fields.CharField(max_length=40)
    submitted_by = fields.CharField(max_length=254)
    submitted_at = fields.DatetimeField()
    reason = fields.CharField(max_length=500, null=True)
    decided_by = fields.CharField(max_length=254, null=True)
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "company_verification"
        indexes = (("account_id", "id"),)


class InvoiceTitle(Row):
    """Whom invoices of an account are made out to (发票抬头): an entry of its title book.

    ``country`` (ISO 3166-1 alpha-2) says whose rules the tax number follows. Special VAT invoices print all that an
    organisation is registered with: address, phone, bank and the number of its account there.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    kind = fields.CharEnumField(TitleKind, max_length=10)
    name = fields.CharField(max_length=200)
    country = fields.CharField(max_length=2)
    tax_number = fields.CharField(max_length=40, null=True)
    registered_address = fields.CharField(max_length=200, null=True)
    registered_phone = fields.CharField(max_length=30, null=True)
    bank = fields.CharField(max_length=200, null=True)
    bank_account = fields.CharField(max_length=40, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "invoice_title"
        indexes = (("account_id", "id"),)


class InvoiceAddress(Row):
    """Where invoices on paper are sent: an entry of an account's address book."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    recipient = fields.CharField(max_length=100)
    phone = fields.CharField(max_length=30)
    address = fields.CharField(max_length=500)
    created_at = fields.DatetimeField()

    class Meta:
        table = "invoice_address"
        indexes = (("account_id", "id"),)


class Invoice(Row):
    """A request for an invoice over cash that was spent; amounts are minor units of ``currency``.

    What is printed and where it goes is as it stood in the account's books when it was asked for. ``number`` is that of
    the issued invoice, and stays when it is taken back by the red invoice ``red_number``. ``reason`` says why it was
    rejected or taken back.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    state = fields.CharEnumField(InvoiceState, max_length=10)
    type = fields.CharEnumField(InvoiceType, max_length=20)
    medium = fields.CharEnumField(InvoiceMedium, max_length=10)
    title_kind = fields.CharEnumField(TitleKind, max_length=10)
    title = fields.CharField(max_length=200)
    country = fields.CharField(max_length=2)
    tax_number = fields.CharField(max_length=40, null=True)
    registered_address = fields.CharField(max_length=200, null=True)
    registered_phone = fields.CharField(max_length=30, null=True)
    bank = fields.CharField(max_length=200, null=True)
    bank_account = fields.CharField(max_length=40, null=True)
    email = fields.CharField(max_length=254, null=True)
    recipient = fields.CharField(max_length=100, null=True)
    phone = fields.CharField(max_length=30, null=True)
    address = fields.CharField(max_length=500, null=True)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    requested_by = fields.CharField(max_length=254)
    requested_at = fields.DatetimeField()
    number = fields.CharField(max_length=40, null=True, unique=True)
    reason = fields.CharField(max_length=500, null=True)
    decided_by = fields.CharField(max_length=254, null=True)
    decided_at = fields.DatetimeField(null=True)
    red_number = fields.CharField(max_length=40, null=True, unique=True)
    taken_back_by = fields.CharField(max_length=254, null=True)
    taken_back_at = fields.DatetimeField(null=True)

    class Meta:
        table = "invoice"
        indexes = (("account_id", "state"),)

    def number_of(self, document: Document) -> str | None:
        """The number under which a document was issued; ``None`` before it is."""
        return self.red_number if document == Document.RED_INVOICE else self.number


class InvoiceEntry(Row):
    """That an invoice covers cash that was spent: an entry of the journal, for a charge of the statement of ``month``
    (its first day), or for a stored-value card.

    The database lets no two invoices cover an entry that are ``live``: neither rejected, cancelled nor taken back.
    """

    invoice: fields.ForeignKeyRelation[Invoice] = fields.ForeignKeyField("app.Invoice", on_delete=fields.RESTRICT)
    invoice_id: UUID
    entry: fields.ForeignKeyRelation[JournalEntry] = fields.ForeignKeyField(
        "app.JournalEntry", on_delete=fields.RESTRICT
    )
    entry_id: UUID
    month: date | None = fields.DateField(null=True)
    card_id: UUID | None = fields.UUIDField(null=True)
    amount_minor = fields.BigIntField()
    live = fields.BooleanField()

    class Meta:
        table = "invoice_entry"
        indexes = (("invoice_id",),)


class InvoiceFile(Row):
    """The seller's file of an issued document."""

    invoice: fields.ForeignKeyRelation[Invoice] = fields.ForeignKeyField("app.Invoice", on_delete=fields.RESTRICT)
    invoice_id: UUID
    document = fields.CharEnumField(Document, max_length=20)
    media_type = fields.CharField(max_length=40)
    size = fields.IntField()
    content = fields.BinaryField()
    attached_by = fields.CharField(max_length=254)
    attached_at = fields.DatetimeField()

    class Meta:
        table = "invoice_file"
        unique_together = (("invoice", "document"),)
