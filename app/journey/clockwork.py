"""What falls due with time: for everybody, round by round, and for one sandbox account, when its clock is moved."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from app import clock
from app.accounts.email_changes import forget_email_changes
from app.accounts.identities import forget_attempts
from app.accounts.models import Account
from app.accounts.passkeys import forget_challenges
from app.accounts.passwords import forget_resets
from app.accounts.registration import forget_registrations
from app.accounts.sandboxes import advance_sandbox_clock
from app.accounts.security_notices import forget_security_notices
from app.alerts.watching import check_alerts
from app.audit.sealing import seal
from app.closing.days import catch_up, close_busy, close_due, close_free
from app.closing.recognition import recognize, recognize_due
from app.closing.retention import prune_usage
from app.db.lost import lost
from app.deployments.nonces import forget_nonces
from app.events.recording import Actor
from app.idempotency.keys import forget_keys
from app.jobs.scheduling import due
from app.journey.contracts import advance, advance_contracts
from app.licenses.upkeep import keep_up
from app.logs import about, kind
from app.metrics import FAILURES
from app.notifications.delivery import deliver_due, forget_answers
from app.notifications.email_changes import mail_email_changes
from app.notifications.invitations import mail_invitations, mail_registrations
from app.notifications.password_resets import mail_resets
from app.notifications.security_notices import mail_security_notices
from app.settings import Settings
from app.settlement import arrears
from app.settlement.arrears import update_standings
from app.settlement.host import ChannelHost
from app.settlement.locks import remind_locked
from app.settlement.settling import give_up_without_channel, settle_batch
from app.settlement.ticking import tick
from app.statements.issuing import issue_due, issue_statements
from app.throttling.buckets import forget_tries
from app.upgrades.pricing import announce_prices, announce_to

log = logging.getLogger(__name__)
ANNOUNCE_EVERY = timedelta(minutes=1)
RECOGNIZE_EVERY = timedelta(minutes=10)
FORGET_EVERY = timedelta(hours=1)
LONG_SECONDS = 1.0
"""A duty that took longer is worth a line."""
PATIENCE = 60
"""For how many seconds the days of a busy account wait with the others', before a lane of their own takes them up."""


@dataclass(frozen=True)
class Lane:
    """Duties by what they are called: one after the other, and no other lane waits for them."""

    name: str
    duties: Mapping[str, Callable[[], Awaitable[object]]]

    async def round(self, stopping: asyncio.Event | None = None) -> None:
        """Do each duty once; what fails is logged, and keeps the rest from nothing. None is begun when ``stopping``."""
        for what, duty in self.duties.items():
            if stopping is not None and stopping.is_set():
                return
            begun = time.monotonic()
            with about(lane=self.name, duty=what) as facts:
                try:
                    await duty()
                except Exception as error:
                    FAILURES.labels(self.name, what).inc()
                    facts["duration_ms"] = round((time.monotonic() - begun) * 1000, 1)
                    if lost(error):
                        log.warning("the database does not answer (%s); the next round tries again", kind(error))
                    else:
                        log.exception("%s failed (lane %s); the next round tries again", what, self.name)
                else:
                    taken = time.monotonic() - begun
                    level = logging.INFO if taken > LONG_SECONDS else logging.DEBUG
                    log.log(level, "done", extra={"duration_ms": round(taken * 1000, 1)})


def lanes(settings: Settings, host: ChannelHost) -> list[Lane]:
    """What is due for everybody, again and again, in lanes that do not wait for each other.

    Within a lane one duty follows the other. Sandbox accounts have lanes of their own, and so has each channel, and so
    have the accounts that somebody has in hand: none of them is worth the waiting of anybody else.
    """
    delay, closers = settings.close_delay_seconds, settings.closers
    settling = {
        f"settling through {key}": {"settling": partial(_settle, host, [key], sandboxes=False)} for key in host.loaded()
    }
    ticking = {f"{key}'s own work": {"its own work": partial(tick, host, key)} for key in host.loaded()}
    return [
        Lane("prices", {"announcing prices": _announce}),
        Lane("days", {"closing days": partial(close_free, delay_seconds=delay, closers=closers, sandboxes=False)}),
        Lane(
            "busy accounts",
            {"closing their days": partial(close_busy, delay_seconds=delay + PATIENCE, sandboxes=False)},
        ),
        Lane("contracts", _contracts(sandboxes=False)),
        Lane("sandboxes' days", {"closing days": partial(close_due, sandboxes=True)}),
        Lane("sandboxes' contracts", _contracts(sandboxes=True)),
        *(Lane(name, duties) for name, duties in (ticking | settling).items()),
        Lane("missing channels", {"giving up what is overdue": partial(give_up_without_channel, host)}),
        Lane("sandboxes' settling", {"settling": partial(_settle_sandboxes, host)}),
        *(
            Lane(
                f"{whose}upkeep",
                {
                    "updating standings": partial(update_standings, host, sandboxes=sandboxes),
                    "reminding who is locked": partial(remind_locked, sandboxes=sandboxes),
                    "keeping up licenses": partial(keep_up, sandboxes=sandboxes),
                    "issuing statements": partial(issue_statements, sandboxes=sandboxes),
                    "checking alerts": partial(check_alerts, host, sandboxes=sandboxes),
                },
            )
            for whose, sandboxes in (("", False), ("sandboxes' ", True))
        ),
        Lane("sealing", {"sealing the audit log": lambda: _until_nothing(seal)}),
        Lane("forgetting", {"forgetting": partial(_forget, settings)}),
        Lane(
            "mails",
            {
                "mailing password resets": lambda: _until_nothing(lambda: mail_resets(settings)),
                "mailing registrations": lambda: _until_nothing(lambda: mail_registrations(settings)),
                "mailing invitations": lambda: _until_nothing(lambda: mail_invitations(settings)),
                "mailing changes of addresses": lambda: _until_nothing(lambda: mail_email_changes(settings)),
                "mailing security notices": lambda: _until_nothing(lambda: mail_security_notices(settings)),
            },
        ),
        Lane("telling", {"delivering notifications": partial(deliver_due, settings, sandboxes=False)}),
        Lane("sandboxes' telling", {"delivering notifications": partial(deliver_due, settings, sandboxes=True)}),
    ]


async def travel(host: ChannelHost, account: Account, seconds: int, actor: Actor, argument: str) -> None:
    """Move a locked sandbox account's clock forward; ``argument`` is where the caller gave the ``seconds``.

    Days that end on the way are closed, contracts begin and end, and arrears are noted. Statements are issued as soon
    as what stands on them was handed over.

    Raises:
        SandboxOnly, InvalidInput: see ``advance_sandbox_clock``.
        ChannelUnavailable: a prepaid channel does not say what is owed.
    """
    await announce_to(account)
    await advance_sandbox_clock(account, seconds, actor, argument)
    await catch_up(account)
    await advance(account)
    await recognize(account)
    await issue_due(account.id)
    await arrears.update_standing(host, account)


async def _settle(host: ChannelHost, keys: Sequence[str], sandboxes: bool) -> int:
    due_by = clock.now()
    settled = [await _until_nothing(partial(settle_batch, host, key, sandboxes, due_by)) for key in keys]
    return sum(settled)


async def _settle_sandboxes(host: ChannelHost) -> None:
    if await _settle(host, host.loaded(), sandboxes=True):
        await issue_due(sandboxes=True)


def _contracts(sandboxes: bool) -> dict[str, Callable[[], Awaitable[object]]]:
    return {
        "advancing contracts": partial(advance_contracts, sandboxes=sandboxes),
        "recognizing revenue": partial(_recognize, sandboxes=sandboxes),
    }


async def _recognize(sandboxes: bool) -> None:
    if await due(f"recognize revenue ({'sandboxes' if sandboxes else 'production'})", RECOGNIZE_EVERY):
        await recognize_due(sandboxes)


async def _announce() -> None:
    if await due("announce prices", ANNOUNCE_EVERY):
        await _until_nothing(announce_prices)


async def _forget(settings: Settings) -> None:
    if await due("forget", FORGET_EVERY):
        await forget_nonces()
        await forget_resets()
        await forget_email_changes()
        await forget_security_notices()
        await forget_registrations()
        await forget_attempts()
        await forget_challenges()
        await forget_tries()
        await forget_answers()
        await forget_keys(settings.idempotency_days)
        await _until_nothing(lambda: prune_usage(settings.usage_retention_days))


async def _until_nothing(work: Callable[[], Awaitable[int]]) -> int:
    done = 0
    while some := await work():
        done += some
    return done
