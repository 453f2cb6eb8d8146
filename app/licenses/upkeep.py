"""What falls due with licenses by itself; the worker does it. Any number of workers may."""

from __future__ import annotations

from uuid import UUID

from tortoise.connection import get_connection

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.catalog.models import DATA_KITS
from app.catalog.queries import DEFAULT_ZONE
from app.db.locking import own_transaction
from app.events.recording import SYSTEM, record
from app.licenses.attention import next_attention, reminder_due
from app.licenses.changing import revoke
from app.licenses.keys import retire_keys
from app.licenses.models import License, LicenseState

MOST_AT_ONCE = 500

DUE_SQL = f"""
SELECT id, account_id FROM license WHERE attention_at <= $1
UNION
SELECT l.id, l.account_id FROM account AS a JOIN license AS l ON l.account_id = a.id
WHERE a.clock_offset_seconds > 0
  AND l.attention_at <= $1::timestamptz + make_interval(secs => a.clock_offset_seconds)
LIMIT {MOST_AT_ONCE}
"""  # noqa: S608

EXCEEDED_SQL = """
SELECT l.id, l.account_id, today.day, max(u.quantity) AS data_kits
FROM license AS l
JOIN account AS a ON a.id = l.account_id
CROSS JOIN LATERAL (
    SELECT (($1::timestamptz + make_interval(secs => a.clock_offset_seconds)) AT TIME ZONE $2)::date AS day
) AS today
JOIN usage_hour AS u ON u.deployment_id = l.deployment_id AND u.meter = $3
  AND u.hour >= today.day::timestamp AT TIME ZONE $2
WHERE l.dk_limit >= 0 AND l.state = 'ACTIVE' AND l.dk_exceeded_on IS DISTINCT FROM today.day
  AND u.quantity > l.dk_limit
GROUP BY l.id, l.account_id, today.day
"""


async def keep_up() -> None:
    """Remind of licenses that end, note those that ended, revoke those rotated, note DataKits above the limit, and
    retire keys that nothing alive is signed with; each account in a transaction of its own."""
    connection = get_connection("default")
    for row in await connection.execute_query_dict(DUE_SQL, [clock.now()]):
        async with own_transaction(row["account_id"]):
            await _attend(await lock_account(row["account_id"]), row["id"])
    for row in await connection.execute_query_dict(EXCEEDED_SQL, [clock.now(), DEFAULT_ZONE, DATA_KITS]):
        async with own_transaction(row["account_id"]):
            await _note_excess(await lock_account(row["account_id"]), row["id"], row["data_kits"])
    await retire_keys()


async def _attend(account: Account, license_id: UUID) -> None:
    license = await License.get(id=license_id)
    now = account.now()
    if license.attention_at is None or license.attention_at > now:
        return
    about = {"license": str(license.id), "label": license.label, "expiresAt": license.expires_at.isoformat()}
    if license.revoke_at is not None and now >= license.revoke_at:
        replaced = await License.exists(replaces_id=license.id)
        await revoke(account, license, "replaced by rotation" if replaced else "replaced by a contract", SYSTEM)
        return
    if now >= license.expires_at:
        await record(account.id, account.now(), "license.expired", SYSTEM, after=about)
    elif days := reminder_due(license, now):
        await record(account.id, account.now(), "license.expiring", SYSTEM, after={**about, "daysBefore": days})
    license.attention_at = next_attention(license, now)
    await license.save(update_fields=["attention_at"])


async def _note_excess(account: Account, license_id: UUID, data_kits: int) -> None:
    license = await License.get(id=license_id)
    today = clock.local_day(account.now(), DEFAULT_ZONE)
    if license.state != LicenseState.ACTIVE or license.dk_exceeded_on == today:
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
