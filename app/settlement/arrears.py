"""Arrears: who owes is suspended, after 15 days in arrears, and in the end without service; paying lifts it at once.

An account owes when a prepaid channel collected more than was there (its cash is below zero), whatever pays now: a
change of the channel is no way out of it. A balance of exactly zero owes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from settlement_spec import Money, Owing
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account, of_lane
from app.constants import ARREARS_AFTER, LOCKED_FOR
from app.db.locking import own_transaction
from app.db.sql import statement
from app.db.together import together
from app.errors import ChannelUnavailable, StandingConflict, StepOutOfOrder
from app.events.recording import SYSTEM, Actor, record
from app.inputs import explanation
from app.settlement.host import ChannelHost
from app.settlement.locks import ends_at, lock_of
from app.settlement.models import Lock, Standing, StandingState
from app.settlement.wallets import owing
from app.steps import NextAction

ARREARS_DUE = statement(__file__, "arrears_due")
STANDINGS = statement(__file__, "standings")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StandingNow:
    """An account's standing: ``deadline`` is when a suspension becomes arrears, ``owed`` is by currency."""

    state: StandingState
    since: datetime | None
    deadline: datetime | None
    final_notice_at: datetime | None
    owed: Sequence[Money]


async def update_standings(host: ChannelHost, sandboxes: bool | None = None) -> None:
    """Bring every account's standing up to date: only those that change are locked. Of sandbox accounts alone, or, if
    ``sandboxes`` is false, of the others.

    While a prepaid channel does not say who owes, everything stays as it is.
    """
    try:
        owed = await owing(host)
    except ChannelUnavailable as error:
        log.warning("standings are not updated: %s", error)
        return
    poor = {standing.account_id: standing.since for standing in await Standing.exclude(state=StandingState.GOOD)}
    anew = {account_id for account_id in owed.keys() & poor if _owing_since(owed[account_id]) > poor[account_id]}
    overdue = await ARREARS_DUE.rows(clock.now(), ARREARS_AFTER)
    changing = (owed.keys() ^ poor) | anew | {row["account_id"] for row in overdue}
    for account_id in await of_lane(changing, sandboxes):
        async with own_transaction(account_id):
            await update_standing(host, await lock_account(account_id))


async def update_standing(host: ChannelHost, account: Account) -> None:
    """Bring a locked account's standing up to date, as of its own clock.

    Who paid and owes again since the last update is suspended anew: the 15 days begin again, without a final notice.

    Raises:
        ChannelUnavailable: a prepaid channel does not say what is owed.
    """
    owed = (await owing(host, account.id)).get(account.id, [])
    standing = await standing_of(account.id) or Standing(account_id=account.id, state=StandingState.GOOD)
    if not owed:
        if standing.state != StandingState.GOOD:
            await _change(account, standing, StandingState.GOOD, account.now(), "account.reinstated", owed)
        return
    since = _owing_since(owed)
    if standing.state == StandingState.GOOD or since > standing.since:
        await _change(account, standing, StandingState.SUSPENDED, since, "account.suspended", owed)
    if standing.state == StandingState.SUSPENDED and since + ARREARS_AFTER <= account.now():
        await _change(account, standing, StandingState.IN_ARREARS, since, "account.in_arrears", owed)


async def update_standing_if_possible(host: ChannelHost, account: Account) -> None:
    """``update_standing``; where a prepaid channel does not say what is owed, the worker does it later."""
    try:
        async with in_transaction():
            await update_standing(host, account)
    except ChannelUnavailable as error:
        log.warning("the standing of account %s waits for its next update: %s", account.id, error)


@together
async def standing_of(account_ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """The account's standing as it was last updated; ``None`` when it never owed."""
    return {standing.account_id: standing for standing in await STANDINGS.objects(Standing, account_ids)}


async def standing_now(host: ChannelHost, account: Account) -> StandingNow:
    """The account's standing with what it owes."""
    standing = await standing_of(account.id)
    owed = (await owing(host, account.id)).get(account.id, [])
    if standing is None:
        return StandingNow(StandingState.GOOD, None, None, None, [one.amount for one in owed])
    return StandingNow(
        standing.state,
        standing.since,
        arrears_at(standing),
        standing.final_notice_at,
        [one.amount for one in owed],
    )


def arrears_at(standing: Standing) -> datetime | None:
    """When a suspension becomes arrears."""
    return standing.since + ARREARS_AFTER if standing.state == StandingState.SUSPENDED else None


async def refuse_in_arrears(account: Account) -> None:
    """Raise unless the account may begin an upgrade.

    Raises:
        StepOutOfOrder: it owes something, which is to be paid first.
    """
    standing = await standing_of(account.id)
    if standing is not None and standing.state != StandingState.GOOD:
        raise StepOutOfOrder(missing_step=NextAction.TOP_UP)


async def send_final_notice(account: Account, reason: str, actor: Actor) -> None:
    """Warn an account in arrears, or locked for too long, that its service may end; again changes nothing.

    Raises:
        StandingConflict: it is neither.
        InvalidInput: the reason is empty or too long.
    """
    reason = explanation(reason)
    ground = await ground_to_end(account)
    if ground.final_notice_at is None:
        ground.final_notice_at = account.now()
        await ground.save(update_fields=["final_notice_at"])
        await record(account.id, account.now(), "account.final_notice", actor, reason=reason)


async def ground_to_end(account: Account) -> Standing | Lock:
    """Why staff may end the service of an account: it is in arrears, or was locked for 14 days.

    Raises:
        StandingConflict: it is neither.
    """
    standing, lock = await standing_of(account.id), await lock_of(account.id)
    if standing is not None and standing.state == StandingState.IN_ARREARS:
        return standing
    if lock is not None and ends_at(lock) <= account.now():
        return lock
    raise StandingConflict(
        reason_en=f"only an account in arrears, or locked for {LOCKED_FOR.days} days, can lose its service",
        reason_zh=f"仅欠费账户或已锁定 {LOCKED_FOR.days} 天的账户可终止服务",
        path=("accountId",),
    )


def _owing_since(owed: Sequence[Owing]) -> datetime:
    return min(one.since for one in owed)


async def _change(
    account: Account, standing: Standing, to: StandingState, since: datetime, event: str, owed: Sequence[Owing]
) -> None:
    before = standing.state
    standing.state, standing.since = to, since
    if to != StandingState.IN_ARREARS:
        standing.final_notice_at = None
    await standing.save()
    amounts = [{"amountMinor": one.amount.minor, "currency": one.amount.currency} for one in owed]
    at = since + ARREARS_AFTER if to == StandingState.IN_ARREARS else since
    await record(account.id, at, event, SYSTEM, before={"state": before}, after={"state": to, "owed": amounts})
