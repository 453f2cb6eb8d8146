"""The worker: closes what is due, settles what is owed and notifies of it, again and again; any number at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from app import clock
from app.accounts.passwords import forget_resets
from app.alerts.watching import check_alerts
from app.closing.days import close_due
from app.closing.retention import prune_usage
from app.deployments.nonces import forget_nonces
from app.jobs.scheduling import due
from app.journey.contracts import advance_contracts
from app.licenses.upkeep import keep_up
from app.notifications.delivery import deliver_due
from app.notifications.password_resets import mail_resets
from app.settings import Settings
from app.settlement.arrears import review_standings
from app.settlement.host import ChannelHost
from app.settlement.settling import settle_due
from app.settlement.ticking import tick_due
from app.statements.issuing import issue_statements

log = logging.getLogger(__name__)
FORGET_EVERY = timedelta(hours=1)


async def run_once(settings: Settings, host: ChannelHost) -> None:
    """Do everything that is due now; what fails is logged, and does not keep the rest from being done."""
    await asyncio.gather(_bill(settings, host), _notify(settings))


async def run_forever(settings: Settings, host: ChannelHost) -> None:
    """Do what is due every ``worker_interval_seconds``; a slow receiver of webhooks does not delay the billing."""

    async def again(work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await work()
            await asyncio.sleep(settings.worker_interval_seconds)

    await asyncio.gather(again(lambda: _bill(settings, host)), again(lambda: _notify(settings)))


async def _bill(settings: Settings, host: ChannelHost) -> None:
    await _try("closing days", lambda: close_due(delay_seconds=settings.close_delay_seconds, closers=settings.closers))
    await _try("advancing contracts", advance_contracts)
    await _try("forgetting", lambda: _forget(settings))
    await _try("the channels' own work", lambda: tick_due(host))
    await _try("settling", lambda: _settle(host))
    await _try("reviewing standings", lambda: review_standings(host))
    await _try("keeping up licenses", keep_up)
    await _try("issuing statements", issue_statements)
    await _try("checking alerts", lambda: check_alerts(host))


async def _settle(host: ChannelHost) -> None:
    due_by = clock.now()
    await _until_nothing(lambda: settle_due(host, due_by))


async def _forget(settings: Settings) -> None:
    if await due("forget", FORGET_EVERY):
        await forget_nonces()
        await forget_resets()
        await _until_nothing(lambda: prune_usage(settings.usage_retention_days))


async def _notify(settings: Settings) -> None:
    await _try("mailing password resets", lambda: _until_nothing(lambda: mail_resets(settings)))
    await _try("delivering notifications", lambda: _until_nothing(lambda: deliver_due(settings)))


async def _until_nothing(work: Callable[[], Awaitable[int]]) -> None:
    while await work():
        pass


async def _try(what: str, work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except Exception:
        log.exception("%s failed; the next round tries again", what)
