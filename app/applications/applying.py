"""Applying for an edition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.accounts.models import Account
from app.applications.handling import lapse_due, record_state
from app.applications.models import OPEN, Application, ApplicationState
from app.catalog.keys import EditionKey
from app.errors import ApplicationConflict, InvalidInput
from app.events.recording import Actor
from app.inputs import EMAIL, lines, text

BY_APPLICATION = (EditionKey.SUBSCRIPTION, EditionKey.LICENSED)


PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{4,28}")


MOST_DATA_KITS = 10_000_000


MOST_MONTHS = 120


@dataclass(frozen=True)
class Wish:
    """What a customer asks for, and whom to talk to about it: a phone number or an e-mail address at the least."""

    remarks: str
    contact_name: str
    contact_phone: str
    contact_email: str
    expected_data_kits: int
    term_months: int


async def apply(account: Account, edition: EditionKey, wish: Wish, actor: Actor) -> Application:
    """Apply for an edition.

    Raises:
        InvalidInput: not an edition by application, a text is too long, no way to reach the customer, or a number is
            out of range.
        ApplicationConflict: an application for the edition is open.
    """
    if edition not in BY_APPLICATION:
        raise InvalidInput(
            reason_en="edition must be SUBSCRIPTION or LICENSED",
            reason_zh="edition 必须是 SUBSCRIPTION 或 LICENSED",
            path=("edition",),
        )
    await lapse_due(account)
    if await Application.exists(account_id=account.id, edition=edition, state__in=OPEN):
        raise ApplicationConflict(
            reason_en="an application for this edition is open: withdraw it first",
            reason_zh="该版本已有进行中的申请:请先撤回",
            path=("edition",),
        )
    application = await Application.create(
        account_id=account.id,
        edition=edition,
        state=ApplicationState.SUBMITTED,
        submitted_at=account.now(),
        **_checked(wish),
    )
    await record_state(account, application, actor)
    return application


def _checked(wish: Wish) -> dict[str, Any]:
    phone, email = wish.contact_phone.strip(), text(wish.contact_email, "contactEmail", 254, 0)
    if not phone and not email:
        raise InvalidInput(
            reason_en="give contactPhone or contactEmail",
            reason_zh="请填写 contactPhone 或 contactEmail",
            path=("contactEmail",),
        )
    if phone and not PHONE.fullmatch(phone):
        raise InvalidInput(
            reason_en="contactPhone must be a number such as +86 21 5555 0100",
            reason_zh="contactPhone 必须是电话号码,例如 +86 21 5555 0100",
            path=("contactPhone",),
        )
    if email and not EMAIL.fullmatch(email):
        raise InvalidInput(
            reason_en="contactEmail must be an e-mail address",
            reason_zh="contactEmail 必须是邮箱地址",
            path=("contactEmail",),
        )
    if not 1 <= wish.expected_data_kits <= MOST_DATA_KITS:
        raise InvalidInput(
            reason_en=f"expectedDataKits must be 1 to {MOST_DATA_KITS}",
            reason_zh=f"expectedDataKits 须在 1 到 {MOST_DATA_KITS} 之间",
            path=("expectedDataKits",),
        )
    if not 1 <= wish.term_months <= MOST_MONTHS:
        raise InvalidInput(
            reason_en=f"termMonths must be 1 to {MOST_MONTHS}",
            reason_zh=f"termMonths 须在 1 到 {MOST_MONTHS} 之间",
            path=("termMonths",),
        )
    return {
        "remarks": lines(wish.remarks, "remarks", 5000, 0),
        "contact_name": text(wish.contact_name, "contactName", 100),
        "contact_phone": phone,
        "contact_email": email,
        "expected_data_kits": wish.expected_data_kits,
        "term_months": wish.term_months,
    }
