"""Requests for a tax invoice: over issued statements and cards, for cash that was paid in and is not invoiced yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.billing import ledger
from app.db.locking import lock_name
from app.errors import InvalidInput, InvoiceConflict, InvoiceLimit, NotFound
from app.events.recording import Actor, record
from app.inputs import currency_code, email, explanation, text, within
from app.invoices.books import address_of, title_of
from app.invoices.models import (
    Invoice,
    InvoiceAddress,
    InvoiceEntry,
    InvoiceMedium,
    InvoiceState,
    InvoiceTitle,
    InvoiceType,
    TitleKind,
)
from app.invoices.queries import Spent, paid_and_not_invoiced, spent_and_not_invoiced
from app.invoices.verification import check_verified
from app.money import in_major_units
from app.settings import get_settings
from app.statements.models import Statement
from app.statements.months import Month

PRINTED = ("country", "tax_number", "registered_address", "registered_phone", "bank", "bank_account")
REGISTERED = {
    "registered_address": ("registered address", "注册地址"),
    "registered_phone": ("registered phone", "注册电话"),
    "bank": ("bank", "开户行"),
    "bank_account": ("bank account", "银行账号"),
}
"""What a special VAT invoice prints of an organisation, as people call it."""


@dataclass(frozen=True)
class Asked:
    """What is to be invoiced, by months whose statements were issued and by stored-value cards, to whom, and how."""

    title_id: UUID
    type: InvoiceType
    medium: InvoiceMedium
    email: str | None
    address_id: UUID | None
    months: Sequence[str]
    card_ids: Sequence[UUID]
    currency: str


async def request_invoice(account: Account, asked: Asked, actor: Actor) -> Invoice:
    """Ask for an invoice; the account is locked, so that no two requests cover the same.

    Raises:
        InvalidInput: nothing is asked for, a month is none, the title is not enough for that type, or nothing says
            where to send it.
        NotFound: the account has no such title, address, issued statement or card.
        VerificationRequired: the vendor asks for it, and the title is not that of the organisation that was verified.
        InvoiceConflict: nothing is left to be invoiced of one of them, or in all.
        InvoiceLimit: more than was paid in cash and is not invoiced yet.
    """
    currency = currency_code(asked.currency)
    title = await title_of(account, asked.title_id)
    address = None if asked.address_id is None else await address_of(account, asked.address_id)
    _enough_for(title, asked.type)
    if get_settings().invoice_requires_verification:
        await check_verified(account, title)
    sent_to = _sent_to(asked, address)
    covered = await _covered(account, asked, currency)
    amount = sum(one.amount_minor for one in covered)
    if amount <= 0:
        raise InvoiceConflict(
            reason_en=f"together they come to {in_major_units(amount, currency)} {currency}: name more of them",
            reason_zh=f"合计为 {in_major_units(amount, currency)} {currency}：请选择更多账单",
            path=("months",),
        )
    left = (await paid_and_not_invoiced(account.id)).get(currency, 0)
    if amount > left:
        raise InvoiceLimit(asked_minor=amount, available_minor=left, currency=currency, path=("months",))
    invoice = await Invoice.create(
        account_id=account.id,
        state=InvoiceState.REQUESTED,
        type=asked.type,
        medium=asked.medium,
        title_kind=title.kind,
        title=title.name,
        **{name: getattr(title, name) for name in PRINTED},
        **sent_to,
        amount_minor=amount,
        currency=currency,
        requested_by=actor.label,
        requested_at=account.now(),
    )
    await InvoiceEntry.bulk_create(
        InvoiceEntry(
            invoice_id=invoice.id,
            entry_id=one.entry_id,
            month=one.month,
            card_id=one.card_id,
            amount_minor=one.amount_minor,
            live=True,
        )
        for one in covered
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
    invoice, account = await locked(invoice_id)
    if (invoice.state, invoice.number) == (InvoiceState.ISSUED, number):
        return invoice
    _still_open(invoice)
    await _take_number(number)
    invoice.number = number
    return await _decide(account, invoice, InvoiceState.ISSUED, actor)


async def reject_invoice(invoice_id: UUID, reason: str, actor: Actor) -> Invoice:
    """Refuse a request, and say why; what it covered may be requested again.

    Raises:
        NotFound: there is no such invoice.
        InvoiceConflict: it is not open any more.
        InvalidInput: the reason is empty or too long.
    """
    reason = explanation(reason)
    invoice, account = await locked(invoice_id)
    _still_open(invoice)
    invoice.reason = reason
    return await _decide(account, invoice, InvoiceState.REJECTED, actor)


async def take_back_invoice(invoice_id: UUID, number: str, reason: str, actor: Actor) -> Invoice:
    """Note that an issued invoice was taken back as a whole by the red invoice (红字发票) ``number``, and why; what it
    covered may be requested again. The same again changes nothing.

    Raises:
        NotFound: there is no such invoice.
        InvoiceConflict: it is not issued, or was taken back by another, or the number is taken.
        InvalidInput: the number is empty or longer than 40 characters, or the reason is empty or too long.
    """
    number, reason = text(number, "number", 40), explanation(reason)
    invoice, account = await locked(invoice_id)
    if (invoice.red_number, invoice.reason) == (number, reason):
        return invoice
    if invoice.red_number:
        raise InvoiceConflict(
            reason_en=f"the red invoice {invoice.red_number} took it back already",
            reason_zh=f"已由红字发票 {invoice.red_number} 冲红",
            path=("invoiceId",),
        )
    if invoice.state != InvoiceState.ISSUED:
        raise InvoiceConflict(
            reason_en=f"it is {invoice.state.en}: only what was issued is taken back",
            reason_zh=f"其状态为“{invoice.state.zh}”：仅已开具的发票可以冲红",
            path=("invoiceId",),
        )
    await _take_number(number)
    invoice.red_number, invoice.reason = number, reason
    invoice.taken_back_by, invoice.taken_back_at = actor.label, account.now()
    return await _move(account, invoice, InvoiceState.TAKEN_BACK, actor)


async def cancel_invoice(invoice_id: UUID, actor: Actor) -> Invoice:
    """Withdraw a request; withdrawing it again changes nothing.

    Raises:
        NotFound: there is no such invoice.
        InvoiceConflict: it was issued or rejected.
    """
    invoice, account = await locked(invoice_id)
    if invoice.state == InvoiceState.CANCELLED:
        return invoice
    _still_open(invoice)
    return await _decide(account, invoice, InvoiceState.CANCELLED, actor)


async def locked(invoice_id: UUID) -> tuple[Invoice, Account]:
    """An invoice, and its account, which is locked.

    Raises:
        NotFound: there is no such invoice.
    """
    found = await Invoice.get_or_none(id=invoice_id)
    if found is None:
        raise NotFound(what="invoice", path=("invoiceId",))
    account = await lock_account(found.account_id)
    return await Invoice.get(id=invoice_id), account


def _enough_for(title: InvoiceTitle, type: InvoiceType) -> None:
    """Refuse a special VAT invoice to a title that does not say all that such an invoice prints."""
    if type != InvoiceType.SPECIAL_VAT:
        return
    if title.kind != TitleKind.ENTERPRISE or title.country != "CN":
        raise InvalidInput(
            reason_en="a special VAT invoice is for organisations in China: choose such a title, or a general invoice",
            reason_zh="增值税专用发票仅适用于中国境内的企业：请选择企业抬头，或改开普通发票",
            path=("titleId",),
        )
    missing = [names for column, names in REGISTERED.items() if getattr(title, column) is None]
    if missing:
        lacking_en, lacking_zh = ", ".join(en for en, _ in missing), "、".join(zh for _, zh in missing)
        raise InvalidInput(
            reason_en=f"a special VAT invoice needs a title with {lacking_en}: add one that has it",
            reason_zh=f"开具增值税专用发票的抬头须有{lacking_zh}：请添加完整的抬头",
            path=("titleId",),
        )


def _sent_to(asked: Asked, address: InvoiceAddress | None) -> dict[str, Any]:
    """Where the invoice goes: an e-mail address, an address of the book, or both, but the one that it needs."""
    if asked.medium == InvoiceMedium.ELECTRONIC and not asked.email:
        raise InvalidInput(
            reason_en="an electronic invoice needs an e-mail address to be sent to",
            reason_zh="电子发票须填写接收邮箱",
            path=("email",),
        )
    if (asked.medium == InvoiceMedium.PAPER) != (address is not None):
        raise InvalidInput(
            reason_en="an invoice on paper needs an address, and no other has one",
            reason_zh="纸质发票须选择收件地址，电子发票则无需选择",
            path=("addressId",),
        )
    found: dict[str, Any] = {"email": email(asked.email, ("email",), "finance@example.com") if asked.email else None}
    if address is not None:
        found |= {"recipient": address.recipient, "phone": address.phone, "address": address.address}
    return found


async def _covered(account: Account, asked: Asked, currency: str) -> list[Spent]:
    """The cash in ``currency`` that an invoice over these statements and cards covers."""
    with within("months"):
        months = {Month.parse(month).first: month for month in asked.months}
    cards = set(asked.card_ids)
    if not months and not cards:
        raise InvalidInput(
            reason_en="name months of issued statements, or cards",
            reason_zh="请选择已出账单的月份或储值卡",
            path=("months",),
        )
    there = [one for one in await spent_and_not_invoiced(account.id) if one.currency == currency]
    issued = await Statement.filter(account_id=account.id, month__in=list(months)).values_list("month", flat=True)
    if not months.keys() <= {*issued, *(one.month for one in there)}:
        raise NotFound(what="issued statement", path=("months",))
    if not cards <= await ledger.cards_of(account.id):
        raise NotFound(what="stored-value card", path=("cardIds",))
    covered = [one for one in there if one.month in months or one.card_id in cards]
    for path, name, missing in (
        ("months", "statement", [months[month] for month in sorted(months.keys() - {one.month for one in covered})]),
        ("cardIds", "card", sorted(map(str, cards - {one.card_id for one in covered}))),
    ):
        if missing:
            raise InvoiceConflict(
                reason_en=f"nothing is left to be invoiced of {name} {missing[0]}: choose from what there is",
                reason_zh=f"{missing[0]} 没有可开票的金额：请从可开票项目中选择",
                path=(path,),
            )
    return covered


def _still_open(invoice: Invoice) -> None:
    if invoice.state != InvoiceState.REQUESTED:
        raise InvoiceConflict(
            reason_en=f"it is {invoice.state.en} already",
            reason_zh=f"其状态已为“{invoice.state.zh}”",
            path=("invoiceId",),
        )


async def _take_number(number: str) -> None:
    """Refuse a number that an invoice or a red invoice has; nobody else takes it during the transaction."""
    await lock_name(f"invoice number {number}")
    if await Invoice.exists(Q(number=number) | Q(red_number=number)):
        raise InvoiceConflict(
            reason_en=f"the number {number} is taken", reason_zh=f"号码 {number} 已被使用", path=("number",)
        )


async def _decide(account: Account, invoice: Invoice, state: InvoiceState, actor: Actor) -> Invoice:
    invoice.decided_by, invoice.decided_at = actor.label, account.now()
    return await _move(account, invoice, state, actor)


async def _move(account: Account, invoice: Invoice, state: InvoiceState, actor: Actor) -> Invoice:
    invoice.state = state
    await invoice.save()
    if state != InvoiceState.ISSUED:
        await InvoiceEntry.filter(invoice_id=invoice.id).update(live=False)
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
    if invoice.red_number:
        after["redNumber"] = invoice.red_number
    await record(account.id, account.now(), type, actor, after=after, reason=invoice.reason)
