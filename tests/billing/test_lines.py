"""A charge is made of lines that add up to it."""

from __future__ import annotations

from datetime import date

import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError, OperationalError

from app.billing.models import Charge, LineKind
from app.closing.days import close_due
from tests.billing.factory import billed_account, hour_of, plan_of, report
from tests.conftest import TravellingClock

DAY = date(2026, 3, 1)


async def lines_of_day(account_id: object) -> list[list[tuple[LineKind, int, int]]]:
    """The lines of an account's charges, in their order: kind, quantity and minor units."""
    charges = await Charge.filter(account_id=account_id).order_by("day", "sequence")
    return [[(line.kind, line.quantity, line.amount_minor) for line in charge.itemized] for charge in charges]


async def test_the_base_fee_is_a_line_of_its_own(database: str, travelling_clock: TravellingClock) -> None:
    plan = await plan_of(2, base_minor=1_000, free_quantity=1)
    deployment = await billed_account(DAY, plan)
    await report(deployment, hour_of(DAY, 9), 4)
    travelling_clock.at = hour_of(DAY, 25)
    await close_due()
    usage, fee = (LineKind.USAGE, 3, 1_500), (LineKind.BASE_FEE, 1, 1_000)
    assert (await lines_of_day(deployment.account_id))[0] == [usage, fee]


async def test_lines_that_do_not_add_up_are_refused(database: str, travelling_clock: TravellingClock) -> None:
    await billed_account(DAY)
    travelling_clock.at = hour_of(DAY, 25)
    await close_due()
    with pytest.raises((IntegrityError, OperationalError), match="lines_add_up"):
        await get_connection("default").execute_query(
            "INSERT INTO charge SELECT (jsonb_populate_record(c, jsonb_build_object('id', uuid7(), 'sequence', 7, "
            "'amount_minor', amount_minor + 1))).* FROM charge AS c"
        )
