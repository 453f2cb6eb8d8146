"""What finance asks of all accounts: in the API, as files, and on the command line, the same figures, which sum up."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.accounts.models import Account
from app.api.node import decode_id
from app.billing.books import trial_balance
from app.billing.ledger import check
from app.bootstrap import Runtime
from app.settlement.arrears import update_standings
from app.settlement.settling import settle_due
from app.statements import reports
from app.statements.reports import REPORTS, Asked
from tests.api.driver import Api, activate, advance, license_and_key, upgraded
from tests.api.wallets import staff
from tests.applications.steps import DAY, TODAY, any_terms, terms, under_contract
from tests.conftest import TravellingClock

REVENUE = """{ revenueReport(month: "%s", sandboxes: %s) {
  nodes { edition channel account { name } revenue { amount currency } discounts { amount } net { amount } } } }"""
DEFERRED = """{ deferredRevenue(month: "%s", sandboxes: true) {
  nodes { edition charged { amount } earnedInMonth { amount } earned { amount } deferred { amount } } } }"""


@pytest.fixture(autouse=True)
async def stand_still(travelling_clock: TravellingClock, database: str) -> None:
    """Every test begins in the evening of TODAY in Shanghai, and contracts are for any days."""
    await any_terms()


async def a_contract(api: Api, days: int = 60) -> tuple[Api, str]:
    of = terms(TODAY, days, (TODAY, "600.00"), price="600.00", validUntil="2026-03-02T12:00:00Z")
    mine, account, _ = await under_contract(api, **of)
    return mine, account


async def billed_days(api: Api, days: int) -> tuple[Api, str]:
    """An account that is billed the least, 100.00, for each of so many days from 03-10 on."""
    mine, account = await upgraded(api)
    await activate(mine, *await license_and_key(mine, account))
    await advance(mine, account, (8 + days) * DAY)
    return mine, account


async def test_revenue_is_by_month_edition_customer_and_channel_and_sums_up_to_the_books(
    api: Api, runtime: Runtime
) -> None:
    await a_contract_after(api, 40)
    await billed_days(api, 25)
    finance = await staff(api)
    march = (await finance.data(REVENUE % ("2026-03", "true")))["revenueReport"]["nodes"]
    found = {line["edition"]: line for line in march}
    assert found["SUBSCRIPTION"]["revenue"] == {"amount": "300.00", "currency": "CNY"}
    assert found["PAY_AS_YOU_GO"]["net"] == {"amount": "2200.00"}
    assert {line["channel"] for line in march} == {"guance"}
    assert (await finance.data(REVENUE % ("2026-03", "false")))["revenueReport"]["nodes"] == []
    months = [await reports.revenue(runtime.host, Asked(f"2026-{month:02}", sandboxes=True)) for month in range(1, 13)]
    booked = {line.ledger_account: line.balance_minor for line in await trial_balance(sandboxes=True)}
    assert sum(line.revenue_minor for lines in months for line in lines) == -booked["revenue"]
    assert [line.net_minor for line in months[3]] == [10_000, 30_000]


async def a_contract_after(api: Api, days: int) -> None:
    mine, account = await a_contract(api)
    await advance(mine, account, days * DAY)


async def test_deferred_revenue_is_what_is_charged_and_still_to_be_earned(api: Api) -> None:
    await a_contract_after(api, 70)
    finance = await staff(api)

    async def at_the_end_of(month: str) -> list[list[str]]:
        lines = (await finance.data(DEFERRED % month))["deferredRevenue"]["nodes"]
        return [[line[name]["amount"] for name in ("charged", "earnedInMonth", "earned", "deferred")] for line in lines]

    assert await at_the_end_of("2026-02") == []
    assert await at_the_end_of("2026-03") == [["600.00", "300.00", "300.00", "300.00"]]
    assert await at_the_end_of("2026-04") == [["600.00", "300.00", "600.00", "0.00"]]
    assert await at_the_end_of("2026-05") == []
    assert await check() == []


async def test_contracts_that_end_soon_are_listed_with_whether_another_follows(api: Api) -> None:
    _, account = await a_contract(api, 10)
    manager = await staff(api)
    asked = (
        "{ contractsEnding(within: %s, sandboxes: true) { nodes { account { id } endsOn renewed price { amount } } } }"
    )
    assert (await manager.data(asked % 8))["contractsEnding"]["nodes"] == []
    ends = (TODAY + timedelta(days=9)).isoformat()
    assert (await manager.data(asked % 9))["contractsEnding"]["nodes"] == [
        {"account": {"id": account}, "endsOn": ends, "renewed": False, "price": {"amount": "600.00"}}
    ]
    assert (await manager.data("{ contractsEnding { totalCount } }"))["contractsEnding"]["totalCount"] == 0
    assert "errors" in await manager.answer("{ contractsEnding(within: -1) { totalCount } }")


async def test_who_is_in_arrears_is_listed_with_what_is_owed(api: Api, runtime: Runtime) -> None:
    mine, account = await billed_days(api, 3)
    await settle_due(runtime.host)
    await update_standings(runtime.host)
    finance = await staff(api)
    asked = "{ arrearsReport(sandboxes: %s) { nodes { account { id } state owed { amount currency } } totalCount } }"
    assert (await finance.data(asked % "true"))["arrearsReport"]["nodes"] == [
        {"account": {"id": account}, "state": "SUSPENDED", "owed": {"amount": "300.00", "currency": "CNY"}}
    ]
    assert (await finance.data(asked % "false"))["arrearsReport"] == {"nodes": [], "totalCount": 0}
    assert "errors" in await mine.answer(asked % "true")


async def download(client: Api, path: str) -> Any:
    return await client.http.get(f"http://test{path}", headers={"Authorization": f"Bearer {client.token}"})


async def test_files_have_the_rows_of_the_api_and_run_no_formula(api: Api) -> None:
    mine, account = await a_contract(api)
    await Account.filter(id=decode_id(account, "Account", "account")).update(name='=HYPERLINK("x")')
    await advance(mine, account, 3 * DAY)
    finance = await staff(api)
    for name, report in REPORTS.items():
        answer = await download(finance, f"/reports/{name}.csv?month=2026-03&within=90&sandboxes&bom")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.text.startswith("\ufeff")
        head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
        assert head == report.row.columns()
        assert len(rows) == (name != "arrears")
        assert all(dict(zip(head, row, strict=True))["account"] == '\'=HYPERLINK("x")' for row in rows)
    (row,) = csv.DictReader(io.StringIO((await download(finance, "/reports/revenue.csv?month=2026-03&sandboxes")).text))
    assert (row["edition"], row["revenue"], row["discounts"], row["net"]) == ("SUBSCRIPTION", "30.00", "0.00", "30.00")
    for path, status in (
        ("/reports/nothing.csv", 404),
        ("/reports/revenue.csv?month=2026-13", 400),
        ("/reports/contracts-ending.csv?within=soon", 400),
        ("/reports/contracts-ending.csv?within=99999", 400),
    ):
        assert (await download(finance, path)).status_code == status
    assert (await download(mine, "/reports/revenue.csv")).status_code == 403
    assert (await download(Api(api.http), "/reports/revenue.csv")).status_code == 401


async def test_a_month_of_all_accounts_is_in_one_file(api: Api) -> None:
    """Two accounts, one with a day in the month, another with two; the sum of the statements, in both forms."""
    for days in (1, 2):
        await billed_days(api, days)
    finance = await staff(api)
    for form, amount in (("charges", "amount"), ("focus", "BilledCost")):
        text = (await download(finance, f"/reports/{form}.csv?month=2026-03&sandboxes")).text
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [Decimal(row[amount]) for row in rows] == [100, 100, 100]
        named = Counter(row["account_id" if form == "charges" else "BillingAccountId"] for row in rows)
        assert sorted(named.values()) == [1, 2]
        for nothing in ("?month=2026-03", "?month=2026-02&sandboxes"):
            text = (await download(finance, f"/reports/{form}.csv{nothing}")).text
            assert text.splitlines() == [",".join(rows[0])]
        assert (await download(finance, f"/reports/{form}.csv?month=march")).status_code == 400
    issued = await download(finance, "/reports/charges.csv?month=2026-03&sandboxes")
    assert {row["statement"] for row in csv.DictReader(io.StringIO(issued.text))} == {""}
