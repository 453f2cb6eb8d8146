"""Charging instalments: more than one on a day, and those of other accounts on the same day."""

from __future__ import annotations

from datetime import date

from tortoise.transactions import in_transaction

from app.accounts.models import Account
from app.billing.ledger import check
from app.billing.models import Charge, ChargeKind
from app.billing.queries import creditable, spent
from app.bootstrap import Runtime
from app.catalog.models import PricePlan
from app.closing.days import close_due
from app.closing.instalments import raise_instalment
from app.credits.crediting import credit
from app.events.recording import SYSTEM
from tests.billing.factory import billed_account, figures, hour_of, plan_of
from tests.conftest import TravellingClock

DUE = date(2026, 3, 1)


async def raised(account_id: object, plan_id: object, due_on: date, minor: int) -> Charge:
    async with in_transaction():
        key = await raise_instalment(await Account.get(id=account_id), plan_id, due_on, minor)  # type: ignore[arg-type]
    return await Charge.get(id=key)


async def test_each_instalment_of_a_day_is_a_charge_of_its_own_booked_handed_over_and_told(
    database: str, travelling_clock: TravellingClock
) -> None:
    plan = await plan_of(2, currency="USD")
    one, other = await billed_account(DUE), await billed_account(DUE)
    await close_due()
    made = [
        await raised(one.account_id, plan.id, DUE, 300),
        await raised(other.account_id, plan.id, DUE, 700),
        await raised(one.account_id, plan.id, date(2026, 3, 2), 400),
        await raised(one.account_id, plan.id, DUE, 500),
    ]
    assert [
        (charge.account_id == one.account_id, charge.day, charge.sequence, charge.amount_minor) for charge in made
    ] == [
        (True, DUE, -1, 300),
        (False, DUE, -1, 700),
        (True, date(2026, 3, 2), -1, 400),
        (True, DUE, -2, 500),
    ]
    assert {(charge.kind, charge.currency, charge.plan_id) for charge in made} == {
        (ChargeKind.INSTALMENT, "USD", plan.id)
    }
    assert {charge.raised_at for charge in made} == {travelling_clock.at}
    rows = [row for row in await figures(one.account_id) if row[1] < 0]
    assert [row[2:] for row in rows] == [(0, 1, 1, minor, 2, 1, 1) for minor in (500, 300, 400)]
    assert await check() == []


async def test_what_is_given_back_of_an_instalment_is_not_the_days(
    database: str, travelling_clock: TravellingClock, runtime: Runtime
) -> None:
    one = await billed_account(DUE)
    travelling_clock.at = hour_of(DUE, 25)
    await close_due()
    plan = await PricePlan.get(version=1)
    due = await raised(one.account_id, plan.id, DUE, 90_000)
    async with in_transaction():
        note = await credit(runtime.host, due.id, 40_000, "an outage", SYSTEM)
    assert note.charge.sequence == -2
    found = await spent(one.account_id, "CNY", DUE, date(2026, 4, 1), DUE, 7)
    assert (found.month_minor, found.recent_minor, found.days) == (10_000 + 90_000 - 40_000, 10_000, 1)
    (own,) = await Charge.filter(account_id=one.account_id, sequence=0)
    assert (await creditable(own.id), await creditable(due.id)) == (10_000, 50_000)
