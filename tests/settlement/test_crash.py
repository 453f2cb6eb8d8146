"""A thousand charges, workers killed in the middle: our books and the channel's agree, charge by charge."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from tortoise.connection import get_connection

from app import clock
from app.billing.ledger import check
from app.settlement.models import Settlement, SettlementState
from tests.settlement.debts import raise_charges

CHARGES = 1_000
PATIENCE_SECONDS = 90
BILLING = str(Path(sys.executable).with_name("billing"))


async def settle_with_workers_that_die(database: str, settings: Mapping[str, str], kills: int) -> None:
    """Run two workers, killing both ``kills`` times while charges are in hand; then let others finish."""
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "BILLING_CHANNEL_TIMEOUT_SECONDS": "2",
        "BILLING_WORKER_INTERVAL_SECONDS": "0.05",
        **settings,
    }

    async def worker() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            BILLING, "worker", env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )

    workers = [await worker(), await worker()]
    try:
        for _ in range(kills):
            async with asyncio.timeout(PATIENCE_SECONDS):
                begun = clock.now()
                while not await taken_in_hand_since(begun):
                    await asyncio.sleep(0.01)
            await asyncio.sleep(random.uniform(0, 0.1))
            for process in workers:
                process.send_signal(signal.SIGKILL)
                await process.wait()
            workers = [await worker(), await worker()]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await open_ones():
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
    """How many charges are not settled yet."""
    return await Settlement.exclude(state=SettlementState.SETTLED).count()


@pytest.mark.slow
async def test_the_enterprise_account_collects_each_charge_once(database: str) -> None:
    charges = await raise_charges("guance", [str(n) for n in range(CHARGES)])
    await settle_with_workers_that_die(database, {"BILLING_FALLBACK_CHANNEL": "guance"}, kills=4)
    collected = await get_connection("default").execute_query_dict(
        "SELECT t.reference, sum(-e.amount_minor)::bigint AS minor FROM guance_transaction t "
        "JOIN guance_entry e ON e.transaction_id = t.id AND e.place = 'CASH' WHERE t.kind = 'CHARGE' GROUP BY 1"
    )
    assert {row["reference"]: row["minor"] for row in collected} == {
        charge.id: charge.amount_minor for charge in charges
    }
    assert await check() == []
