"""Issuing statements: from the 3rd of the next month on, each once, for good."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from app import clock
from app.accounts.models import Account
from app.events.recording import SYSTEM, record
from app.jobs.scheduling import due
from app.statements.models import Statement

EVERY = timedelta(minutes=15)
BATCH = 500
DUE_SQL = """
WITH newest AS (SELECT account_id, max(month) AS month FROM statement GROUP BY 1),
unstated AS (
    SELECT c.account_id, max(p.time_zone) AS time_zone,
           min(greatest(date_trunc('month', c.day::timestamp), n.month + interval '1 month'))::date AS month
    FROM charge c JOIN price_plan p ON p.id = c.plan_id LEFT JOIN newest n ON n.account_id = c.account_id
    WHERE ($2::uuid IS NULL OR c.account_id = $2)
      AND NOT EXISTS (SELECT FROM statement_charge x WHERE x.charge_id = c.id)
    GROUP BY 1)
SELECT a.id AS account_id, a.name, u.month, u.time_zone FROM unstated u JOIN account a ON a.id = u.account_id
WHERE (u.month + interval '1 month 2 days') AT TIME ZONE u.time_zone
      <= $1::timestamptz + make_interval(secs => a.clock_offset_seconds)
ORDER BY a.id LIMIT $3 FOR UPDATE OF a SKIP LOCKED
"""
ISSUE_SQL = """
WITH issued AS (
    INSERT INTO statement (id, account_id, month, number, account_name, time_zone, issued_at)
    SELECT id, account_id, month, format('ST-%s-%s', to_char(month, 'YYYYMM'),
           lpad(nextval('statement_number')::text, 8, '0')), name, time_zone, at
    FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::text[], $5::text[], $6::timestamptz[])
        AS due(id, account_id, month, name, time_zone, at)
    ON CONFLICT (account_id, month) DO NOTHING RETURNING id, account_id, month),
stated AS (
    INSERT INTO statement_charge (id, statement_id, charge_id, settled)
    SELECT uuid7(), i.id, c.id, coalesce(s.state = 'SETTLED', false)
    FROM issued i JOIN charge c ON c.account_id = i.account_id AND c.day < i.month + interval '1 month'
    LEFT JOIN settlement s ON s.charge_id = c.id
    WHERE NOT EXISTS (SELECT FROM statement_charge x WHERE x.charge_id = c.id))
SELECT id FROM issued
"""


async def issue_statements() -> int:
    """Issue every statement that is due, if no worker did so lately; how many those were."""
    return await issue_due() if await due("statements", EVERY) else 0


async def issue_due(account_id: UUID | None = None) -> int:
    """Issue every statement that is due on its account's clock, of one account or of all; how many those were.

    Any number of workers may do so at once; the accounts that another has in hand are passed over.
    """
    issued = 0
    while made := await _issue_batch(account_id, clock.now()):
        issued += made
    return issued


async def _issue_batch(account_id: UUID | None, now: datetime) -> int:
    async with in_transaction():
        connection = get_connection("default")
        rows = await connection.execute_query_dict(DUE_SQL, [now, account_id, BATCH])
        if not rows:
            return 0
        accounts = await Account.in_bulk([row["account_id"] for row in rows], "id")
        made = await connection.execute_query_dict(
            ISSUE_SQL,
            [
                [uuid7() for _ in rows],
                [row["account_id"] for row in rows],
                [row["month"] for row in rows],
                [row["name"] for row in rows],
                [row["time_zone"] for row in rows],
                [accounts[row["account_id"]].now() for row in rows],
            ],
        )
        for statement in await Statement.filter(id__in=[row["id"] for row in made]):
            details = {"number": statement.number, "month": f"{statement.month:%Y-%m}"}
            now = accounts[statement.account_id].now()
            await record(statement.account_id, now, "statement.issued", SYSTEM, after=details)
    return len(made)
