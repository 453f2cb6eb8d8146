"""Zones whose clocks are set back at midnight have two of them in a day: it begins, for everything, with the first."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app import clock
from app.closing.days import close_due
from app.licenses import upkeep
from app.licenses.models import License, LicenseState
from app.settlement.models import Settlement
from app.statements.issuing import issue_due
from app.statements.models import Statement
from tests.billing.factory import billed_account, plan_of, report
from tests.conftest import TravellingClock

HAVANA = "America/Havana"
FIRST_MIDNIGHT = datetime(2030, 11, 3, 4, tzinfo=UTC)
"""Clocks go back from 01:00 to 00:00 on this day: an hour later it is midnight again."""


def test_the_day_begins_with_the_first_midnight() -> None:
    assert clock.day_start(date(2030, 11, 3), HAVANA) == FIRST_MIDNIGHT


async def test_the_deadline_of_a_day_counts_from_the_first(database: str, travelling_clock: TravellingClock) -> None:
    plan = await plan_of(2, time_zone=HAVANA)
    deployment = await billed_account(date(2030, 11, 2), plan)
    travelling_clock.at = datetime(2030, 11, 2, 13, tzinfo=UTC)
    await report(deployment, datetime(2030, 11, 2, 12, tzinfo=UTC), 1)
    travelling_clock.at = FIRST_MIDNIGHT
    await close_due()
    (order,) = await Settlement.all()
    assert order.due_from == FIRST_MIDNIGHT


async def test_a_statement_is_due_with_the_first(database: str, travelling_clock: TravellingClock) -> None:
    plan = await plan_of(2, time_zone=HAVANA)
    deployment = await billed_account(date(2030, 10, 31), plan)
    travelling_clock.at = datetime(2030, 10, 31, 13, tzinfo=UTC)
    await report(deployment, datetime(2030, 10, 31, 12, tzinfo=UTC), 1)
    travelling_clock.at = datetime(2030, 11, 1, 12, tzinfo=UTC)
    await close_due()
    travelling_clock.at = datetime(2030, 11, 3, 3, 59, 59, tzinfo=UTC)
    assert await issue_due() == 0
    travelling_clock.at = FIRST_MIDNIGHT
    assert await issue_due() == 1
    assert [statement.issued_at for statement in await Statement.all()] == [FIRST_MIDNIGHT]


async def test_data_kits_above_a_license_are_counted_from_the_first(
    database: str, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "DEFAULT_ZONE", HAVANA)
    deployment = await billed_account(date(2030, 11, 2))
    license = await License.create(
        account_id=deployment.account_id,
        edition="PAY_AS_YOU_GO",
        label="x",
        text="x",
        kid="x",
        state=LicenseState.ACTIVE,
        dk_limit=1,
        created_at=travelling_clock.at,
        expires_at=datetime(2031, 1, 1, tzinfo=UTC),
        deployment_id=deployment.id,
    )
    travelling_clock.at = datetime(2030, 11, 3, 20, tzinfo=UTC)
    await report(deployment, FIRST_MIDNIGHT, 2)
    await upkeep.keep_up()
    await license.refresh_from_db()
    assert license.dk_exceeded_on == date(2030, 11, 3)
