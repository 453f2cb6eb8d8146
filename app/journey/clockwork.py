"""What falls due with time: for everybody, round by round, and for one sandbox account, when its clock is moved."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from app import clock
from app.accounts.models import Account
from app.accounts.passwords import forget_resets
from app.accounts.sandboxes import advance_sandbox_clock
from app.alerts.watching import check_alerts
from app.closing.days import catch_up, close_due
from app.closing.retention import prune_usage
from app.deployments.nonces import forget_nonces
from app.events.recording import Actor
from app.jobs.scheduling import due
from app.journey.contracts import advance, advance_contracts
from app.licenses.upkeep import keep_up
from app.notifications.delivery import deliver_due
from app.notifications.password_resets import mail_resets
from app.settings import Settings
from app.settlement import arrears
from app.settlement.arrears import update_standings
from app.settlement.host import ChannelHost
from app.settlement.settling import settle_due
from app.settlement.ticking import tick_due
from app.statements.issuing import issue_due, issue_statements
from app.upgrades.pricing import announce_prices, announce_to

log = logging.getLogger(__name__)
ANNOUNCE_EVERY = timedelta(minutes=1)
FORGET_EVERY = timedelta(hours=1)


async def bill(settings: Settings, host: ChannelHost) -> None:
    """Do what is due now with everybody's money and licenses; what fails is logged, and keeps the rest from nothing."""
    await _try("announcing prices", _announce)
    await _try("closing days", lambda: close_due(delay_seconds=settings.close_delay_seconds, closers=settings.closers))
    await _try("advancing contracts", advance_contracts)
    await _try("forgetting", lambda: _forget(settings))
    await _try("the channels' own work", lambda: tick_due(host))
    await _try("settling", lambda: _settle(host))
    await _try("updating standings", lambda: update_standings(host))
    await _try("keeping up licenses", keep_up)
    await _try("issuing statements", issue_statements)
    await _try("checking alerts", lambda: check_alerts(host))


async def notify(settings: Settings) -> None:
    """Send what is due to be sent now: mails, and what webhook endpoints receive."""
    await _try("mailing password resets", lambda: _until_nothing(lambda: mail_resets(settings)))
    await _try("delivering notifications", lambda: _until_nothing(lambda: deliver_due(settings)))


async def travel(host: ChannelHost, account: Account, seconds: int, actor: Actor, argument: str) -> None:
    """Move a locked sandbox account's clock forward; ``argument`` is where the caller gave the ``seconds``.

    Days that end on the way are closed, contracts begin and end, statements are issued, and arrears are noted.

    Raises:
        SandboxOnly, InvalidInput: see ``advance_sandbox_clock``.
        ChannelUnavailable: a prepaid channel does not say what is owed.
    """
    await announce_to(account)
    await advance_sandbox_clock(account, seconds, actor, argument)
    await catch_up(account)
    await advance(account)
    await issue_due(account.id)
    await arrears.update_standing(host, account)


async def _settle(host: ChannelHost) -> None:
    due_by = clock.now()
    await _until_nothing(lambda: settle_due(host, due_by))


async def _announce() -> None:
    if await due("announce prices", ANNOUNCE_EVERY):
        await _until_nothing(announce_prices)


async def _forget(settings: Settings) -> None:
    if await due("forget", FORGET_EVERY):
        await forget_nonces()
        await forget_resets()
        await _until_nothing(lambda: prune_usage(settings.usage_retention_days))


async def _until_nothing(work: Callable[[], Awaitable[int]]) -> None:
    while await work():
        pass


async def _try(what: str, work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except Exception:
        log.exception("%s failed; the next round tries again", what)
