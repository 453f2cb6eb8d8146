"""The stack's own limit for reading: Starlette, asyncpg and orjson answering what ``bench.reading`` asks, by its name.

It looks up the token and whose account it is, as the API does, and promises nothing else: no GraphQL, no weighing, no
audit. ``BENCH_DATABASE_URL`` names a migrated database.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.global_ids import global_id
from bench.pooled import served_from_a_pool

WHO = """
SELECT user_id FROM access_token
WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at > now()) IS NOT FALSE
"""
MINE = "EXISTS (SELECT FROM membership AS m WHERE m.account_id = $2 AND m.user_id = $1)"
ACCOUNT = f"SELECT id, name, edition, sandbox, created_at FROM account WHERE id = $2 AND {MINE}"
CHARGES = f"""
SELECT c.id, c.kind, c.day, c.quantity, c.billed_quantity, c.amount_minor, c.currency, c.raised_at, c.plan_id,
    p.unit_price_minor, p.currency AS plan_currency, s.id AS settlement, s.state, s.channel, s.settled_at
FROM charge AS c JOIN price_plan AS p ON p.id = c.plan_id JOIN settlement AS s ON s.charge_id = c.id
WHERE c.account_id = $2 AND {MINE} ORDER BY c.id LIMIT 41
"""
HOURS = f"""
SELECT hour, sum(quantity)::bigint AS count FROM usage_hour
WHERE account_id = $2 AND meter = 'datakit' AND {MINE}
    AND hour >= day_start($3::date, 'Asia/Shanghai') AND hour < day_start($4::date + 1, 'Asia/Shanghai')
GROUP BY hour ORDER BY hour
"""
DAYS = """
SELECT day::date, counted.quantity
FROM generate_series($2::date::timestamp, $3::date::timestamp, interval '1 day') AS days(day)
CROSS JOIN LATERAL day_quantity(
    $1, 'datakit', 'LARGEST_HOUR',
    day_start(day::date, 'Asia/Shanghai'), day_start(day::date + 1, 'Asia/Shanghai'), NULL
) AS counted
ORDER BY day
"""
ACCOUNTS = """
SELECT a.id, a.name,
    (SELECT coalesce(json_agg(l), '[]') FROM (
        SELECT id, label, state FROM license WHERE account_id = a.id ORDER BY id LIMIT 3) AS l) AS licenses,
    (SELECT coalesce(json_agg(c), '[]') FROM (
        SELECT id, day, amount_minor, currency FROM charge WHERE account_id = a.id ORDER BY id LIMIT 10) AS c
    ) AS charges
FROM membership AS m JOIN account AS a ON a.id = m.account_id WHERE m.user_id = $1 ORDER BY a.id LIMIT 20
"""


def key_in(text: str) -> UUID:
    """The key in a global id."""
    return UUID(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")[2])


def money(minor: int, currency: str) -> dict[str, str]:
    """An amount in yuan."""
    return {"amount": str(Decimal(minor).scaleb(-2)), "currency": currency}


async def account(db: Any, user: UUID, given: Any) -> Any:
    """An account by its id."""
    row = await db.fetchrow(ACCOUNT, user, key_in(given["id"]))
    return {
        "account": {
            "id": global_id("Account", row["id"]),
            "name": row["name"],
            "edition": row["edition"],
            "sandbox": row["sandbox"],
            "createdAt": row["created_at"].isoformat(),
        }
    }


async def charges(db: Any, user: UUID, given: Any) -> Any:
    """A page of charges, with their collecting and prices."""
    rows = await db.fetch(CHARGES, user, key_in(given["id"]))
    return {
        "account": {
            "charges": {
                "nodes": [
                    {
                        "id": global_id("Charge", row["id"]),
                        "kind": row["kind"],
                        "day": row["day"].isoformat(),
                        "quantity": row["quantity"],
                        "billedQuantity": row["billed_quantity"],
                        "amount": money(row["amount_minor"], row["currency"]),
                        "raisedAt": row["raised_at"].isoformat(),
                        "settlement": {
                            "id": global_id("Settlement", row["settlement"]),
                            "state": row["state"],
                            "channel": row["channel"],
                            "settledAt": row["settled_at"] and row["settled_at"].isoformat(),
                        },
                        "pricePlan": {
                            "id": global_id("PricePlan", row["plan_id"]),
                            "unitPrice": money(row["unit_price_minor"], row["plan_currency"]),
                        },
                    }
                    for row in rows[:40]
                ],
                "pageInfo": {"hasNextPage": len(rows) > 40},
            }
        }
    }


async def usage(db: Any, user: UUID, given: Any) -> Any:
    """Days and hours."""
    key, first, last = key_in(given["id"]), date.fromisoformat(given["from"]), date.fromisoformat(given["to"])
    hours: dict[date, list[Any]] = {}
    for row in await db.fetch(HOURS, user, key, first, last):
        at: datetime = row["hour"]
        shown = {"hour": at.isoformat(), "quantity": row["count"]}
        hours.setdefault(date.fromordinal((at.timestamp().__int__() + 8 * 3600) // 86400 + 719163), []).append(shown)
    days = [
        {"day": row["day"].isoformat(), "quantity": row["quantity"], "hours": hours.get(row["day"], [])}
        for row in await db.fetch(DAYS, key, first, last)
    ]
    return {"account": {"usage": [{"days": days}]}}


async def accounts(db: Any, user: UUID, given: Any) -> Any:
    """Accounts with what belongs to them."""
    nodes = [
        {
            "id": global_id("Account", row["id"]),
            "name": row["name"],
            "licenses": {
                "nodes": [
                    {"id": global_id("License", one["id"]), "label": one["label"], "state": one["state"]}
                    for one in orjson.loads(row["licenses"])
                ]
            },
            "charges": {
                "nodes": [
                    {
                        "id": global_id("Charge", one["id"]),
                        "day": one["day"],
                        "amount": money(one["amount_minor"], one["currency"]),
                    }
                    for one in orjson.loads(row["charges"])
                ]
            },
        }
        for row in await db.fetch(ACCOUNTS, user)
    ]
    return {"viewer": {"accounts": {"nodes": nodes}}}


ANSWERS: dict[str, Callable[[Any, UUID, Any], Awaitable[Any]]] = {
    "Account": account,
    "Charges": charges,
    "Usage": usage,
    "Accounts": accounts,
}


async def answer(request: Request) -> Response:
    """Answer the operation that the body names, to whom the token is."""
    sent = orjson.loads(await request.body())
    token = request.headers["authorization"].removeprefix("Bearer ")
    async with request.app.state.pool.acquire() as db:
        user = await db.fetchval(WHO, hashlib.sha256(token.encode()).digest())
        found = await ANSWERS[sent["operationName"]](db, user, sent["variables"])
    return Response(orjson.dumps({"data": found}), media_type="application/json")


app = served_from_a_pool([Route("/graphql", answer, methods=["POST"])])
