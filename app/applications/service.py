"""An application from its submission until an offer is made, or until it is given up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.applications.models import OPEN, Application, ApplicationNote, ApplicationState, NoteKind
from app.editions.keys import EditionKey
from app.errors import ApplicationConflict, InvalidInput, NotFound
from app.events.recording import SYSTEM, Actor, record
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
    await _record(account, application, actor)
    return application


async def lock_application(application_id: UUID, path: tuple[str, ...] = ("applicationId",)) -> Application:
    """An application with its account locked, and as it is now: an offer that is too old has lapsed.

    Raises:
        NotFound: there is no such application.
    """
    found = await Application.get_or_none(id=application_id)
    if found is None:
        raise NotFound(what="application", path=path)
    account = await lock_account(found.account_id)
    await lapse_due(account)
    application = await Application.get(id=application_id).select_related("manager")
    application.account = account
    return application


async def take(application: Application, manager: UUID, actor: Actor) -> Application:
    """An account manager takes an open application, from another as well; taking it again changes nothing.

    Raises:
        ApplicationConflict: it is not open.
    """
    refuse_closed(application)
    if application.manager_id != manager:
        application.manager_id = manager
        if application.state == ApplicationState.SUBMITTED:
            application.state = ApplicationState.IN_REVIEW
        await application.save(update_fields=["manager_id", "state"])
        await record(
            application.account.id,
            application.account.now(),
            "application.taken",
            actor,
            after={"application": str(application.id), "manager": actor.label},
        )
    return application


async def add_note(application: Application, kind: NoteKind, note: str, actor: Actor) -> ApplicationNote:
    """Write something down for staff; closed applications take notes as well.

    Raises:
        InvalidInput: the text is empty or has more than 5000 characters.
    """
    return await ApplicationNote.create(
        application_id=application.id,
        kind=kind,
        text=lines(note, "text", 5000, 1),
        author=actor.label,
        at=application.account.now(),
    )


async def decline(application: Application, reason: str, actor: Actor) -> Application:
    """Turn an open application down.

    Raises:
        ApplicationConflict: it is not open.
        InvalidInput: the reason is empty or too long.
    """
    refuse_closed(application)
    return await close(application, ApplicationState.DECLINED, actor, text(reason, "reason", 500))


async def withdraw(application: Application, actor: Actor) -> Application:
    """The customer wants it no more; withdrawing it again changes nothing.

    Raises:
        ApplicationConflict: it is closed otherwise.
    """
    if application.state == ApplicationState.WITHDRAWN:
        return application
    refuse_closed(application)
    return await close(application, ApplicationState.WITHDRAWN, actor)


async def lapse_due(account: Account) -> None:
    """Close the applications of a locked account whose offer is no longer valid."""
    due = Application.filter(account_id=account.id, state=ApplicationState.OFFERED, lapses_at__lte=account.now())
    for application in await due:
        application.account = account
        await close(application, ApplicationState.LAPSED, SYSTEM)


async def close(
    application: Application, state: ApplicationState, actor: Actor, reason: str | None = None
) -> Application:
    """Bring an application to a final state."""
    application.state, application.reason = state, reason
    lapsed = state == ApplicationState.LAPSED
    application.closed_at = application.lapses_at if lapsed else application.account.now()
    await application.save(update_fields=["state", "reason", "closed_at"])
    await _record(application.account, application, actor)
    return application


def refuse_closed(application: Application) -> None:
    """Raise ApplicationConflict unless the application is open."""
    if application.state not in OPEN:
        raise ApplicationConflict(
            reason_en=f"the application is {application.state}: apply anew",
            reason_zh=f"申请状态为 {application.state}:请重新申请",
            path=("applicationId",),
        )


async def _record(account: Account, application: Application, actor: Actor) -> None:
    about = {"application": str(application.id), "edition": application.edition}
    await record(
        account.id,
        account.now(),
        f"application.{application.state.lower()}",
        actor,
        after=about,
        reason=application.reason or None,
    )


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
