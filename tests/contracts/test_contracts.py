"""Contracts at their edges: who cannot collect them, arrears, credits, licenses ahead of time, and coming back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app import clock
from app.accounts.models import Account, StaffRole
from app.api.node import decode_id
from app.billing.ledger import balances, check
from app.bootstrap import Runtime
from app.closing.days import close_due
from app.closing.models import BillingDay
from app.contracts.models import Contract
from app.contracts.terms import unbroken_since
from app.journey.contracts import advance_contracts
from app.refusals import hint
from app.settlement.models import ChannelBinding
from app.worker import run_once
from tests.api.driver import Api, Enum, activate, advance, agreed, license_and_key, registered, upgraded
from tests.api.wallets import staff, topped_up
from tests.applications.steps import (
    DAY,
    LICENSED,
    STEPS,
    SUBSCRIPTION,
    TODAY,
    accepted,
    agreed_and_accepted,
    any_terms,
    apply,
    charged,
    event_types,
    offered,
    steps,
    terms,
    under_contract,
)
from tests.billing.factory import plan_of
from tests.conftest import TravellingClock

LICENSES = "licenses { nodes { id state notBefore expiresAt } }"


@pytest.fixture(autouse=True)
async def stand_still(travelling_clock: TravellingClock, database: str) -> None:
    """Every test begins in the evening of TODAY in Shanghai, and contracts are for any days."""
    await any_terms()


@pytest.mark.parametrize(
    ("channel", "currency", "said"),
    [("guance", "USD", "guance cannot collect charges in USD"), ("aws", "CNY", "aws cannot"),
     ("aliyun", "CNY", "aliyun cannot")],
)  # fmt: skip
async def test_an_offer_that_the_channel_cannot_collect_is_not_accepted(
    api: Api, channel: str, currency: str, said: str
) -> None:
    mine, account = await registered(api)
    _, _, offer = await offered(api, mine, account, **terms(currency=currency))
    await agreed(mine, account)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    await ChannelBinding.all().update(channel=channel)
    refused = await accepted(mine, offer)
    assert (refused["code"], refused["path"]) == ("APPLICATION_CONFLICT", ["offerId"])
    assert said in refused["message"]
    assert (await mine.account(account, "contracts { nodes { id } } applications { nodes { state } }")) == {
        "contracts": {"nodes": []},
        "applications": {"nodes": [{"state": "OFFERED"}]},
    }


async def test_an_offer_that_costs_nothing_needs_no_channel(api: Api) -> None:
    mine, account = await registered(api)
    _, _, offer = await offered(api, mine, account, **terms(TODAY, 30, price="0", schedule=[]))
    await agreed(mine, account)
    assert (await accepted(mine, offer))["contract"]["state"] == "ACTIVE"


async def test_the_service_of_a_contract_in_arrears_ends_with_its_licenses_and_what_is_not_due_is_never_charged(
    api: Api, runtime: Runtime
) -> None:
    parts = ((TODAY, "7000.00"), (TODAY + timedelta(days=40), "5000.00"))
    mine, account, first = await under_contract(api, **terms(TODAY, 60, *parts))
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    application = (await apply(mine, account, LICENSED))["application"]["id"]
    await manager.call("takeApplication", "application { id }", applicationId=application)
    after = date.fromisoformat(first["endsOn"]) + timedelta(days=1)
    renewal = terms(after, 30, (after, "12000.00"))
    made = await manager.call("makeOffer", "offer { id }", applicationId=application, **renewal)
    assert (await agreed_and_accepted(mine, account, made["offer"]["id"]))["contract"]["state"] == "SCHEDULED"
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    await run_once(runtime.settings, runtime.host)
    await advance(mine, account, 15 * DAY)
    await run_once(runtime.settings, runtime.host)
    why: dict[str, Any] = {"accountId": account, "reason": "unpaid since March"}
    await manager.call("sendFinalNotice", "account { id }", **why)
    ended = await manager.call("endService", "account { edition contracts { nodes { state } } }", **why)
    assert ended["account"] == {
        "edition": "COMMUNITY",
        "contracts": {"nodes": [{"state": "ENDED"}, {"state": "ENDED"}]},
    }
    assert [held["state"] for held in (await mine.account(account, LICENSES))["licenses"]["nodes"]] == ["REVOKED"]
    types = await event_types(mine, account)
    assert (types.count("contract.ended"), types.count("contract.cancelled")) == (1, 1)
    await advance(mine, account, 100 * DAY)
    await run_once(runtime.settings, runtime.host)
    assert await charged(mine, account) == [(TODAY.isoformat(), "INSTALMENT", "7000.00")]
    assert await check() == []
    await topped_up(mine, await staff(api), account, "7000.00")
    assert await steps(mine, account) == ["CHOOSE_EDITION"]


async def test_an_instalment_that_is_due_before_the_worker_came_is_charged_when_the_service_ends(
    api: Api, runtime: Runtime
) -> None:
    due = TODAY + timedelta(days=20)
    mine, account, _ = await under_contract(api, **terms(TODAY, 60, (TODAY, "7000.00"), (due, "5000.00")))
    await run_once(runtime.settings, runtime.host)
    await advance(mine, account, 16 * DAY)
    await run_once(runtime.settings, runtime.host)
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    why: dict[str, Any] = {"accountId": account, "reason": "unpaid since March"}
    await manager.call("sendFinalNotice", "account { id }", **why)
    await Account.filter(id=decode_id(account, "Account", "id")).update(clock_offset_seconds=20 * DAY)
    assert (await manager.call("endService", "account { edition }", **why))["account"] == {"edition": "COMMUNITY"}
    expected = [(TODAY.isoformat(), "INSTALMENT", "7000.00"), (due.isoformat(), "INSTALMENT", "5000.00")]
    assert await charged(mine, account) == expected


async def test_an_account_whose_contract_cannot_be_charged_does_not_hold_up_the_others(
    api: Api, travelling_clock: TravellingClock
) -> None:
    due = TODAY + timedelta(days=2)
    made = [await under_contract(api, **terms(due, 60, (due, "12000.00"))) for _ in range(2)]
    (_, bad, _), (mine, good, _) = sorted(made, key=lambda one: decode_id(one[1], "Account", "id"))
    await ChannelBinding.filter(account_id=decode_id(bad, "Account", "id")).delete()
    travelling_clock.forward(days=3)
    await advance_contracts()
    assert await charged(mine, good) == [(due.isoformat(), "INSTALMENT", "12000.00")]
    assert (await Contract.get(account_id=decode_id(bad, "Account", "id"))).state == "SCHEDULED"


@pytest.mark.parametrize("amount", ["500.00", "6000.00"])
async def test_an_instalment_is_credited_in_part_or_whole_and_no_further(
    api: Api, runtime: Runtime, amount: str
) -> None:
    mine, account, contract = await under_contract(api)
    finance = await staff(api)
    await topped_up(mine, finance, account, "6000.00")
    await run_once(runtime.settings, runtime.host)
    found = await mine.account(account, "charges { nodes { id } }")
    charge = found["charges"]["nodes"][0]["id"]
    given = await finance.call(
        "issueCreditNote", "creditNote { charge { kind day } }", chargeId=charge, amount=amount, reason="an outage"
    )
    assert given["creditNote"]["charge"] == {"kind": "CREDIT_NOTE", "day": TODAY.isoformat()}
    beyond = await finance.call(
        "issueCreditNote", "creditNote { id }", chargeId=charge, amount="6000.01", reason="more than there is"
    )
    assert beyond["code"] == "CREDIT_LIMIT"
    await run_once(runtime.settings, runtime.host)
    assert await charged(mine, account) == [
        (TODAY.isoformat(), "CREDIT_NOTE", f"-{amount}"),
        (TODAY.isoformat(), "INSTALMENT", "6000.00"),
    ]
    wallet = await mine.account(account, "wallet { balance { amount } }")
    assert wallet["wallet"]["balance"]["amount"] == amount
    assert (await balances(decode_id(account, "Account", "id"))).get(("receivable", "CNY"), 0) == 0
    assert [one["charge"] is not None for one in contract["instalments"]] == [True, False]
    assert await check() == []


async def test_a_credited_instalment_does_not_disturb_the_day_that_it_was_due_on(api: Api, runtime: Runtime) -> None:
    """The instalment is due, and credited, on a day that pay as you go still bills."""
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    begins, due = TODAY + timedelta(days=12), TODAY + timedelta(days=9)
    _, _, offer = await offered(api, mine, account, **terms(begins, 30, (due, "12000.00")))
    await agreed_and_accepted(mine, account, offer)
    await advance(mine, account, 9 * DAY)
    finance = await staff(api)
    found = await mine.account(account, "charges { nodes { id kind } }")
    (instalment,) = [one["id"] for one in found["charges"]["nodes"] if one["kind"] == "INSTALMENT"]
    await finance.call("issueCreditNote", "creditNote { id }", chargeId=instalment, amount="1000.00", reason="agreed")
    await advance(mine, account, 2 * DAY)
    hour = f"{due}T09:00:00+08:00"
    kits = [f"dk-{n}" for n in range(30)]
    await mine.call(
        "reportUsage", "accepted { count }", (ak, sk), fingerprint="fingerprint-1",
        reports=[{"hour": hour, "dataKits": kits}],
    )  # fmt: skip
    await close_due()
    assert [one for one in await charged(mine, account) if one[0] == due.isoformat()] == [
        (due.isoformat(), "ADJUSTMENT", "50.00"),
        (due.isoformat(), "CREDIT_NOTE", "-1000.00"),
        (due.isoformat(), "DAILY", "100.00"),
        (due.isoformat(), "INSTALMENT", "12000.00"),
    ]
    assert await check() == []


async def test_a_license_of_a_contract_to_come_is_not_valid_before_it(api: Api) -> None:
    begins = TODAY + timedelta(days=5)
    mine, account, _ = await under_contract(api, **terms(begins, 30, (begins, "12000.00")))
    text, ak, sk = await license_and_key(mine, account)
    (held,) = (await mine.account(account, LICENSES))["licenses"]["nodes"]
    assert held["notBefore"] == "2026-03-06T16:00:00+00:00"
    early = await activate(mine, text, ak, sk)
    assert (early["code"], hint("NOT_YET_VALID", "en") in early["message"]) == ("INVALID_LICENSE", True)
    rotated = await mine.call("rotateLicense", "license { text notBefore }", licenseId=held["id"])
    assert rotated["license"]["notBefore"] == held["notBefore"]
    found = await mine.account(account, "edition nextSteps { action reason }")
    assert (found["edition"], found["nextSteps"][-1]["action"]) == ("COMMUNITY", "ACTIVATE_LICENSE")
    assert f"from {begins} on" in found["nextSteps"][-1]["reason"]
    await advance(mine, account, 5 * DAY)
    done = await activate(mine, rotated["license"]["text"], ak, sk)
    assert done["account"] == {"id": account, "edition": "SUBSCRIPTION", "upgrade": None}


async def renewed(api: Api, mine: Api, account: str, first: Any, edition: Enum) -> Any:
    """The contract that begins the day after the first."""
    after = date.fromisoformat(first["endsOn"]) + timedelta(days=1)
    _, _, offer = await offered(api, mine, account, edition, **terms(after, 30, (after, "12000.00")))
    return (await agreed_and_accepted(mine, account, offer))["contract"]


async def test_deployments_change_over_to_a_renewal_without_a_gap(api: Api) -> None:
    mine, account, first = await under_contract(api, **terms(TODAY, 30, (TODAY, "12000.00")))
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    renewal = await renewed(api, mine, account, first, SUBSCRIPTION)
    license_of = {"accountId": account, "label": "next", "contractId": renewal["id"]}
    created = await mine.call("createLicense", "license { text notBefore }", **license_of)
    assert datetime.fromisoformat(created["license"]["notBefore"]).date() == TODAY
    assert (await activate(mine, created["license"]["text"], ak, sk))["__typename"] == "ActivateLicenseSuccess"
    await advance(mine, account, 31 * DAY)
    await advance_contracts()
    assert (await mine.account(account, "edition"))["edition"] == "SUBSCRIPTION"
    reported = await mine.call(
        "reportUsage", "receipt { validUntil }", (ak, sk), fingerprint="fingerprint-1",
        reports=[{"hour": f"{renewal['startsOn']}T08:00:00+08:00", "dataKits": ["dk-1"]}],
    )  # fmt: skip
    assert reported["receipt"]["validUntil"]


async def test_a_license_of_another_edition_is_not_valid_before_its_contract_follows(api: Api) -> None:
    mine, account, first = await under_contract(api, **terms(TODAY, 30, (TODAY, "12000.00")))
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    following = await renewed(api, mine, account, first, LICENSED)
    license_of = {"accountId": account, "label": "next", "contractId": following["id"]}
    made = (await mine.call("createLicense", "license { text edition notBefore }", **license_of))["license"]
    assert (made["edition"], made["notBefore"]) == ("LICENSED", "2026-03-31T16:00:00+00:00")
    assert hint("NOT_YET_VALID", "en") in (await activate(mine, made["text"], ak, sk))["message"]
    await advance(mine, account, 30 * DAY)
    assert (await activate(mine, made["text"], ak, sk))["account"]["edition"] == "LICENSED"


async def test_a_chain_of_contracts_is_broken_by_another_edition_or_a_day_between() -> None:
    plan = await plan_of(2, time_zone="UTC")

    def contract(edition: Enum, first: int, last: int) -> Contract:
        days = {"starts_on": date(2026, 3, first), "ends_on": date(2026, 3, last)}
        return Contract(edition=edition, plan=plan, **days)

    live = [contract(SUBSCRIPTION, 1, 2), contract(LICENSED, 3, 4), contract(LICENSED, 5, 6), contract(LICENSED, 8, 9)]
    assert [unbroken_since(one, live).day for one in live] == [1, 3, 3, 8]


async def to_come(api: Api, mine: Api, account: str) -> Any:
    """A contract of an upgraded account that begins four weeks from now."""
    begins = TODAY + timedelta(days=28)
    _, _, offer = await offered(api, mine, account, **terms(begins, 30, (begins, "12000.00")))
    assert await steps(mine, account) == [
        "ACCEPT_AGREEMENT", "ACCEPT_OFFER", "CREATE_LICENSE", "CREATE_ACCESS_KEY", "ACTIVATE_LICENSE"
    ]  # fmt: skip
    return (await agreed_and_accepted(mine, account, offer))["contract"]


async def test_a_free_period_is_finished_though_a_contract_is_to_come(api: Api) -> None:
    mine, account = await upgraded(api)
    contract = await to_come(api, mine, account)
    found = await mine.account(account, f"{STEPS} upgrade {{ freePeriodEndsAt }}")
    end = found["upgrade"]["freePeriodEndsAt"]
    assert [(step["action"], step["deadline"]) for step in found["nextSteps"]] == [
        ("CREATE_LICENSE", end), ("CREATE_ACCESS_KEY", end), ("ACTIVATE_LICENSE", end),
        ("CREATE_LICENSE", None), ("ACTIVATE_LICENSE", None),
    ]  # fmt: skip
    license_of = {"accountId": account, "label": "next", "contractId": contract["id"]}
    made = (await mine.call("createLicense", "license { text edition notBefore }", **license_of))["license"]
    assert (made["edition"], made["notBefore"]) == ("SUBSCRIPTION", "2026-03-29T16:00:00+00:00")
    assert (await steps(mine, account))[0] == "CREATE_LICENSE"
    text, ak, sk = await license_and_key(mine, account)
    assert (await activate(mine, text, ak, sk))["account"]["upgrade"]["state"] == "ACTIVE"
    assert await steps(mine, account) == ["REPORT_USAGE", "ACTIVATE_LICENSE"]
    await advance(mine, account, 27 * DAY)
    assert (await mine.account(account, "edition"))["edition"] == "PAY_AS_YOU_GO"
    await advance(mine, account, DAY)
    assert await steps(mine, account) == ["ACTIVATE_LICENSE"]
    assert (await activate(mine, made["text"], ak, sk))["account"]["edition"] == "SUBSCRIPTION"
    assert await steps(mine, account) == ["REPORT_USAGE"]


async def test_pay_as_you_go_adds_a_deployment_before_its_contract_begins(api: Api) -> None:
    mine, account = await upgraded(api)
    await to_come(api, mine, account)
    for fingerprint in ("fingerprint-1", "fingerprint-2"):
        text, ak, sk = await license_and_key(mine, account)
        done = await activate(mine, text, ak, sk, fingerprint)
        assert done["account"]["edition"] == "PAY_AS_YOU_GO"
    await advance(mine, account, 28 * DAY)
    made = await mine.call("createLicense", "license { edition }", accountId=account, label="x")
    assert made["license"]["edition"] == "SUBSCRIPTION"


async def test_after_the_free_period_an_account_is_upgraded_again_before_its_contract_begins(api: Api) -> None:
    mine, account = await upgraded(api)
    await to_come(api, mine, account)
    await advance(mine, account, 10 * DAY)
    assert (await mine.account(account, "edition"))["edition"] == "COMMUNITY"
    text, ak, sk = await license_and_key(mine, account)
    assert (await activate(mine, text, ak, sk))["account"]["edition"] == "PAY_AS_YOU_GO"
    await advance(mine, account, 30 * DAY)
    await close_due()
    days = [(date(2026, 3, day).isoformat(), "DAILY", "100.00") for day in range(12, 30)]
    assert await charged(mine, account) == [*days, ("2026-03-30", "INSTALMENT", "12000.00")]


async def test_a_license_of_another_accounts_contract_is_not_made(api: Api) -> None:
    _, _, contract = await under_contract(api)
    other, account, _ = await under_contract(api)
    refused = await other.call(
        "createLicense", "license { id }", accountId=account, label="x", contractId=contract["id"]
    )
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["contractId"])


async def test_above_the_limit_of_the_contract_the_next_steps_say_so(api: Api) -> None:
    mine, account, _ = await under_contract(api, **terms(dkLimit=2))
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)

    async def connect(count: int) -> None:
        kits = [f"dk-{n}" for n in range(count)]
        await mine.call(
            "reportUsage", "accepted { count }", (ak, sk), fingerprint="fingerprint-1",
            reports=[{"hour": "2026-03-02T10:00:00Z", "dataKits": kits}],
        )  # fmt: skip

    await connect(2)
    assert await steps(mine, account) == ["REPORT_USAGE"]
    await connect(3)
    found = await mine.account(account, "nextSteps { action mutation reason }")
    assert [step["action"] for step in found["nextSteps"]] == ["RAISE_DK_LIMIT", "REPORT_USAGE"]
    assert found["nextSteps"][0]["mutation"] == "applyForEdition"
    assert found["nextSteps"][0]["reason"].startswith("3 DataKits are connected, 2 are licensed.")
    await advance(mine, account, DAY)
    assert await steps(mine, account) == ["REPORT_USAGE"]


async def test_who_comes_back_after_a_contract_has_no_second_free_period(api: Api) -> None:
    mine, account = await upgraded(api)
    _, _, offer = await offered(api, mine, account, **terms(TODAY, 30, (TODAY, "12000.00")))
    await agreed_and_accepted(mine, account, offer)
    await advance(mine, account, 30 * DAY)
    back = TODAY + timedelta(days=30)
    assert (await mine.account(account, "edition"))["edition"] == "COMMUNITY"
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=Enum("PAY_AS_YOU_GO"))
    await agreed(mine, account)
    chosen = await mine.call(
        "chooseSettlementChannel", "account { edition upgrade { state freePeriodEndsAt } }", accountId=account,
        channel="guance",
    )  # fmt: skip
    assert chosen["account"] == {"edition": "COMMUNITY", "upgrade": {"state": "LAPSED", "freePeriodEndsAt": None}}
    assert await steps(mine, account) == ["CREATE_LICENSE", "CREATE_ACCESS_KEY", "ACTIVATE_LICENSE"]
    (*_, last) = (await mine.account(account, "nextSteps { reason deadline }"))["nextSteps"]
    assert "There is no free period any more" in last["reason"]
    assert last["deadline"] is None
    await advance(mine, account, 10 * DAY)
    text, ak, sk = await license_and_key(mine, account)
    done = await activate(mine, text, ak, sk)
    again = back + timedelta(days=10)
    assert done["account"]["upgrade"] == {"state": "ACTIVE", "firstBilledDay": again.isoformat()}
    assert done["account"]["edition"] == "PAY_AS_YOU_GO"
    await advance(mine, account, 2 * DAY)
    assert await charged(mine, account) == [
        (TODAY.isoformat(), "INSTALMENT", "12000.00"),
        (again.isoformat(), "DAILY", "100.00"),
        ((again + timedelta(days=1)).isoformat(), "DAILY", "100.00"),
    ]
    assert await check() == []


async def test_a_contract_first_leaves_the_free_period_for_later(api: Api) -> None:
    mine, account, _ = await under_contract(api, **terms(TODAY, 30, (TODAY, "12000.00")))
    await advance(mine, account, 30 * DAY)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=Enum("PAY_AS_YOU_GO"))
    await agreed(mine, account)
    chosen = await mine.call(
        "chooseSettlementChannel", "account { edition upgrade { state } }", accountId=account, channel="guance"
    )
    assert chosen["account"] == {"edition": "PAY_AS_YOU_GO", "upgrade": {"state": "FREE_PERIOD"}}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
async def test_a_contract_begins_when_the_last_day_of_a_plan_in_another_zone_is_over_and_billed(
    api: Api, runtime: Runtime, zone: str
) -> None:
    await plan_of(2, minimum_quantity=20, time_zone=zone)
    mine, account = await upgraded(api)
    await activate(mine, *await license_and_key(mine, account))
    await advance(mine, account, 9 * DAY)
    starts = TODAY + timedelta(days=13)
    made = terms(starts, 60, (starts, "12000.00"), validUntil=f"{starts}T00:00:00Z")
    _, _, offer = await offered(api, mine, account, **made)
    assert (await agreed_and_accepted(mine, account, offer))["contract"]["state"] == "SCHEDULED"
    begins = clock.day_start(starts, zone)
    key = decode_id(account, "Account", "id")
    for at, state in ((begins - timedelta(seconds=1), "SCHEDULED"), (begins, "ACTIVE")):
        await Account.filter(id=key).update(clock_offset_seconds=int((at - clock.now()).total_seconds()))
        await advance_contracts()
        assert (await Contract.get(account_id=key)).state == state
    last = await BillingDay.filter(account_id=key).order_by("-day").first()
    assert last is not None
    assert (last.day, last.ends_at) == (starts - timedelta(days=1), begins)


async def test_a_license_is_made_on_what_is_due_with_the_contract(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account, _ = await under_contract(api, **terms(TODAY, 20, (TODAY, "12000.00")))
    travelling_clock.forward(days=21)
    asked = "license { id } } ... on StepOutOfOrderError { missingStep"
    refused = await mine.call("createLicense", asked, accountId=account, label="x")
    assert (refused["code"], refused["missingStep"]) == ("STEP_OUT_OF_ORDER", "CHOOSE_EDITION")
