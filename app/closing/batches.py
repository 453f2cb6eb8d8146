"""Closing days of many accounts at once: each step is one statement over all of them, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tortoise.connection import get_connection

from app import clock
from app.accounts.models import Account
from app.billing import ledger
from app.settlement.outbox import enqueue_many
from app.upgrades.advancing import lapse_if_due
from app.usage.counting import DAY_QUANTITY

PRESENT = "($1::timestamptz + make_interval(secs => a.clock_offset_seconds))"
NEXT_DAY = "coalesce(u.billed_through + 1, u.first_billed_day)"
LAST_DAY = f"""
least((({PRESENT} - make_interval(secs => CASE WHEN a.sandbox THEN 0 ELSE $2::int END))
    AT TIME ZONE p.time_zone)::date - 1, $3::date, u.last_billed_day)
"""

CLAIM_SQL = f"""
SELECT a.id FROM upgrade u JOIN account a ON a.id = u.account_id JOIN price_plan p ON p.id = u.plan_id
WHERE u.state IN ('FREE_PERIOD', 'ACTIVE', 'ENDED') AND u.account_id > $4 AND a.id > $4 AND (
    (u.state = 'FREE_PERIOD' AND u.free_period_ends_at <= {PRESENT})
    OR (u.state = 'ACTIVE' AND {NEXT_DAY} <= {LAST_DAY})
    OR EXISTS (SELECT FROM billing_day d WHERE d.account_id = u.account_id AND d.late))
ORDER BY u.account_id LIMIT $5 FOR UPDATE OF a
"""  # noqa: S608

LAPSING_SQL = f"""
SELECT a.id FROM account a JOIN upgrade u ON u.account_id = a.id
WHERE a.id = ANY($2) AND u.state = 'FREE_PERIOD' AND u.free_period_ends_at <= {PRESENT}
ORDER BY a.id
"""  # noqa: S608

CLOSE_SQL = f"""
WITH due AS MATERIALIZED (
    SELECT a.id AS account_id, u.id AS upgrade_id, u.plan_id, {PRESENT} AS at, day,
        day_start(day, p.time_zone) AS begins_at, day_start(day + 1, p.time_zone) AS ends_at
    FROM account a JOIN upgrade u ON u.account_id = a.id AND u.state = 'ACTIVE' JOIN price_plan p ON p.id = u.plan_id
    CROSS JOIN LATERAL unnest(ARRAY(
        SELECT generate_series({NEXT_DAY}::timestamp, ({LAST_DAY})::timestamp, interval '1 day')::date)) AS day
    WHERE a.id = ANY($4) AND u.account_id = ANY($4)
), rated AS MATERIALIZED (
    SELECT d.*, counted.quantity, priced.billed, priced.amount, p.currency
    FROM due d JOIN price_plan p ON p.id = d.plan_id JOIN meter m ON m.key = p.meter
    {DAY_QUANTITY} CROSS JOIN LATERAL price_day(p, counted.quantity) AS priced
), closed AS (
    INSERT INTO billing_day (id, account_id, day, begins_at, ends_at, quantity, late, closed_at)
    SELECT uuid7(), account_id, day, begins_at, ends_at, quantity, false, at FROM rated
), moved AS (
    UPDATE upgrade u SET billed_through = through.day
    FROM (SELECT upgrade_id, max(day) AS day FROM due GROUP BY upgrade_id) AS through
    WHERE u.id = through.upgrade_id AND u.account_id = ANY($4)
)
INSERT INTO charge (id, account_id, plan_id, kind, day, sequence, quantity, billed_quantity, units, amount_minor,
    currency, raised_at)
SELECT uuid7(), account_id, plan_id, 'DAILY', day, 0, quantity, billed, billed, amount, currency, at
FROM (SELECT * FROM rated ORDER BY account_id, day) AS ordered
RETURNING id
"""  # noqa: S608

ADJUST_SQL = f"""
WITH late AS MATERIALIZED (
    SELECT * FROM billing_day WHERE account_id = ANY($2) AND late
), changed AS MATERIALIZED (
    SELECT d.id, d.account_id, d.day, d.begins_at, d.ends_at, c.plan_id, {PRESENT} AS at
    FROM late d JOIN charge c ON c.account_id = d.account_id AND c.day = d.day AND c.sequence = 0
    JOIN account a ON a.id = d.account_id
), rated AS MATERIALIZED (
    SELECT d.*, counted.quantity, priced.billed, priced.amount, p.currency
    FROM changed d JOIN price_plan p ON p.id = d.plan_id JOIN meter m ON m.key = p.meter
    {DAY_QUANTITY} CROSS JOIN LATERAL price_day(p, counted.quantity) AS priced
), noted AS (
    UPDATE billing_day b SET quantity = rated.quantity, late = false FROM rated WHERE b.id = rated.id
)
INSERT INTO charge (id, account_id, plan_id, kind, day, sequence, quantity, billed_quantity, units, amount_minor,
    currency, raised_at)
SELECT uuid7(), r.account_id, r.plan_id, 'ADJUSTMENT', r.day, earlier.charges, r.quantity, r.billed,
    r.billed - earlier.units, r.amount - earlier.amount, r.currency, r.at
FROM (SELECT * FROM rated ORDER BY account_id, day) AS r CROSS JOIN LATERAL (
    SELECT count(*) AS charges, (sum(c.units) FILTER (WHERE c.kind <> 'CREDIT_NOTE'))::bigint AS units,
        (sum(c.amount_minor) FILTER (WHERE c.kind <> 'CREDIT_NOTE'))::bigint AS amount
    FROM charge c WHERE c.account_id = r.account_id AND c.day = r.day AND c.sequence >= 0) AS earlier
WHERE r.amount <> earlier.amount
RETURNING id
"""  # noqa: S608

ANNOUNCE_SQL = """
INSERT INTO event (id, account_id, type, actor_kind, actor_label, at, after)
SELECT key_after(newest.id, uuid7(), place), account_id, 'charge.raised', 'SYSTEM', 'billing', raised_at,
    jsonb_build_object('charge', raised.id, 'day', day, 'amountMinor', amount_minor, 'currency', currency)
FROM (
    SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY id) AS place FROM charge
    WHERE id = ANY($1) ORDER BY id
) AS raised LEFT JOIN LATERAL (
    SELECT e.id FROM event e WHERE e.account_id = raised.account_id ORDER BY e.id DESC LIMIT 1) AS newest ON true
"""
"""Keys grow with an account's events (app/events/recording.py), whichever clock the newest was keyed by."""


async def claim(after: UUID, delay_seconds: int, until: date | None, limit: int, wait: bool) -> list[UUID]:
    """Up to ``limit`` accounts behind ``after`` for which something is due, in order, locked for this transaction.

    ``wait``: for those that another transaction holds; else they are passed over.
    """
    sql = CLAIM_SQL if wait else CLAIM_SQL + "SKIP LOCKED"
    rows = await get_connection("default").execute_query_dict(sql, [clock.now(), delay_seconds, until, after, limit])
    return list(dict.fromkeys(row["id"] for row in rows))


async def bring_up_to_date(
    account_ids: Sequence[UUID], delay_seconds: int = 0, until: date | None = None
) -> list[UUID]:
    """Do what is due for accounts: end free periods, adjust late days, close days that ended; the charges.

    The accounts are locked against usage (``claim``, ``lock_out_usage``), by an earlier statement: one sees what was
    committed before it began, and none is on its way then, since ``take_usage`` holds the account in share mode.
    """
    connection = get_connection("default")
    now = clock.now()
    for row in await connection.execute_query_dict(LAPSING_SQL, [now, account_ids]):
        account = await Account.get(id=row["id"])
        await lapse_if_due(account, account.now())
    adjusted = await connection.execute_query_dict(ADJUST_SQL, [now, account_ids])
    closed = await connection.execute_query_dict(CLOSE_SQL, [now, delay_seconds, until, account_ids])
    charges = [row["id"] for row in (*adjusted, *closed)]
    if charges:
        await raised(charges)
    return charges


async def raised(charge_ids: Sequence[UUID]) -> None:
    """Post charges just written, order their collecting, and record an event for each."""
    await ledger.charges_raised(charge_ids)
    await enqueue_many(charge_ids)
    await get_connection("default").execute_query(ANNOUNCE_SQL, [charge_ids])
