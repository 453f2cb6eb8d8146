"""An account's title book and address book: entries are added and removed, and never changed.

An invoice keeps what it was asked for with, so removing an entry changes no invoice.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.accounts.models import Account
from app.errors import InvalidInput, NotFound
from app.events.recording import Actor, record
from app.inputs import optional, phone_number, text, within
from app.invoices.models import InvoiceAddress, InvoiceTitle, TitleKind
from app.invoices.tax_numbers import check_country, check_tax_number

MOST_ENTRIES = 100


@dataclass(frozen=True)
class Title:
    """What a title is to say: a tax number for organisations alone, and for them what they are registered with."""

    kind: TitleKind
    name: str
    country: str
    tax_number: str | None = None
    registered_address: str | None = None
    registered_phone: str | None = None
    bank: str | None = None
    bank_account: str | None = None


async def add_title(account: Account, given: Title, actor: Actor) -> InvoiceTitle:
    """Add a title to the book of a locked account.

    Raises:
        InvalidInput: something has a form that is not allowed, an organisation's tax number is missing, a person has
            what only organisations have, or the book is full.
    """
    if await InvoiceTitle.filter(account_id=account.id).count() >= MOST_ENTRIES:
        raise _full("title")
    with within("title"):
        checked = _of_person(given) if given.kind == TitleKind.PERSONAL else _of_enterprise(given)
    title = await InvoiceTitle.create(account_id=account.id, kind=given.kind, created_at=account.now(), **checked)
    await _noted(account, "invoice_title.added", title, actor)
    return title


async def remove_title(account: Account, title_id: UUID, actor: Actor) -> None:
    """Remove a title from the book of a locked account.

    Raises:
        NotFound: there is no such title in it.
    """
    title = await title_of(account, title_id)
    await title.delete()
    await _noted(account, "invoice_title.removed", title, actor)


async def title_of(account: Account, title_id: UUID) -> InvoiceTitle:
    """A title of the account's book.

    Raises:
        NotFound: there is no such title in it.
    """
    title = await InvoiceTitle.get_or_none(id=title_id, account_id=account.id)
    if title is None:
        raise NotFound(what="invoice title", path=("titleId",))
    return title


async def add_address(account: Account, recipient: str, phone: str, address: str, actor: Actor) -> InvoiceAddress:
    """Add an address to the book of a locked account.

    Raises:
        InvalidInput: something has a form that is not allowed, or the book is full.
    """
    if await InvoiceAddress.filter(account_id=account.id).count() >= MOST_ENTRIES:
        raise _full("address")
    added = await InvoiceAddress.create(
        account_id=account.id,
        recipient=text(recipient, "recipient", 100),
        phone=phone_number(phone, "phone"),
        address=text(address, "address", 500),
        created_at=account.now(),
    )
    await record(account.id, account.now(), "invoice_address.added", actor, after={"recipient": added.recipient})
    return added


async def remove_address(account: Account, address_id: UUID, actor: Actor) -> None:
    """Remove an address from the book of a locked account.

    Raises:
        NotFound: there is no such address in it.
    """
    address = await address_of(account, address_id)
    await address.delete()
    await record(account.id, account.now(), "invoice_address.removed", actor, before={"recipient": address.recipient})


async def address_of(account: Account, address_id: UUID) -> InvoiceAddress:
    """An address of the account's book.

    Raises:
        NotFound: there is no such address in it.
    """
    address = await InvoiceAddress.get_or_none(id=address_id, account_id=account.id)
    if address is None:
        raise NotFound(what="invoice address", path=("addressId",))
    return address


def _of_enterprise(given: Title) -> dict[str, str | None]:
    return {
        "name": text(given.name, "name", 200),
        "country": given.country,
        "tax_number": check_tax_number(given.country, given.tax_number or ""),
        "registered_address": optional(text, given.registered_address, "registeredAddress", 200),
        "registered_phone": optional(phone_number, given.registered_phone, "registeredPhone"),
        "bank": optional(text, given.bank, "bank", 200),
        "bank_account": optional(text, given.bank_account, "bankAccount", 40),
    }


def _of_person(given: Title) -> dict[str, str]:
    for value, name in (
        (given.tax_number, "taxNumber"),
        (given.registered_address, "registeredAddress"),
        (given.registered_phone, "registeredPhone"),
        (given.bank, "bank"),
        (given.bank_account, "bankAccount"),
    ):
        if value:
            raise InvalidInput(
                reason_en=f"a person has no {name}: leave it out, or choose an organisation",
                reason_zh=f"个人抬头没有 {name}：请留空，或将类型改为企业",
                path=(name,),
            )
    return {"name": text(given.name, "name", 200), "country": check_country(given.country)}


def _full(book: str) -> InvalidInput:
    return InvalidInput(
        reason_en=f"the {book} book has {MOST_ENTRIES} entries: remove one first",
        reason_zh=f"已有 {MOST_ENTRIES} 条记录：请先删除一条",
    )


async def _noted(account: Account, type: str, title: InvoiceTitle, actor: Actor) -> None:
    said = {"title": title.name, "taxNumber": title.tax_number}
    if type.endswith("removed"):
        await record(account.id, account.now(), type, actor, before=said)
    else:
        await record(account.id, account.now(), type, actor, after=said)
