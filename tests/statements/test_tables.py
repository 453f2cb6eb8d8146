"""What stands in CSV files is data for whatever opens them."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import date

import pytest

from app.accounts.models import Account
from app.closing.instalments import raise_instalment
from app.statements.monthly import statement_of
from app.statements.tables import Row, as_csv
from tests.api.driver import Api
from tests.api.wallets import credit
from tests.billing.factory import plan_of
from tests.statements.conftest import Billed, billed, finance

__all__ = ["billed", "finance"]


async def written(*cells: object) -> str:
    async def rows() -> AsyncIterator[Row]:
        yield cells

    return "".join([piece async for piece in as_csv(rows())])


@pytest.mark.parametrize("text", ['=HYPERLINK("http://evil.example")', "@SUM(1+1)", "+1+1", "-1+1", "\t=1", "＝1"])
async def test_what_would_be_a_formula_is_text(text: str) -> None:
    (row,) = csv.reader(io.StringIO(await written(text)))
    assert row == [f"'{text}"]


@pytest.mark.parametrize("value", ["-25.00", "-3", "10.5", "Acme = b", "", 7])
async def test_numbers_and_other_texts_stay(value: object) -> None:
    (row,) = csv.reader(io.StringIO(await written(value, "x")))
    assert row == [str(value), "x"]


async def test_an_accounts_name_in_focus_runs_nothing(billed: Billed) -> None:
    await billed.travel("2026-03-11T01:00:00")
    await Account.filter(id=billed.key).update(name="=1+1")
    answer = await billed.download("2026-03", "focus.csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["BillingAccountName"] == "'=1+1"


async def test_a_byte_order_mark_on_request(billed: Billed) -> None:
    await billed.travel("2026-03-11T01:00:00")
    url = f"http://billing.test/statements/{billed.account}/2026-03.csv"
    headers = {"Authorization": f"Bearer {billed.api.token}"}
    plain = (await billed.api.http.get(url, headers=headers)).content
    marked = (await billed.api.http.get(f"{url}?bom", headers=headers)).content
    assert marked == b"\xef\xbb\xbf" + plain


async def test_a_day_counts_its_own_whatever_else_falls_on_it(billed: Billed, finance: Api) -> None:
    await billed.travel("2026-03-10T12:00:00")
    await billed.report("2026-03-10T09:00:00", 31)
    await billed.travel("2026-03-12T01:00:00")
    charges = (await billed.api.account(billed.account, "charges { nodes { id } }"))["charges"]["nodes"]
    await credit(finance, charges[0]["id"], "5.00")
    await raise_instalment(await billed.row(), (await plan_of(2)).id, date(2026, 3, 10), 100)
    days = await (await statement_of(await billed.row(), "2026-03")).days()
    assert [(day.day.day, day.quantity, day.billed_quantity, day.amount_minor) for day in days] == [
        (10, 31, 31, 15_500 - 500 + 100),
        (11, 0, 20, 10_000),
    ]
