"""A link that is about to end: what was used until then is collected through it, and nothing twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from settlement_spec import BindingEnd

from app.billing.ledger import check
from app.billing.models import Charge
from app.bootstrap import Runtime
from app.closing.days import close_due
from app.deployments.models import Deployment
from app.settlement.models import Settlement, Standing
from app.settlement.settling import settle_due
from tests.billing.factory import report
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing, Scripted

REFERENCE = "subscription-1"


async def used(account_id: UUID, at: str, count: int) -> None:
    await report(await Deployment.get(account_id=account_id), datetime.fromisoformat(at), count)


async def collected(account_id: UUID) -> list[tuple[str, str, int, str]]:
    """The account's charges: day, channel, units, and how far the collecting has come."""
    rows = await Settlement.filter(account_id=account_id).select_related("charge").order_by("charge__day", "charge_id")
    return [(f"{row.charge.day:%m-%d}", row.channel, row.charge.units, str(row.state)) for row in rows]


async def test_what_was_used_today_is_collected_before_the_link_ends(
    owing: Owing, runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    *_, account_id = await owing()
    await settle_due(runtime.host)
    travelling_clock.at = datetime.fromisoformat("2026-03-19T20:00:00+08:00")
    await used(account_id, "2026-03-19T08:00:00+08:00", 50)
    until = travelling_clock.at + timedelta(hours=1)
    assert scripted.host is not None
    for _ in range(2):
        await scripted.host.settle_soon(account_id, REFERENCE, until)
    assert (await Settlement.get(charge__day="2026-03-19")).deadline == until
    await settle_due(runtime.host)
    assert await collected(account_id) == [("03-18", "scripted", 20, "SETTLED"), ("03-19", "scripted", 50, "SETTLED")]
    handed = scripted.handed[-1]
    assert handed.due_from == travelling_clock.at < handed.day_ends_at
    await scripted.host.binding_ended(account_id, REFERENCE, BindingEnd.UNSUBSCRIBED, "the agreement ended")
    travelling_clock.forward(hours=5)
    await close_due()
    await settle_due(runtime.host)
    assert len(await collected(account_id)) == 2
    assert not await Standing.exists(account_id=account_id)
    assert await check() == []


async def test_what_is_used_of_the_day_after_that_is_for_who_pays_then(
    owing: Owing, runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    *_, account_id = await owing()
    await settle_due(runtime.host)
    travelling_clock.at = datetime.fromisoformat("2026-03-19T20:00:00+08:00")
    await used(account_id, "2026-03-19T08:00:00+08:00", 50)
    assert scripted.host is not None
    await scripted.host.settle_soon(account_id, REFERENCE, travelling_clock.at + timedelta(hours=1))
    await settle_due(runtime.host)
    travelling_clock.forward(hours=1)
    await scripted.host.binding_ended(account_id, REFERENCE, BindingEnd.UNSUBSCRIBED, "the agreement ended")
    for hour, count in ((21, 55), (22, 60)):
        travelling_clock.at = datetime.fromisoformat(f"2026-03-19T{hour}:00:00+08:00")
        await used(account_id, f"2026-03-19T{hour}:00:00+08:00", count)
        await close_due()
        assert len(await collected(account_id)) == 2, "the day is counted anew after its end"
    travelling_clock.forward(hours=4)
    await close_due()
    await settle_due(runtime.host)
    assert await collected(account_id) == [
        ("03-18", "scripted", 20, "SETTLED"),
        ("03-19", "scripted", 50, "SETTLED"),
        ("03-19", "guance", 10, "SETTLED"),
    ]
    assert sum(row.amount_minor for row in await Charge.filter(account_id=account_id, day="2026-03-19")) == 300_00
    assert await check() == []


async def test_a_day_of_which_nothing_was_used_yet_is_for_who_pays_at_its_end(
    owing: Owing, runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    *_, account_id = await owing()
    assert scripted.host is not None
    for reference in ("another", None, REFERENCE):
        await scripted.host.settle_soon(account_id, reference, travelling_clock.at + timedelta(hours=1))
    await used(account_id, "2026-03-19T00:00:00+08:00", 50)
    await scripted.host.settle_soon(account_id, "another", travelling_clock.at + timedelta(hours=1))
    assert [row.day.isoformat() for row in await Charge.filter(account_id=account_id)] == ["2026-03-18"]
