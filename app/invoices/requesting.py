"""Requests for a tax invoice: never over more than was paid in cash and is not invoiced yet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.errors import InvoiceConflict, InvoiceLimit, NotFound
from app.events.recording import Actor, record
from app.inputs import above_zero, email, text, within
from app.invoices.models import Invoice, InvoiceState
from app.invoices.queries import invoiceable
from app.invoices.tax_numbers import check_tax_number


@dataclass(frozen=True)
class InvoiceTitle:
    """Whom an invoice is made out to (发票抬头), and where it is sent."""

    name: str
    country: str
    tax_number: str
    email: str
    address: str | None = None


async def request_invoice(
    account: Account, title: InvoiceTitle, amount_minor: int, currency: str, actor: Actor
) -> Invoice:
    """Ask for an invoice over ``amount_minor``; the account is locked, so that two requests never exceed the limit.

    Raises:
        InvalidInput: the title, tax number, e-mail address or amount has a form that is not allowed.
        InvoiceLimit: more than was paid in cash and is not invoiced yet.
    """
    above_zero(amount_minor)
    with within("title"):
        address_of_mail = email(title.email, ("email",), "finance@example.com")
        tax_number = check_tax_number(title.country, title.tax_number)
        name = text(title.name, "name", 200)
        address = text(title.address, "address", 500) if title.address else None
    left = (await invoiceable(account.id)).get(currency, 0)
    if amount_minor > left:
        raise InvoiceLimit(available_minor=left, currency=currency, path=("amount",))
    invoice = await Invoice.create(
        account_id=account.id,
        state=InvoiceState.REQUESTED,
        title=name,
        country=title.country,
        tax_number=tax_number,
        email=address_of_mail,
        address=address,
        amount_minor=amount_minor,
        currency=currency,
        requested_by=actor.label,
        requested_at=account.now(),
    )
    await _record(account, invoice, "invoice.requested", actor)
    return invoice


async def issue_invoice(invoice_id: UUID, number: str, actor: Actor) -> Invoice:
    """Note that the invoice was issued under ``number``; the same again changes nothing.

    Raises:
        NotFound: there is no such invoice.
        InvoiceConflict: it is not open any more, or the number is taken.
        InvalidInput: the number is empty or longer than 40 characters.
    """
    number = text(number, "number", 40)
    invoice, account = await _locked(invoice_id)
    if (invoice.state, invoice.number) == (InvoiceState.ISSUED, number):
        return invoice
    _still_open(invoice)
    if await Invoice.exists(number=number):
        raise InvoiceConflict(reason_en=f"the number {number} is taken", reason_zh=f"号码 {number} 已被使用")
    invoice.number = number
    return await _decide(account, invoice, InvoiceState.ISSUED, actor)


async def reject_invoice(invoice_id: UUID, reason: str, actor: Actor) -> Invoice:
    """Refuse a request, and say why; its amount may be requested again.

    Raises:
        NotFound: there is no such invoice.
        InvoiceConflict: it is not open any more.
        InvalidInput: the reason is empty or too long.
    """
    reason = text(reason, "reason", 500)
    invoice, account = await _locked(invoice_id)
    _still_open(invoice)
    invoice.reason = reason
    return await _decide(account, invoice, InvoiceState.REJECTED, actor)


async def cancel_invoice(invoice_id: UUID, actor: Actor) -> Invoice:
    """Withdraw a request; withdrawing it again changes nothing.

    Raises:
        NotFound: there is no such invoice.
        InvoiceConflict: it was issued or rejected.
    """
    invoice, account = await _locked(invoice_id)
    if invoice.state == InvoiceState.CANCELLED:
        return invoice
    _still_open(invoice)
    return await _decide(account, invoice, InvoiceState.CANCELLED, actor)


async def _locked(invoice_id: UUID) -> tuple[Invoice, Account]:
    found = await Invoice.get_or_none(id=invoice_id)
    if found is None:
        raise NotFound(what="invoice", path=("invoiceId",))
    account = await lock_account(found.account_id)
    return await Invoice.get(id=invoice_id), account


def _still_open(invoice: Invoice) -> None:
    if invoice.state != InvoiceState.REQUESTED:
        raise InvoiceConflict(
            reason_en=f"it is {invoice.state} already", reason_zh=f"其状态已为 {invoice.state}", path=("invoiceId",)
        )


async def _decide(account: Account, invoice: Invoice, state: InvoiceState, actor: Actor) -> Invoice:
    invoice.state, invoice.decided_by, invoice.decided_at = state, actor.label, account.now()
    await invoice.save()
    await _record(account, invoice, f"invoice.{state.lower()}", actor)
    return invoice


async def _record(account: Account, invoice: Invoice, type: str, actor: Actor) -> None:
    after = {
        "invoice": str(invoice.id),
        "state": invoice.state,
        "amountMinor": invoice.amount_minor,
        "currency": invoice.currency,
        "number": invoice.number,
    }
    await record(account.id, account.now(), type, actor, after=after, reason=invoice.reason)
