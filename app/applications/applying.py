"""Applying for an edition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.accounts.models import Account
from app.applications.handling import lapse_due, record_state
from app.applications.models import OPEN, Application, ApplicationState
from app.catalog.keys import EditionKey
from app.catalog.queries import editions_by_application
from app.constants import LONGEST_REMARK, MOST_DATA_KITS
from app.errors import ApplicationConflict, InvalidInput
from app.events.recording import Actor
from app.inputs import between, email, lines, phone_number, text

MOST_MONTHS = 120


@dataclass(frozen=True)
class Request:
    """What a customer asks for, and whom to talk to about it: a phone number or an e-mail address at the least."""

    remarks: str
    contact_name: str
    contact_phone: str
    contact_email: str
    expected_data_kits: int
    term_months: int


async def apply(account: Account, edition: EditionKey, request: Request, actor: Actor) -> Application:
    """Apply for an edition.

    Raises:
        InvalidInput: not an edition by application, a text is too long, no way to reach the customer, or a number is
            out of range.
        ApplicationConflict: an application for the edition is open.
    """
    by_application = await editions_by_application(account.now())
    if edition not in by_application:
        raise InvalidInput(
            reason_en=f"edition must be {' or '.join(by_application)}",
            reason_zh=f"edition 必须是 {' 或 '.join(by_application)}",
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
        **_checked(request),
    )
    await record_state(account, application, actor)
    return application


def _checked(request: Request) -> dict[str, Any]:
    phone, address = request.contact_phone.strip(), request.contact_email.strip()
    if not phone and not address:
        raise InvalidInput(
            reason_en="give contactPhone or contactEmail",
            reason_zh="请填写 contactPhone 或 contactEmail",
            path=("contactEmail",),
        )
    if phone:
        phone = phone_number(phone, "contactPhone")
    return {
        "remarks": lines(request.remarks, "remarks", LONGEST_REMARK, 0),
        "contact_name": text(request.contact_name, "contactName", 100),
        "contact_phone": phone,
        "contact_email": email(address, ("contactEmail",)) if address else "",
        "expected_data_kits": between(request.expected_data_kits, 1, MOST_DATA_KITS, "expectedDataKits"),
        "term_months": between(request.term_months, 1, MOST_MONTHS, "termMonths"),
    }
