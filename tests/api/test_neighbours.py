"""What an account has is the same whoever else there is: no query forgets whose rows it means."""

from __future__ import annotations

from datetime import timedelta

from app.bootstrap import Runtime
from app.jobs.models import Job
from app.worker import run_once
from tests.api.driver import Api, activate, advance, license_and_key, upgraded
from tests.api.snapshots import snapshot
from tests.api.wallets import DAY, staff, titled, topped_up
from tests.applications.steps import TODAY, any_terms, terms, under_contract
from tests.conftest import TravellingClock

LATER = "2027-01-01T00:00:00Z"


async def test_two_that_do_the_same_have_the_same_and_each_what_it_has_alone(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    finance = await staff(api)
    first, one = await busy(api, runtime, finance, travelling_clock)
    alone = await snapshot(first, one)
    second, other = await busy(api, runtime, finance, travelling_clock)
    assert await snapshot(second, other) == alone
    await run_once(runtime.settings, runtime.host)
    assert await snapshot(first, one) == alone


async def test_two_under_contract_have_the_same_and_each_what_it_has_alone(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    await any_terms()

    async def contracted() -> tuple[Api, str]:
        await Job.all().delete()
        made = terms(TODAY, 30, (TODAY, "6000.00"), (TODAY + timedelta(days=9), "6000.00"))
        mine, account, _ = await under_contract(api, **made)
        await mine.call("createLicense", "license { id }", accountId=account, label="x")
        await advance(mine, account, 40 * DAY)
        await run_once(runtime.settings, runtime.host)
        return mine, account

    first, one = await contracted()
    alone = await snapshot(first, one)
    second, other = await contracted()
    assert await snapshot(second, other) == alone
    assert await snapshot(first, one) == alone


async def busy(api: Api, runtime: Runtime, finance: Api, travelling_clock: TravellingClock) -> tuple[Api, str]:
    """An account that pays as it goes: usage in time and late, money in and given back, an invoice, a budget."""
    await Job.all().delete()
    mine, account = await upgraded(api)
    await mine.call("setBudget", "__typename", accountId=account, amount="900.00", thresholds=[50, 100])
    await mine.call("setBalanceAlert", "__typename", accountId=account, days=30)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    await topped_up(mine, finance, account, "2000.00")
    await finance.call("issueVoucher", "__typename", accountId=account, amount="120.00", expiresAt=LATER, note="x")
    await mine.call("purchaseCard", "__typename", accountId=account, amount="300")
    await advance(mine, account, 9 * DAY)
    await run_once(runtime.settings, runtime.host)
    for hour, count in (("2026-03-11T01:00:00Z", 30), ("2026-03-10T01:00:00Z", 41), ("2026-03-09T23:00:00Z", 25)):
        reports = [{"hour": hour, "dataKits": [f"dk-{number}" for number in range(count)]}]
        told = await api.call("reportUsage", "__typename", (ak, sk), fingerprint="fingerprint-1", reports=reports)
        assert told["__typename"] == "ReportUsageSuccess", told
        await advance(mine, account, 3600)
        await run_once(runtime.settings, runtime.host)
    charges = (await mine.account(account, "charges(first: 2) { nodes { id } }"))["charges"]["nodes"]
    for charge, amount in zip(charges, ("7.00", "11.00"), strict=True):
        await finance.call("issueCreditNote", "__typename", chargeId=charge["id"], amount=amount, reason="x")
    await advance(mine, account, 40 * DAY)
    await run_once(runtime.settings, runtime.host)
    title = await titled(mine, account)
    asked = await mine.call(
        "requestInvoice", "__typename", accountId=account, titleId=title, months=["2026-03"], email="a@acme.example"
    )
    assert asked["__typename"] == "RequestInvoiceSuccess", asked
    await Job.all().delete()
    await run_once(runtime.settings, runtime.host)
    return mine, account
