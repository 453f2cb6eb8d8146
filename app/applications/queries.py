"""Looking up applications and offers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app import clock
from app.accounts.models import Account
from app.applications.models import Application, ApplicationState, Offer
from app.db.sql import statement

LAPSED = statement(__file__, "lapsed")


async def offers_to_accept(account: Account) -> list[Offer]:
    """The offers that the account may accept now, at most one for each of its applications."""
    offered = Application.filter(account_id=account.id, state=ApplicationState.OFFERED, lapses_at__gt=account.now())
    return [await newest_offer(application.id) for application in await offered.order_by("id")]


async def applications_waiting(account_id: UUID) -> list[Application]:
    """The account's applications that an account manager is to make an offer for, or has begun to."""
    states = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW)
    return await Application.filter(account_id=account_id, state__in=states).order_by("id")


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
