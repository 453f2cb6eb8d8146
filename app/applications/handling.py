"""An application from its submission until an offer is made, or until it is given up."""

from __future__ import annotations

from uuid import UUID

from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.applications.models import OPEN, Application, ApplicationNote, ApplicationState, NoteKind
from app.constants import LONGEST_REMARK
from app.errors import ApplicationConflict, NotFound
from app.events.recording import SYSTEM, Actor, record
from app.inputs import explanation, lines


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
        text=lines(note, "text", LONGEST_REMARK, 1),
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
    return await close(application, ApplicationState.DECLINED, actor, explanation(reason))


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
    for application in await Application.filter(account_id=account.id, state=ApplicationState.OFFERED):
        if application.state_at(account.now()) == ApplicationState.LAPSED:
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
    await record_state(application.account, application, actor)
    return application


def refuse_closed(application: Application) -> None:
    """Raise ApplicationConflict unless the application is open."""
    if application.state not in OPEN:
        raise ApplicationConflict(
            reason_en=f"the application is {application.state.en}: apply anew",
            reason_zh=f"申请状态为“{application.state.zh}”：请重新申请",
            operations=("applyForEdition",),
            path=("applicationId",),
        )


async def record_state(account: Account, application: Application, actor: Actor) -> None:
    """Record that an application has the state that it has now."""
    about = {"application": str(application.id), "edition": application.edition}
    await record(
        account.id,
        account.now(),
        f"application.{application.state.lower()}",
        actor,
        after=about,
        reason=application.reason or None,
    )
