"""Which channel pays for an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from app.accounts.models import Account
from app.db.models import key_at
from app.db.sql import statement
from app.db.together import grouped, together
from app.settlement.models import BindingState, ChannelBinding, Standing, StandingState

LINKS = statement(__file__, "links")
PROGRESS = statement(__file__, "progress")
UNSETTLED = statement(__file__, "unsettled")


async def progress(since: datetime) -> list[tuple[str, int, int]]:
    """By channel: how many charges of production accounts were raised since, and how many of them are settled."""
    return [(row["channel"], row["raised"], row["settled"]) for row in await PROGRESS.rows(key_at(since))]


async def unsettled() -> list[tuple[str, str, int, datetime]]:
    """By channel and state: how many charges of production accounts are not settled, and since when the oldest is
    due."""
    return [(row["channel"], row["state"], row["charges"], row["oldest"]) for row in await UNSETTLED.rows()]


def in_standing(accounts: QuerySet[Account], state: StandingState) -> QuerySet[Account]:
    """Of these accounts, those with a standing; who never owed is in good standing."""
    if state != StandingState.GOOD:
        return accounts.filter(id__in=Subquery(Standing.filter(state=state).values("account_id")))
    owing = Standing.exclude(state=StandingState.GOOD)
    return accounts.filter(id__not_in=Subquery(owing.values("account_id")))


def paid_by(accounts: QuerySet[Account], channel: str) -> QuerySet[Account]:
    """Of these accounts, those that a channel pays for."""
    bound = ChannelBinding.filter(channel=channel, state=BindingState.BOUND)
    return accounts.filter(id__in=Subquery(bound.values("account_id")))


@together
async def _links(account_ids: Sequence[UUID]) -> dict[UUID, list[ChannelBinding]]:
    return grouped(await LINKS.objects(ChannelBinding, account_ids), lambda link: link.account_id)


async def links_of(account_id: UUID) -> list[ChannelBinding]:
    """Every link of the account: the one that pays, those that wait, then those that ended, newest first."""
    return await _links(account_id) or []


async def paying_link(account_id: UUID) -> ChannelBinding | None:
    """The link with the channel that pays for the account now."""
    return next((link for link in await links_of(account_id) if link.state == BindingState.BOUND), None)


async def bound_channel(account_id: UUID) -> ChannelBinding | None:
    """The binding that pays for the account, or else the newest one that waits for the provider."""
    return next((link for link in await links_of(account_id) if link.state != BindingState.UNBOUND), None)
