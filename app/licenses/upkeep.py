"""What falls due with licenses by itself; the worker does it. Any number of workers may."""

from __future__ import annotations

from uuid import UUID

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.constants import DEFAULT_ZONE
from app.db.locking import own_transaction
from app.db.sql import statement
from app.events.recording import SYSTEM, record
from app.licenses.attention import next_attention, reminder_due
from app.licenses.changing import revoke
from app.licenses.keys import retire_keys
from app.licenses.models import License, LicenseState
from app.licenses.queries import valid_licenses
from app.usage.queries import Limit, largest_above

DUE = statement(__file__, "due")
LIMITED = statement(__file__, "limited")
MOST_AT_ONCE = 500


async def keep_up(sandboxes: bool | None = None) -> None:
    """Remind of licenses that end, note those that ended, revoke those rotated, note DataKits above the limit, and
    retire keys that nothing alive is signed with; each account in a transaction of its own. Of sandbox accounts
    alone, or, if ``sandboxes`` is false, of the others."""
    for row in await DUE.rows(clock.now(), MOST_AT_ONCE, sandboxes):
        async with own_transaction(row["account_id"]):
            await _attend(await lock_account(row["account_id"]), row["id"])
    limited = await LIMITED.rows(clock.now(), DEFAULT_ZONE, sandboxes)
    limits = [Limit(row["deployment_id"], row["begins_at"], row["dk_limit"]) for row in limited]
    exceeding = await largest_above(limits) if limits else {}
    for row in limited:
        if row["deployment_id"] in exceeding and exceeding[row["deployment_id"]] > row["dk_limit"]:
            async with own_transaction(row["account_id"]):
                account = await lock_account(row["account_id"])
                await _note_excess(account, row["id"], exceeding[row["deployment_id"]])
    await retire_keys()


async def _attend(account: Account, license_id: UUID) -> None:
    license = await License.get(id=license_id)
    now = account.now()
    if license.attention_at is None or license.attention_at > now:
        return
    if license.revoke_at is not None and now >= license.revoke_at:
        replaced = await License.exists(replaces_id=license.id)
        await revoke(account, license, "replaced by rotation" if replaced else "replaced by a contract", SYSTEM)
        return
    if license.expires_at is None:
        return
    about = {"license": str(license.id), "label": license.label, "expiresAt": license.expires_at.isoformat()}
    if now >= license.expires_at:
        await record(account.id, account.now(), "license.expired", SYSTEM, after=about)
    elif days := reminder_due(license, now):
        await record(account.id, account.now(), "license.expiring", SYSTEM, after={**about, "daysBefore": days})
    license.attention_at = next_attention(license, now)
    await license.save(update_fields=["attention_at"])


async def _note_excess(account: Account, license_id: UUID, data_kits: int) -> None:
    active = valid_licenses(account.now(), id=license_id, state=LicenseState.ACTIVE)
    license, today = await active.first(), clock.local_day(account.now(), DEFAULT_ZONE)
    if license is None or license.dk_exceeded_on == today:
        return
    license.dk_exceeded_on = today
    await license.save(update_fields=["dk_exceeded_on"])
    await record(
        account.id,
        account.now(),
        "license.dk_limit_exceeded",
        SYSTEM,
        after={"license": str(license.id), "limit": license.dk_limit, "dataKits": data_kits},
    )
