"""Applying for an edition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.accounts.models import Account, User
from app.applications.handling import lapse_due, record_state
from app.applications.models import OPEN, Application, ApplicationState
from app.catalog.keys import EditionKey
from app.catalog.queries import edition_at, editions_by_application
from app.constants import LONGEST_REMARK, MOST_DATA_KITS
from app.errors import ApplicationConflict, InvalidInput
from app.events.recording import Actor
from app.inputs import between, email, lines, phone_number, text
from app.usage.queries import hourly_counts

MOST_MONTHS = 120
LATELY = timedelta(days=31)


@dataclass(frozen=True)
class Request:
    """What a customer asks for in its own words, and, where it says so, whom to talk to and for how much."""

    remarks: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    expected_data_kits: int | None = None
    term_months: int | None = None


async def apply(account: Account, edition: EditionKey, request: Request, applicant: User, actor: Actor) -> Application:
    """Apply for an edition. What the request leaves open is taken from the account where it is known.

    Raises:
        InvalidInput: not an edition by application, a text is too long, or a number is out of range.
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
            reason_zh="该版本已有进行中的申请：请先撤回",
            path=("edition",),
        )
    application = await Application.create(
        account_id=account.id,
        edition=edition,
        state=ApplicationState.SUBMITTED,
        submitted_at=account.now(),
        **await _checked(account, edition, request, applicant),
    )
    await record_state(account, application, actor)
    return application


async def _checked(account: Account, edition: EditionKey, request: Request, applicant: User) -> dict[str, Any]:
    kits, months = request.expected_data_kits, request.term_months
    least = (await edition_at(edition, account.now())).least_term_months
    return {
        "remarks": lines(request.remarks, "remarks", LONGEST_REMARK, 0),
        **_contact(account, request, applicant),
        "expected_data_kits": between(kits, 1, MOST_DATA_KITS, "expectedDataKits")
        if kits is not None
        else await _reported(account),
        "term_months": between(months, max(1, least), MOST_MONTHS, "termMonths") if months is not None else least,
    }


def _contact(account: Account, request: Request, applicant: User) -> dict[str, str]:
    """Whom to talk to: as the request says, else the account's contact, else who applies."""
    name, phone, address = (
        given.strip() for given in (request.contact_name, request.contact_phone, request.contact_email)
    )
    reachable = "" if phone else applicant.email
    if phone:
        phone = phone_number(phone, "contactPhone")
    elif not name and not address:
        phone = account.contact_phone or ""
    return {
        "contact_name": text(name, "contactName", 100) if name else (account.contact_name or applicant.name)[:100],
        "contact_phone": phone,
        "contact_email": email(address, ("contactEmail",)) if address else reachable,
    }


async def _reported(account: Account) -> int:
    """The most DataKits of an hour lately; 0 where nothing was reported."""
    now = account.now()
    return max((hour.quantity for hour in await hourly_counts(account.id, now - LATELY, now)), default=0)
