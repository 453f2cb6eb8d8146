"""Usage is corrected, down as well, by who reported it and by staff, on record, and the day is adjusted."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.models import StaffRole
from app.bootstrap import Runtime
from app.worker import run_once
from tests.api.driver import Api, activate, advance, license_and_key, registered, upgraded
from tests.api.wallets import DAY, staff

REASON = "two hosts were counted twice"
CORRECTIONS = "corrections { hour quantityBefore quantityAfter reason correctedBy }"


class Customer:
    """A customer of 31 DataKits in the first hour of the first billed day, whose day closed."""

    def __init__(self, mine: Api, account: str, deployment: str, key: tuple[str, str], hour: str, day: str) -> None:
        self.mine, self.account, self.deployment, self.key, self.hour = mine, account, deployment, key, hour
        self.day = day

    async def correct(self, client: Api, count: int, **other: Any) -> Any:
        reports = [{"hour": self.hour, "dataKits": [f"dk-{n}" for n in range(count)]}]
        given = {"deploymentId": self.deployment, "reports": reports, "reason": REASON} | other
        return await client.call("correctUsage", CORRECTIONS, **given)

    async def report(self, count: int, mutation: str = "reportUsage", **other: Any) -> Any:
        reports = [{"hour": self.hour, "dataKits": [f"dk-{n}" for n in range(count)]}]
        fields = "accepted { count }" if mutation == "reportUsage" else CORRECTIONS
        client = Api(self.mine.http)
        given = {"fingerprint": "fingerprint-1", "reports": reports} | other
        return await client.call(mutation, fields, key=self.key, **given)

    async def charged(self) -> list[str]:
        charges = (await self.mine.account(self.account, "charges { nodes { day kind amount { amount } } }"))["charges"]
        return [one["amount"]["amount"] for one in charges["nodes"] if one["day"] == self.day]


async def customer(api: Api, runtime: Runtime) -> Customer:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    activated = await activate(mine, text, ak, sk)
    day = activated["account"]["upgrade"]["firstBilledDay"]
    await advance(mine, account, 8 * DAY)
    one = Customer(mine, account, activated["deployment"]["id"], (ak, sk), f"{day}T00:00:00+08:00", day)
    assert (await one.report(31))["accepted"] == [{"count": 31}]
    await advance(mine, account, 2 * DAY)
    await run_once(runtime.settings, runtime.host)
    assert await one.charged() == ["155.00"]
    return one


async def test_a_correction_by_an_administrator_adjusts_the_day(api: Api, runtime: Runtime) -> None:
    one = await customer(api, runtime)
    (corrected,) = (await one.correct(one.mine, 25))["corrections"]
    assert (corrected["quantityBefore"], corrected["quantityAfter"], corrected["reason"]) == (31, 25, REASON)
    assert corrected["correctedBy"].endswith("@example.com")
    await run_once(runtime.settings, runtime.host)
    assert await one.charged() == ["155.00", "-30.00"]
    kept = await one.mine.account(one.account, "usageCorrections { nodes { quantityAfter meter deployment { id } } }")
    assert kept["usageCorrections"]["nodes"] == [
        {"quantityAfter": 25, "meter": "datakit", "deployment": {"id": one.deployment}}
    ]


async def test_what_is_repeated_or_late_does_not_bring_back_what_was_corrected(api: Api, runtime: Runtime) -> None:
    one = await customer(api, runtime)
    await one.correct(one.mine, 0)
    assert (await one.report(31))["accepted"] == [{"count": 0}]
    await run_once(runtime.settings, runtime.host)
    assert await one.charged() == ["155.00", "-55.00"], "the minimum of 20 stays"
    await one.correct(one.mine, 40)
    await run_once(runtime.settings, runtime.host)
    assert await one.charged() == ["155.00", "-55.00", "100.00"]


async def test_the_deployment_corrects_what_it_reported(api: Api, runtime: Runtime) -> None:
    one = await customer(api, runtime)
    (corrected,) = (await one.report(21, "correctReportedUsage", reason=REASON))["corrections"]
    assert (corrected["quantityAfter"], corrected["correctedBy"]) == (21, "fingerprint-1")
    unsigned = await Api(api.http).call(
        "correctReportedUsage", CORRECTIONS, fingerprint="fingerprint-1", reports=[], reason=REASON
    )
    assert unsigned["code"] == "INVALID_SIGNATURE"


@pytest.mark.parametrize(("role", "answer"), [(StaffRole.FINANCE, None), (StaffRole.ACCOUNT_MANAGER, "NOT_FOUND")])
async def test_which_staff_may_correct(api: Api, runtime: Runtime, role: StaffRole, answer: str | None) -> None:
    one = await customer(api, runtime)
    assert (await one.correct(await staff(api, [role]), 22)).get("code") == answer


async def test_an_old_hour_is_corrected_by_staff_alone(api: Api, runtime: Runtime) -> None:
    one = await customer(api, runtime)
    await advance(one.mine, one.account, 32 * DAY)
    refused = await one.correct(one.mine, 22)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["reports", "0", "hour"])
    assert "staff" in refused["message"]
    assert (await one.correct(await staff(api), 22))["corrections"][0]["correctedBy"].endswith("@staff.example")


async def test_what_cannot_be_corrected_is_refused_and_nothing_is_written(api: Api, runtime: Runtime) -> None:
    one = await customer(api, runtime)
    nothing = {"hour": f"{one.day}T01:00:00+08:00", "dataKits": ["dk-1"]}
    known = {"hour": one.hour, "dataKits": ["dk-1"]}
    for reports, path in (([known, nothing], ["reports", "1", "hour"]), ([], ["reports"])):
        refused = await one.correct(one.mine, 1, reports=reports)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", path)
    assert (await one.correct(one.mine, 1, reason=" "))["path"] == ["reason"]
    kept = await one.mine.account(one.account, "usageCorrections { totalCount }")
    assert kept["usageCorrections"]["totalCount"] == 0
    stranger, _ = await registered(api)
    assert (await one.correct(stranger, 1))["code"] == "NOT_FOUND"


async def test_a_credited_day_is_not_adjusted_below_zero(api: Api, runtime: Runtime) -> None:
    one = await customer(api, runtime)
    finance = await staff(api)
    charges = (await one.mine.account(one.account, "charges { nodes { id day } }"))["charges"]["nodes"]
    (charge,) = (found["id"] for found in charges if found["day"] == one.day)
    await finance.call("issueCreditNote", "creditNote { id }", chargeId=charge, amount="140.00", reason="an outage")
    await one.correct(one.mine, 20)
    await run_once(runtime.settings, runtime.host)
    assert sorted(await one.charged()) == ["-140.00", "-15.00", "155.00"]
