"""Looking up applications and offers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app import clock
from app.accounts.models import Account
from app.applications.models import Application, ApplicationState, Offer
from app.db.sql import statement
from app.db.together import grouped, together

LAPSED = statement(__file__, "lapsed")
OPEN = statement(__file__, "open")


@together
async def _open(account_ids: Sequence[UUID]) -> dict[UUID, list[Application]]:
    return grouped(await OPEN.objects(Application, account_ids), lambda application: application.account_id)


async def open_applications(account_id: UUID) -> list[Application]:
    """The account's applications that are not decided yet, in the order in which they were made."""
    return await _open(account_id) or []


async def offers_to_accept(account: Account) -> list[Offer]:
    """The offers that the account may accept now, at most one for each of its applications."""
    return [
        await newest_offer(one.id)
        for one in await open_applications(account.id)
        if one.state == ApplicationState.OFFERED and one.lapses_at is not None and one.lapses_at > account.now()
    ]


async def applications_waiting(account_id: UUID) -> list[Application]:
    """The account's applications that an account manager is to make an offer for, or has begun to."""
    return [one for one in await open_applications(account_id) if one.state != ApplicationState.OFFERED]


def in_state(applications: QuerySet[Application], state: ApplicationState, now: datetime) -> QuerySet[Application]:
    """Of an account's applications the ones in a state at an instant of its clock, as ``Application.state_at`` says."""
    lapsed = Q(state=ApplicationState.OFFERED, lapses_at__lte=now)
    if state == ApplicationState.LAPSED:
        return applications.filter(lapsed | Q(state=state))
    return (
        applications.filter(~lapsed, state=state)
        if state == ApplicationState.OFFERED
        else applications.filter(state=state)
    )


async def newest_offer(application_id: UUID) -> Offer:
    """The offer that replaced all others of an application that has one, with the application."""
    offers = Offer.filter(application_id=application_id).order_by("-id").select_related("application")
    (offer,) = await offers.limit(1)
    return offer


async def accounts_with_lapsed_offers() -> set[UUID]:
    """The accounts that have an offer which is no longer valid."""
    return {row["account_id"] for row in await LAPSED.rows(clock.now())}
