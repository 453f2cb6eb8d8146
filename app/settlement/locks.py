"""Who unsubscribed at a cloud is locked, for channels of which the settings say so, until another way to pay is chosen.

Otherwise, and while an account is locked, the fallback channel pays, so that nothing that is owed is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account, of_lane
from app.constants import LOCKED_FOR
from app.db.locking import own_transaction
from app.db.sql import statement
from app.db.together import together
from app.events.recording import SYSTEM, Actor, record
from app.settings import get_settings
from app.settlement.models import Lock

ENDING = statement(__file__, "locks_ending")
LOCKS = statement(__file__, "locks")
REMIND_DAYS = 2
"""So many days before the end of a lock its account is reminded."""


@together
async def lock_of(account_ids: Sequence[UUID]) -> dict[UUID, Lock]:
    """The account's lock, if it is locked."""
    return {lock.account_id: lock for lock in await LOCKS.objects(Lock, account_ids)}


def ends_at(lock: Lock) -> datetime:
    """From when on staff may end the service of who is locked still."""
    return lock.since + LOCKED_FOR


async def lock_if_so_set(account: Account, channel: str) -> None:
    """Lock an account, whose row is locked, and whose subscription at ``channel`` ended, where the settings say so."""
    if channel in get_settings().locking() and await lock_of(account.id) is None:
        await Lock.create(account_id=account.id, channel=channel, since=account.now())
        await record(account.id, account.now(), "account.locked", SYSTEM, after={"channel": channel})


async def unlock(account: Account, actor: Actor) -> None:
    """It pays in another way: a channel was chosen, or money arrived. Nothing changes where it is not locked."""
    lock = await lock_of(account.id)
    if lock is not None:
        await lock.delete()
        await record(account.id, account.now(), "account.unlocked", actor, before={"channel": lock.channel})


async def remind_locked(sandboxes: bool | None = None) -> None:
    """Remind, once, who is locked and may lose the service soon; of sandbox accounts alone, or, if ``sandboxes`` is
    false, of the others."""
    rows = await ENDING.rows(clock.now(), LOCKED_FOR, REMIND_DAYS)
    for account_id in await of_lane([row["account_id"] for row in rows], sandboxes):
        async with own_transaction(account_id):
            account = await lock_account(account_id)
            lock = await lock_of(account_id)
            if lock is not None and not lock.reminded:
                lock.reminded = True
                await lock.save(update_fields=["reminded"])
                after = {"channel": lock.channel, "daysBefore": REMIND_DAYS}
                await record(account_id, account.now(), "account.lock_ending", SYSTEM, after=after)
