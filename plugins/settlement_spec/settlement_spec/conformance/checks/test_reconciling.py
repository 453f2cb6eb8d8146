"""What the channel says that the provider collected."""

from __future__ import annotations

from datetime import timedelta

from settlement_spec import Capability, Reconciliation
from settlement_spec.conformance.bench import Bench
from settlement_spec.conformance.checks import ASYNC

pytestmark = ASYNC
DAY = timedelta(days=1)


async def test_reconcile_agrees_with_what_was_collected(bench: Bench) -> None:
    channel = bench.implementing(Reconciliation)
    charges = [bench.charge(account, 20 + extra) for extra, account in enumerate(await bench.accounts(3))]
    started = bench.now
    await bench.settle(*charges)
    span = (started - DAY, bench.now + DAY)
    records = list(await bench.call("reconcile", lambda _: channel.reconcile(*span)))
    in_units = bench.can(Capability.METERED_PUSH)
    quantities = [(record.charge_id, record.units if in_units else record.amount.minor) for record in records]
    assert sorted(quantities) == sorted((await bench.collected()).items())
    assert sorted(quantities) == sorted(bench.owed(*charges).items())
    assert all(record.provider_reference for record in records)
    assert all(span[0] <= record.at < span[1] for record in records)


async def test_reconcile_keeps_to_the_span_that_was_asked_for(bench: Bench) -> None:
    channel = bench.implementing(Reconciliation)
    await bench.settle(bench.charge(await bench.account()))
    later = bench.now + DAY
    assert list(await bench.call("reconcile", lambda _: channel.reconcile(later, later + DAY))) == []
