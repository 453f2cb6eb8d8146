"""The journey through the API: every step, in order and out of order, and the three ends of the free period."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.billing.ledger import check
from app.bootstrap import Runtime
from app.settlement.settling import settle_due
from tests.api.driver import (
    PAY_AS_YOU_GO,
    Api,
    Enum,
    activate,
    advance,
    agreed,
    license_and_key,
    registered,
    upgraded,
)
from tests.conftest import TravellingClock

DAY = 86_400


async def actions(api: Api, account: str) -> list[str]:
    found = await api.account(account, "nextSteps { action }")
    return [step["action"] for step in found["nextSteps"]]


async def test_next_steps_lead_from_community_to_billed(api: Api) -> None:
    mine, account = await registered(api)
    assert await actions(mine, account) == ["CHOOSE_EDITION"]
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    assert await actions(mine, account) == ["ACCEPT_AGREEMENT"]
    assert (await mine.account(account, "edition"))["edition"] == "COMMUNITY"
    await agreed(mine, account)
    assert await actions(mine, account) == ["CHOOSE_SETTLEMENT_CHANNEL"]
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    assert (await mine.account(account, "edition"))["edition"] == "PAY_AS_YOU_GO"
    assert await actions(mine, account) == ["CREATE_LICENSE", "CREATE_ACCESS_KEY", "ACTIVATE_LICENSE"]
    text, ak, sk = await license_and_key(mine, account)
    assert await actions(mine, account) == ["ACTIVATE_LICENSE"]
    assert (await activate(mine, text, ak, sk))["account"]["upgrade"]["state"] == "ACTIVE"
    assert await actions(mine, account) == ["REPORT_USAGE"]


@pytest.mark.parametrize(
    ("steps", "mutation", "arguments", "missing"),
    [
        (0, "chooseSettlementChannel", {"channel": "guance"}, "CHOOSE_EDITION"),
        (0, "createLicense", {"label": "x"}, "CHOOSE_EDITION"),
        (1, "chooseSettlementChannel", {"channel": "guance"}, "ACCEPT_AGREEMENT"),
        (1, "createLicense", {"label": "x"}, "ACCEPT_AGREEMENT"),
        (2, "createLicense", {"label": "x"}, "CHOOSE_SETTLEMENT_CHANNEL"),
        (2, "requestTopUp", {"amount": "1.00"}, "CHOOSE_SETTLEMENT_CHANNEL"),
    ],
)
async def test_a_step_out_of_order_names_the_missing_one(
    api: Api, steps: int, mutation: str, arguments: dict[str, Any], missing: str
) -> None:
    mine, account = await registered(api)
    if steps > 0:
        await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    if steps > 1:
        await agreed(mine, account)
    before = await mine.account(account, "events { totalCount } upgrade { state }")
    refused = await mine.call(mutation, "__typename", accountId=account, **arguments)
    assert refused["__typename"] == "StepOutOfOrderError"
    assert missing.replace("_", " ").lower() in refused["message"]
    assert await mine.account(account, "events { totalCount } upgrade { state }") == before


async def test_activated_in_time_is_billed_from_the_first_day_that_begins_after_the_free_period(
    api: Api, travelling_clock: TravellingClock, runtime: Runtime
) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await advance(mine, account, 7 * DAY - 1)
    active = await activate(mine, text, ak, sk)
    assert active["account"]["upgrade"] == {"state": "ACTIVE", "firstBilledDay": "2026-03-10"}
    await advance(mine, account, int(timedelta(days=2).total_seconds()))
    found = await mine.account(
        account, "charges { nodes { day quantity billedQuantity amount { amount currency } } } edition"
    )
    assert found == {
        "edition": "PAY_AS_YOU_GO",
        "charges": {
            "nodes": [
                {
                    "day": "2026-03-10",
                    "quantity": 0,
                    "billedQuantity": 20,
                    "amount": {"amount": "100.00", "currency": "CNY"},
                }
            ]
        },
    }
    await settle_due(runtime.host)
    settled = await mine.account(account, "charges { nodes { settlement { state } } } wallet { balance { amount } }")
    assert settled["charges"]["nodes"][0]["settlement"]["state"] == "SETTLED"
    assert settled["wallet"]["balance"]["amount"] == "-100.00"
    assert await check() == []


async def test_not_activated_falls_back_at_the_second_the_free_period_ends(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    await advance(mine, account, 7 * DAY - 1)
    assert (await mine.account(account, "edition"))["edition"] == "PAY_AS_YOU_GO"
    await advance(mine, account, 1)
    found = await mine.account(
        account, "edition upgrade { state endedAt freePeriodEndsAt } events(last: 1) { nodes { type reason } }"
    )
    assert found["edition"] == "COMMUNITY"
    assert found["upgrade"]["state"] == "LAPSED"
    assert found["upgrade"]["endedAt"] == found["upgrade"]["freePeriodEndsAt"]
    assert found["events"]["nodes"][0]["type"] == "upgrade.lapsed"
    assert "free period" in found["events"]["nodes"][0]["reason"]


async def test_activated_late_is_upgraded_again_and_billed_from_that_day_without_a_second_free_period(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await advance(mine, account, 20 * DAY)
    again = await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    assert again["__typename"] == "UpgradeConflictError"
    active = await activate(mine, text, ak, sk)
    assert active["account"]["edition"] == "PAY_AS_YOU_GO"
    assert active["account"]["upgrade"] == {"state": "ACTIVE", "firstBilledDay": "2026-03-22"}
    await advance(mine, account, DAY)
    found = await mine.account(account, "charges { nodes { day } } upgrade { freePeriodEndsAt }")
    assert found["charges"]["nodes"] == [{"day": "2026-03-22"}]
    assert found["upgrade"]["freePeriodEndsAt"] is None


async def test_the_day_counts_its_largest_hour_and_late_usage_adjusts_it(
    api: Api, travelling_clock: TravellingClock, runtime: Runtime
) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    await advance(mine, account, 8 * DAY)

    async def report(hour: str, count: int, prefix: str = "dk") -> dict[str, object]:
        kits = [f"{prefix}-{n}" for n in range(count)]
        return dict(
            await mine.call(
                "reportUsage",
                "accepted { hour count }",
                (ak, sk),
                fingerprint="fingerprint-1",
                reports=[{"hour": hour, "dataKits": kits}],
            )
        )

    assert (await report("2026-03-10T09:00:00+08:00", 30))["accepted"] == [
        {"hour": "2026-03-10T01:00:00+00:00", "count": 30}
    ]
    await report("2026-03-10T10:00:00+08:00", 25, "other")
    await report("2026-03-10T09:00:00+08:00", 30)
    found = await mine.account(
        account, 'usage(from: "2026-03-10", to: "2026-03-10") { meter { key } days { day quantity } }'
    )
    assert found["usage"] == [{"meter": {"key": "datakit"}, "days": [{"day": "2026-03-10", "quantity": 30}]}]
    await advance(mine, account, DAY)
    await report("2026-03-10T09:00:00+08:00", 10, "late")
    await advance(mine, account, 1)
    charged = await mine.account(
        account,
        "charges { nodes { kind day quantity amount { amount } } } "
        'statement(month: "2026-03") { total { amount currency } settled { amount } }',
    )
    assert charged["charges"]["nodes"][0] == {
        "kind": "DAILY",
        "day": "2026-03-10",
        "quantity": 30,
        "amount": {"amount": "150.00"},
    }
    late = [charge for charge in charged["charges"]["nodes"] if charge["kind"] == "ADJUSTMENT"]
    assert late == [{"kind": "ADJUSTMENT", "day": "2026-03-10", "quantity": 40, "amount": {"amount": "50.00"}}]
    while await settle_due(runtime.host):
        pass
    statement = (await mine.account(account, 'statement(month: "2026-03") { total { amount } settled { amount } }'))[
        "statement"
    ]
    assert statement["total"] == statement["settled"]
    assert await check() == []


async def test_two_members_who_press_the_same_button_at_once_do_it_once(api: Api) -> None:
    mine, account = await upgraded(api)
    answers = await asyncio.gather(
        *(mine.call("createLicense", "license { id }", accountId=account, label="x") for _ in range(8))
    )
    assert sorted(answer["__typename"] for answer in answers) == ["CreateLicenseSuccess"] + ["LicenseLimitError"] * 7


async def test_an_idempotency_key_answers_the_same_and_conflicts_with_another_input(api: Api) -> None:
    mine, account = await registered(api)
    make: dict[str, Any] = {"accountId": account, "idempotencyKey": "once"}
    answers = await asyncio.gather(
        *(mine.call("createAccessKey", "accessKey { id ak } sk", label="a", **make) for _ in range(5))
    )
    assert len({(answer["accessKey"]["ak"], answer["sk"]) for answer in answers}) == 1
    assert (await mine.account(account, "accessKeys { totalCount }"))["accessKeys"]["totalCount"] == 1
    other = await mine.call("createAccessKey", "sk", label="b", **make)
    assert other["__typename"] == "IdempotencyConflictError"


async def test_editions_by_application_and_community_are_refused(api: Api) -> None:
    mine, account = await registered(api)
    for edition, error in (
        ("SUBSCRIPTION", "EditionByApplicationError"),
        ("LICENSED", "EditionByApplicationError"),
        ("COMMUNITY", "InvalidInputError"),
    ):
        refused = await mine.call("upgradeEdition", "account { id }", accountId=account, edition=Enum(edition))
        assert refused["__typename"] == error
