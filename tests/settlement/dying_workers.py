"""Workers that are killed again and again while they settle, and what has to agree when others have finished."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from settlement_spec.conformance import Collected
from tortoise.connection import get_connection

from app import clock
from app.billing.ledger import SETTLED, check
from app.billing.models import Charge
from app.settlement.host import ChannelHost
from app.settlement.models import Settlement, SettlementState
from app.settlement.reconciliation import Reconciled, reconcile
from app.settlement.settling import OPEN

PATIENCE_SECONDS = 90
BILLING = str(Path(sys.executable).with_name("billing"))
CLAIMS_END = "UPDATE settlement SET claimed_until = now() WHERE claimed_until > now()"
NEXT_ATTEMPT_IS_NOW = """
UPDATE settlement SET next_attempt_at = now() WHERE id IN (
    SELECT id FROM settlement WHERE state = 'PENDING' AND next_attempt_at > now()
    AND (claimed_until IS NULL OR claimed_until <= now()) FOR UPDATE SKIP LOCKED)
"""
COLLECTED_SQL = """
SELECT t.reference, e.amount_minor FROM journal_transaction t JOIN journal_entry e ON e.transaction_id = t.id
JOIN ledger_account l ON l.name = e.ledger_account_id WHERE t.kind = $1 AND l.channel = $2
"""


async def settle_with_workers_that_die(
    database: str, settings: Mapping[str, str], kills: int, within: float = 0.1, hurry: Sequence[str] = ()
) -> None:
    """Run two workers, killing both ``kills`` times while charges are in hand; then let others finish.

    They die up to ``within`` seconds after they took charges in hand, or less often where all is collected by then. The
    statements of ``hurry`` spare the waiting; with them the claims of the dead end at once.
    """
    environment = {**os.environ, "DATABASE_URL": database, "BILLING_WORKER_INTERVAL_SECONDS": "0.05", **settings}

    async def worker() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            BILLING, "worker", env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )

    workers = [await worker(), await worker()]
    try:
        for _ in range(kills):
            begun = clock.now()
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await taken_in_hand_since(begun) and await open_ones():
                    await _run(*hurry)
                    await asyncio.sleep(0.01)
            await asyncio.sleep(random.uniform(0, within))
            for process in workers:
                process.send_signal(signal.SIGKILL)
                await process.wait()
            if hurry:
                await _run(CLAIMS_END)
            workers = [await worker(), await worker()]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await open_ones():
                await _run(*hurry)
                await asyncio.sleep(0.1)
    finally:
        for process in workers:
            process.kill()
            await process.wait()


async def taken_in_hand_since(begun: datetime) -> int:
    """How many charges a worker took in hand since then, and has not written down yet."""
    taken = Settlement.filter(handed_over_at__gt=begun, claimed_until__gt=clock.now())
    return await taken.exclude(state=SettlementState.SETTLED).count()


async def open_ones() -> int:
    """How many charges are neither settled nor set aside for people yet."""
    return await Settlement.filter(state__in=OPEN).count()


async def assert_collected_once(
    channel: str, owed: Sequence[tuple[Charge, str]], book: Iterable[Collected], in_units: bool
) -> None:
    """Outbox, journal and the provider's book say the same of each charge, once, and name who is to pay it."""
    charges = {charge.id: charge for charge, _ in owed}
    settled = await Settlement.filter(channel=channel, state=SettlementState.SETTLED, uncertain=False)
    assert sorted(one.charge_id for one in settled) == sorted(charges)
    rows = await get_connection("default").execute_query_dict(COLLECTED_SQL, [SETTLED, channel])
    assert sorted((row["reference"], row["amount_minor"]) for row in rows) == sorted(
        (charge.id, charge.amount_minor) for charge in charges.values()
    )
    assert sorted((one.charge_id, one.quantity, one.external_reference) for one in book) == sorted(
        (charge.id, charge.units if in_units else charge.amount_minor, payer) for charge, payer in owed
    )
    since = min(one.handed_over_at for one in settled if one.handed_over_at)
    assert await reconcile(ChannelHost(), channel, since, clock.now()) == Reconciled(len(charges), opened=0, closed=0)
    assert await check() == []


async def _run(*statements: str) -> None:
    for statement in statements:
        await get_connection("default").execute_query(statement)
