"""Monthly statements: provisional, issued once, never changed; what comes late stands on the next."""

from __future__ import annotations

import asyncio
import csv
import io
import subprocess
from decimal import Decimal
from pathlib import Path

import asyncpg
import pypdfium2
import pytest
from tortoise.connection import get_connection

from app.billing.ledger import check
from app.settlement.settling import settle_due
from app.statements.issuing import issue_due
from tests.api.driver import Api, registered
from tests.api.wallets import topped_up
from tests.applications.steps import under_contract
from tests.conftest import TravellingClock
from tests.statements.conftest import Billed

ALL = "month number provisional issuedAt total { amount currency } settled { amount } charges { totalCount }"


async def test_a_statement_is_provisional_until_the_3rd_and_issued_then(billed: Billed) -> None:
    await billed.travel("2026-04-02T23:59:59")
    before = await billed.statement("2026-03", ALL)
    assert before["provisional"] is True
    assert before["number"] is None
    assert before["total"] == [{"amount": "2200.00", "currency": "CNY"}]
    await billed.travel("2026-04-03T00:00:00")
    await billed.settle()
    issued = await billed.statement("2026-03", ALL)
    assert issued["provisional"] is False
    assert str(issued["number"]).startswith("SB-202603-")
    assert issued["total"] == before["total"]
    assert issued["issuedAt"] == "2026-04-02T16:00:00+00:00"


async def test_an_issued_statement_never_changes_and_late_usage_stands_on_the_next(billed: Billed) -> None:
    await billed.travel("2026-04-03T00:00:00")
    await billed.settle()
    issued = await billed.statement("2026-03", ALL)
    march = (await billed.download("2026-03", "csv")).text
    await billed.report("2026-03-20T09:00:00", 30)
    await billed.settle()
    await billed.travel("2026-04-03T01:00:00")
    assert await billed.statement("2026-03", ALL) == issued
    assert (await billed.download("2026-03", "csv")).text == march
    april = await billed.statement("2026-04", "total { amount } charges { nodes { day kind amount { amount } } }")
    assert {"day": "2026-03-20", "kind": "ADJUSTMENT", "amount": {"amount": "50.00"}} in april["charges"]["nodes"]  # type: ignore[index]
    assert (await billed.statement("2026-05", "total { amount }"))["total"] == []
    assert await check() == []


async def test_a_sandboxs_statement_says_what_was_settled_however_fast_its_clock_was_moved(
    billed: Billed, finance: Api
) -> None:
    await topped_up(billed.api, finance, billed.account, "3000.00")
    await billed.travel("2026-04-03T00:00:00")
    waiting = await billed.statement("2026-03", ALL)
    assert (waiting["provisional"], waiting["settled"]) == (True, [{"amount": "0.00"}])
    await billed.settle()
    issued = await billed.statement("2026-03", ALL)
    assert (issued["provisional"], issued["settled"]) == (False, [{"amount": "2200.00"}])
    assert issued["total"] == [{"amount": "2200.00", "currency": "CNY"}]


async def test_a_sandboxs_statement_waits_a_quarter_of_an_hour_for_its_channel(
    billed: Billed, travelling_clock: TravellingClock
) -> None:
    await billed.travel("2026-04-03T00:00:00")
    assert await issue_due(sandboxes=True) == 0
    travelling_clock.forward(minutes=16)
    assert await issue_due(sandboxes=True) == 1


async def test_every_charge_stands_on_one_statement_however_many_workers_issue(billed: Billed) -> None:
    await billed.travel("2026-06-02T12:00:00")
    await billed.report("2026-05-20T09:00:00", 40)
    await billed.travel("2026-06-03T00:00:00")
    while await settle_due(billed.runtime.host):
        pass
    assert sum(await asyncio.gather(*(issue_due() for _ in range(4)))) == 3
    found = await billed.api.account(
        billed.account,
        "charges(last: 100) { totalCount } statements { nodes { month statement { charges { totalCount } } } }",
    )
    months = {node["month"]: node["statement"]["charges"]["totalCount"] for node in found["statements"]["nodes"]}
    assert months == {"2026-03": 22, "2026-04": 30, "2026-05": 32}
    june = await billed.statement("2026-06", "charges { totalCount }")
    assert sum(months.values()) + june["charges"]["totalCount"] == found["charges"]["totalCount"]  # type: ignore[index]


@pytest.mark.parametrize("table", ["statement", "statement_charge", "credit_note"])
async def test_the_database_refuses_to_change_a_statement_even_for_the_owner(database: str, table: str) -> None:
    changes = [] if table == "credit_note" else [f"UPDATE {table} SET id = id"]  # of a note its maker may be erased
    for sql in (*changes, f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await get_connection("default").execute_script(sql)


async def test_the_csv_has_the_statement_exactly(billed: Billed) -> None:
    await billed.travel("2026-03-12T12:00:00")
    response = await billed.download("2026-03", "csv")
    assert response.headers["content-type"].startswith("text/csv")
    assert response.headers["content-disposition"] == 'attachment; filename="2026-03-provisional.csv"'
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [(row["day"], row["amount"], row["settled"]) for row in rows] == [
        ("2026-03-10", "100.00", "false"),
        ("2026-03-11", "100.00", "false"),
    ]
    await billed.settle()
    settled = list(csv.DictReader(io.StringIO((await billed.download("2026-03", "csv")).text)))
    assert {row["settled"] for row in settled} == {"true"}
    flow = list(csv.DictReader(io.StringIO((await billed.download("2026-03", "income-expense.csv")).text)))
    assert [(row["kind"], row["expense"], row["income"]) for row in flow] == [("charge.settled", "100.00", "")] * 2


async def test_daily_consumption_sums_what_a_day_came_to(billed: Billed) -> None:
    await billed.travel("2026-03-11T12:00:00")
    await billed.report("2026-03-10T09:00:00", 30)
    await billed.travel("2026-03-11T12:00:01")
    found = await billed.api.account(
        billed.account, "dailyConsumption { nodes { day amount { amount } charge { amount { amount } } } }"
    )
    assert found["dailyConsumption"]["nodes"] == [
        {"day": "2026-03-10", "amount": {"amount": "150.00"}, "charge": {"amount": {"amount": "100.00"}}}
    ]
    rows = list(csv.DictReader(io.StringIO((await billed.download("2026-03", "daily.csv")).text)))
    assert [(row["day"], row["quantity"], row["amount"]) for row in rows] == [("2026-03-10", "30", "150.00")]


async def test_downloads_are_for_members_alone(billed: Billed, api: Api) -> None:
    other, _ = await registered(api)
    url = f"http://billing.test/statements/{billed.account}/2026-03.csv"
    assert (await api.http.get(url)).status_code == 401
    refused = await api.http.get(url, headers={"Authorization": f"Bearer {other.token}"})
    assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND")
    for form in ("2026-13.csv", "2026-03.doc", "2026-03"):
        bad = await billed.api.http.get(
            f"http://billing.test/statements/{billed.account}/{form}",
            headers={"Authorization": f"Bearer {billed.api.token}"},
        )
        assert (bad.status_code, bad.json()["code"]) == (400, "INVALID_INPUT"), form
    links = await billed.statement("2026-03", "downloads { pdf csv dailyCsv incomeExpenseCsv focusCsv }")
    for path in links["downloads"].values():  # type: ignore[attr-defined]
        assert (await billed.api.http.get(f"http://billing.test{path}")).status_code == 200, path


@pytest.mark.parametrize(("locale", "title"), [("zh", "月结单"), ("en", "Monthly statement")])
async def test_the_pdf_speaks_both_languages_and_is_the_same_again(billed: Billed, locale: str, title: str) -> None:
    await billed.travel("2026-04-03T00:00:00")
    await billed.settle()
    first = await billed.download("2026-03", f"pdf?lang={locale}")
    assert first.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(first.content)
    text = "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    number = (await billed.statement("2026-03", "number"))["number"]
    assert title in text
    assert str(number) in text
    assert text.count("100.00 CNY") == 22
    assert "2200.00" in text
    await billed.settle()
    assert (await billed.download("2026-03", f"pdf?lang={locale}")).content == first.content


@pytest.mark.parametrize(
    ("locale", "name"), [("zh", "扣费（观测云企业账户）"), ("en", "Collected (Enterprise account)")]
)
async def test_the_pdf_calls_channels_by_their_names(billed: Billed, locale: str, name: str) -> None:
    await billed.travel("2026-03-12T12:00:00")
    await billed.settle()
    document = pypdfium2.PdfDocument((await billed.download("2026-03", f"pdf?lang={locale}")).content)
    assert name in document[0].get_textpage().get_text_range()


VALIDATOR = Path(__file__).parents[2] / ".venv/focus/bin/focus-validator"
needs_validator = pytest.mark.skipif(
    not VALIDATOR.exists(), reason="the FOCUS validator is not installed: make .venv/.focus"
)


def validated(text: str, folder: Path) -> list[dict[str, str]]:
    """The rows of an export that passed the official validator."""
    export = folder / "export.csv"
    export.write_text(text)
    checked = subprocess.run(
        [VALIDATOR, "--data-file", export, "--validate-version", "1.0", "--output-type", "console"],
        capture_output=True,
        text=True,
        cwd=next(VALIDATOR.parents[1].glob("lib/*/site-packages")),  # it reads its currency codes from here
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Validation succeeded" in checked.stdout, checked.stdout
    return list(csv.DictReader(io.StringIO(text)))


@needs_validator
async def test_the_focus_export_passes_the_official_validator(billed: Billed, finance: Api, tmp_path: Path) -> None:
    await billed.travel("2026-04-03T00:00:00")
    await billed.settle()
    await billed.report("2026-03-20T09:00:00", 30)
    await billed.travel("2026-04-04T01:00:00")
    charges = (await billed.api.account(billed.account, "charges { nodes { id } }"))["charges"]["nodes"]
    given = await finance.call(
        "issueCreditNote", "creditNote { id }", chargeId=charges[0]["id"], amount="12.34", reason="an outage"
    )
    assert given["__typename"] == "IssueCreditNoteSuccess", given
    for month in ("2026-03", "2026-04"):
        rows = validated((await billed.download(month, "focus.csv")).text, tmp_path)
    assert {(row["ChargeCategory"], row["ChargeClass"], row["BilledCost"]) for row in rows} == {
        ("Usage", "", "100.00"),
        ("Usage", "Correction", "50.00"),
        ("Credit", "Correction", "-12.34"),
    }
    for row in rows:
        if row["ChargeCategory"] == "Usage":
            assert Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"]) == Decimal(row["ListCost"])


@needs_validator
async def test_instalments_and_their_credits_pass_the_official_validator_too(
    api: Api, finance: Api, travelling_clock: TravellingClock, tmp_path: Path
) -> None:
    mine, account, contract = await under_contract(api)
    charges = (await mine.account(account, "charges { nodes { id } }"))["charges"]["nodes"]
    await finance.call(
        "issueCreditNote", "creditNote { id }", chargeId=charges[0]["id"], amount="1000.00", reason="an outage"
    )
    url = f"http://billing.test/statements/{account}/2026-03.focus.csv"
    export = await api.http.get(url, headers={"Authorization": f"Bearer {mine.token}"})
    rows = validated(export.text, tmp_path)
    columns = ("ChargeCategory", "ChargeFrequency", "ChargeDescription", "BilledCost", "PricingQuantity")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("Purchase", "Recurring", f"Instalment of a contract, due on {contract['startsOn']}", "6000.00", "1.0"),
        ("Credit", "One-Time", f"Credit on what was charged for {contract['startsOn']}", "-1000.00", ""),
    ]
