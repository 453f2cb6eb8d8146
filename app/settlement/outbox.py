"""The outbox: a charge and the order to collect it are written in one transaction: never one without the other."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tortoise.connection import get_connection

from app import clock

ENQUEUE_SQL = """
INSERT INTO settlement (id, charge_id, account_id, binding_id, channel, state, attempts, next_attempt_at, reason)
SELECT uuid7(), c.id, c.account_id, b.id, b.channel,
    CASE b.state WHEN 'BOUND' THEN 'PENDING' ELSE 'NEEDS_ATTENTION' END, 0, $2,
    CASE b.state WHEN 'BOUND' THEN NULL ELSE 'no settlement channel paid for the account when the charge was raised' END
FROM (SELECT * FROM charge WHERE id = ANY($1) ORDER BY id) AS c CROSS JOIN LATERAL (
    SELECT id, channel, state FROM channel_binding
    WHERE account_id = c.account_id AND (state = 'BOUND' OR bound_at IS NOT NULL)
    ORDER BY state = 'BOUND' DESC, id DESC LIMIT 1) AS b
RETURNING id
"""


async def enqueue_many(charge_ids: Sequence[UUID]) -> None:
    """Order the collecting of charges, each through the channel that pays for its account now.

    Where none does any more, the order names the last one that did and needs attention.

    Raises:
        LookupError: no channel ever paid for one of the accounts, so that there is nobody to collect from.
    """
    rows = await get_connection("default").execute_query_dict(ENQUEUE_SQL, [charge_ids, clock.now()])
    if len(rows) != len(charge_ids):
        raise LookupError(f"{len(charge_ids) - len(rows)} charges are of accounts that no channel ever paid for")
