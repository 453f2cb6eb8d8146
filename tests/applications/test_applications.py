"""Editions by application over HTTP: apply, be offered terms, accept, be charged by instalments, and all ways out."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.accounts.models import Account, StaffRole
from app.api.node import decode_id
from app.billing.ledger import balances, check
from app.bootstrap import Runtime
from app.catalog.keys import EditionKey
from app.catalog.models import PricePlan
from app.closing.days import close_due
from app.deployments.models import Deployment
from app.journey.contracts import advance_contracts
from app.licenses.keys import public_keys
from app.licenses.upkeep import keep_up
from app.protocol.documents import read_license
from app.upgrades.models import Upgrade
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
from tests.billing.factory import edition_with, hour_of, report
from tests.conftest import TravellingClock


@pytest.fixture(autouse=True)
async def stand_still(travelling_clock: TravellingClock, database: str) -> None:
    """Every test begins in the evening of TODAY in Shanghai, and contracts are for any days."""
    await any_terms()


async def test_from_an_application_to_a_settled_instalment_and_an_active_license(api: Api, runtime: Runtime) -> None:
    mine, account = await registered(api)
    finance = await staff(api)
    _, application, offer = await offered(api, mine, account)
    assert await steps(mine, account) == ["ACCEPT_AGREEMENT", "CHOOSE_SETTLEMENT_CHANNEL", "ACCEPT_OFFER"]
    assert (await accepted(mine, offer))["code"] == "STEP_OUT_OF_ORDER"
    assert (await mine.call("chooseSettlementChannel", "account { id }", accountId=account, channel="guance"))[
        "message"
    ].startswith("A step comes before this one: accept agreement.")
    await agreed(mine, account)
    assert "choose settlement channel" in (await accepted(mine, offer))["message"]
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    found = await mine.account(account, STEPS)
    assert found["nextSteps"] == [{"action": "ACCEPT_OFFER", "deadline": "2026-03-09T00:00:00+00:00"}]
    contract = (await accepted(mine, offer))["contract"]
    assert (contract["edition"], contract["state"]) == ("SUBSCRIPTION", "ACTIVE")
    assert [one["charge"] for one in contract["instalments"]] == [{"kind": "INSTALMENT"}, None]
    assert (await accepted(mine, offer))["contract"]["id"] == contract["id"]
    assert (await mine.account(account, "edition"))["edition"] == "SUBSCRIPTION"

    await topped_up(mine, finance, account, "6000.00")
    await run_once(runtime.settings, runtime.host)
    settled = await mine.account(account, "charges { nodes { amount { amount } settlement { state } } }")
    assert settled["charges"]["nodes"] == [{"amount": {"amount": "6000.00"}, "settlement": {"state": "SETTLED"}}]

    assert await steps(mine, account) == ["CREATE_LICENSE", "CREATE_ACCESS_KEY", "ACTIVATE_LICENSE"]
    text, ak, sk = await license_and_key(mine, account)
    claims = read_license(text, await public_keys(), datetime(2026, 3, 2, 11, tzinfo=UTC))
    assert (claims.edition, claims.dk_limit) == ("SUBSCRIPTION", 50)
    assert claims.expires_at == datetime(2027, 3, 1, 16, tzinfo=UTC)
    done = await activate(mine, text, ak, sk)
    assert done["account"] == {"id": account, "edition": "SUBSCRIPTION", "upgrade": None}
    assert await steps(mine, account) == ["REPORT_USAGE"]
    assert await check() == []
    state = await mine.data("query ($id: ID!) { node(id: $id) { ... on Application { state } } }", id=application)
    assert state["node"]["state"] == "ACCEPTED"


async def test_an_account_manager_sees_the_queue_takes_notes_and_declines(api: Api) -> None:
    mine, account = await registered(api)
    application = (await apply(mine, account, remarks="two\nlines"))["application"]["id"]
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    queue = await manager.data("{ applications(state: SUBMITTED) { nodes { id account { name } remarks } } }")
    assert queue["applications"]["nodes"] == [{"id": application, "account": {"name": "Acme"}, "remarks": "two\nlines"}]
    early = await manager.call("makeOffer", "offer { id }", applicationId=application, **terms())
    assert early["code"] == "APPLICATION_CONFLICT"
    taken = await manager.call("takeApplication", "application { state manager }", applicationId=application)
    assert taken["application"]["state"] == "IN_REVIEW"
    assert taken["application"]["manager"].endswith("staff.example")
    await manager.call(
        "addApplicationNote", "note { id }", applicationId=application, text="called", kind=Enum("CONTACT")
    )
    notes = "query ($id: ID!) { node(id: $id) { ... on Application { notes { nodes { kind text } } } } }"
    seen = await manager.data(notes, id=application)
    assert seen["node"]["notes"]["nodes"] == [{"kind": "CONTACT", "text": "called"}]
    assert "errors" in await mine.answer(notes, id=application)
    declined = await manager.call(
        "declineApplication", "application { state reason }", applicationId=application, reason="too small"
    )
    assert declined["application"] == {"state": "DECLINED", "reason": "too small"}
    again = await manager.call("declineApplication", "application { id }", applicationId=application, reason="x")
    assert again["code"] == "APPLICATION_CONFLICT"
    assert (await apply(mine, account))["application"]["state"] == "SUBMITTED"


async def test_a_withdrawn_application_leaves_nothing_to_accept(api: Api) -> None:
    mine, account = await registered(api)
    manager, application, offer = await offered(api, mine, account)
    assert (await apply(mine, account))["code"] == "APPLICATION_CONFLICT"
    for _ in range(2):
        gone = await mine.call("withdrawApplication", "application { state }", applicationId=application)
        assert gone["application"]["state"] == "WITHDRAWN"
    assert (await accepted(mine, offer))["message"].endswith("the application is withdrawn.")
    assert (await manager.call("makeOffer", "offer { id }", applicationId=application, **terms()))["code"] == (
        "APPLICATION_CONFLICT"
    )
    assert await steps(mine, account) == ["CHOOSE_EDITION"]


async def test_an_offer_lapses_on_reading_and_by_the_worker(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await registered(api)
    _, _, offer = await offered(api, mine, account)
    await agreed(mine, account)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    travelling_clock.at = datetime(2026, 3, 9, tzinfo=UTC)
    seen = await mine.account(account, "applications { nodes { state } }")
    assert seen["applications"]["nodes"] == [{"state": "LAPSED"}]
    assert await steps(mine, account) == ["CHOOSE_EDITION"]
    assert (await accepted(mine, offer))["message"].endswith("the application is lapsed.")
    await advance_contracts()
    await advance_contracts()
    assert (await event_types(mine, account)).count("application.lapsed") == 1


async def test_a_new_offer_replaces_the_old_one(api: Api) -> None:
    mine, account = await registered(api)
    manager, application, old = await offered(api, mine, account)
    free = terms(TODAY, 30, price="0", schedule=[])
    new = (await manager.call("makeOffer", "offer { id }", applicationId=application, **free))["offer"]["id"]
    await agreed(mine, account)
    assert (await accepted(mine, old))["message"].endswith("another offer took its place.")
    assert (await accepted(mine, new))["contract"]["instalments"] == []


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"price": "11999.99"}, ["schedule"]),
        ({"currency": "yuan"}, ["currency"]),
        ({"dkLimit": 0}, ["dkLimit"]),
        ({"startsOn": "2026-03-01"}, ["startsOn"]),
        ({"endsOn": "2026-03-01"}, ["endsOn"]),
        ({"validUntil": "2026-03-02T10:00:00Z"}, ["validUntil"]),
        ({"schedule": [{"dueOn": "2026-03-01", "amount": "12000"}]}, ["schedule", "0", "dueOn"]),
        ({"schedule": [{"dueOn": "2026-03-02", "amount": "13000"}, {"dueOn": "2026-03-02", "amount": "-1000"}]},
         ["schedule", "1", "amount"]),
    ],
)  # fmt: skip
async def test_terms_that_make_no_sense_are_not_offered(api: Api, changed: dict[str, Any], path: list[str]) -> None:
    mine, account = await registered(api)
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    application = (await apply(mine, account))["application"]["id"]
    await manager.call("takeApplication", "application { id }", applicationId=application)
    refused = await manager.call("makeOffer", "offer { id }", applicationId=application, **terms(**changed))
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", path)


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"edition": Enum("PAY_AS_YOU_GO")}, ["edition"]),
        ({"contactEmail": "nobody"}, ["contactEmail"]),
        ({"contactPhone": "call me"}, ["contactPhone"]),
        ({"contactName": "x" * 101}, ["contactName"]),
        ({"remarks": "x" * 5001}, ["remarks"]),
        ({"expectedDataKits": 0}, ["expectedDataKits"]),
        ({"termMonths": 0}, ["termMonths"]),
        ({"termMonths": 121}, ["termMonths"]),
    ],
)
async def test_an_application_says_what_is_wrong_with_it(api: Api, changed: dict[str, Any], path: list[str]) -> None:
    mine, account = await registered(api)
    refused = await apply(mine, account, **changed)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", path)


async def test_nobody_applies_for_less_than_the_least_term(api: Api) -> None:
    await edition_with(EditionKey.SUBSCRIPTION, least_term_months=12)
    mine, account = await registered(api)
    refused = await apply(mine, account, termMonths=11)
    assert (refused["code"], "termMonths must be 12 to 120" in refused["message"]) == ("INVALID_INPUT", True)
    assert "code" not in await apply(mine, account, termMonths=12)


ASKED = "remarks contactName contactPhone contactEmail expectedDataKits termMonths"


async def ask(mine: Api, account: str, **given: Any) -> dict[str, Any]:
    asked = {"accountId": account, "edition": SUBSCRIPTION, **given}
    return dict((await mine.call("applyForEdition", f"application {{ id {ASKED} }}", **asked))["application"])


async def test_an_application_needs_remarks_alone(api: Api) -> None:
    mine, account = await registered(api)
    me = (await mine.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    asked = await ask(mine, account, remarks="50 hosts, from May on")
    assert [asked[name] for name in ASKED.split()] == ["50 hosts, from May on", "Somebody", "", me, 0, 0]


async def test_what_an_application_leaves_open_is_taken_from_the_account(api: Api) -> None:
    mine, account = await upgraded(api)
    me = (await mine.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    key = decode_id(account, "Account", "account")
    deployment = await Deployment.get(account_id=key)
    await report(deployment, hour_of(TODAY, 9), 7)
    await report(deployment, hour_of(TODAY, 10), 3)
    await Account.filter(id=key).update(contact_name="王芳", contact_phone="13800138000")
    await edition_with(EditionKey.SUBSCRIPTION, least_term_months=12)
    asked = await ask(mine, account)
    assert [asked[name] for name in ASKED.split()] == ["", "王芳", "13800138000", me, 7, 12]
    await mine.call("withdrawApplication", "application { id }", applicationId=asked["id"])
    asked = await ask(mine, account, contactName="Li", contactPhone="13900139000", expectedDataKits=90, termMonths=24)
    assert [asked[name] for name in ASKED.split()] == ["", "Li", "13900139000", "", 90, 24]


WHY = "nextSteps { action mutation reason }"


async def test_next_steps_say_that_the_account_manager_has_the_application(api: Api) -> None:
    mine, account = await registered(api)
    application = (await ask(mine, account, remarks="please"))["id"]
    (step,) = (await mine.account(account, WHY))["nextSteps"]
    assert (step["action"], step["mutation"]) == ("WAIT_FOR_OFFER", "withdrawApplication")
    assert "the subscription edition is with the account manager" in step["reason"]
    (in_chinese,) = (await Api(mine.http, mine.token, "zh").account(account, WHY))["nextSteps"]
    assert "客户经理" in in_chinese["reason"]
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    await manager.call("takeApplication", "application { id }", applicationId=application)
    assert await steps(mine, account) == ["WAIT_FOR_OFFER"]
    await manager.call("makeOffer", "offer { id }", applicationId=application, **terms())
    assert await steps(mine, account) == ["ACCEPT_AGREEMENT", "CHOOSE_SETTLEMENT_CHANNEL", "ACCEPT_OFFER"]
    await mine.call("withdrawApplication", "application { id }", applicationId=application)
    assert await steps(mine, account) == ["CHOOSE_EDITION"]


async def test_an_upgrade_goes_on_while_an_application_waits(api: Api) -> None:
    mine, account = await upgraded(api)
    before = await steps(mine, account)
    await apply(mine, account)
    assert await steps(mine, account) == [*before, "WAIT_FOR_OFFER"]


async def test_other_tenants_see_nothing_and_do_nothing(api: Api) -> None:
    mine, account = await registered(api)
    other, _ = await registered(api)
    _, application, offer = await offered(api, mine, account)
    for id in (application, offer):
        assert (await other.data("query ($id: ID!) { node(id: $id) { id } }", id=id))["node"] is None
    assert (await other.call("withdrawApplication", "application { id }", applicationId=application))[
        "code"
    ] == "NOT_FOUND"
    assert (await accepted(other, offer))["code"] == "NOT_FOUND"
    assert (await other.call("takeApplication", "application { id }", applicationId=application))["code"] == (
        "PERMISSION_DENIED"
    )
    assert "errors" in await other.answer("{ applications { nodes { id } } }")
    assert (await apply(other, account))["code"] == "NOT_FOUND"


async def test_the_negotiated_plan_is_no_part_of_the_catalog(api: Api) -> None:
    mine, account, _ = await under_contract(api)
    plan = (await mine.account(account, "charges { nodes { pricePlan { id } } }"))["charges"]["nodes"][0]["pricePlan"]
    other, _ = await registered(api)
    assert (await other.data("query ($id: ID!) { node(id: $id) { id } }", id=plan["id"]))["node"] is None
    editions = (await other.data("{ editions { key pricePlan { version } } }"))["editions"]
    assert {"key": "SUBSCRIPTION", "pricePlan": None} in editions
    await under_contract(api)
    plans = await PricePlan.filter(edition="SUBSCRIPTION")
    assert [plan.version for plan in plans] == [1, 1]


@pytest.mark.parametrize("starts_after", [0, 3, 7, 8, 9, 11])
async def test_no_day_is_billed_twice_or_not_at_all_when_a_contract_takes_over(api: Api, starts_after: int) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    begins = TODAY + timedelta(days=starts_after)
    _, _, offer = await offered(api, mine, account, **terms(begins, 30, (begins, "12000.00")))
    contract = (await agreed_and_accepted(mine, account, offer))["contract"]
    assert contract["state"] == ("ACTIVE" if starts_after == 0 else "SCHEDULED")
    await advance(mine, account, 20 * DAY)
    await close_due()
    await advance_contracts()
    days = [TODAY + timedelta(days=after) for after in range(8, starts_after)]
    expected = [(day.isoformat(), "DAILY", "100.00") for day in days]
    assert await charged(mine, account) == [*expected, (begins.isoformat(), "INSTALMENT", "12000.00")]
    found = await mine.account(account, "edition upgrade { state }")
    assert found == {"edition": "SUBSCRIPTION", "upgrade": {"state": "ENDED"}}
    again = await mine.call("upgradeEdition", "account { id }", accountId=account, edition=Enum("PAY_AS_YOU_GO"))
    assert again["code"] == "UPGRADE_CONFLICT"


async def test_the_day_before_a_contract_is_billed_by_a_worker_that_comes_late(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await registered(api, sandbox=False)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=Enum("PAY_AS_YOU_GO"))
    await agreed(mine, account)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    begins = TODAY + timedelta(days=10)
    _, _, offer = await offered(api, mine, account, **terms(begins, 30, (begins, "12000.00")))
    await agreed_and_accepted(mine, account, offer)
    travelling_clock.forward(days=15)
    await close_due()
    await advance_contracts()
    await close_due()
    assert await charged(mine, account) == [
        ("2026-03-10", "DAILY", "100.00"),
        ("2026-03-11", "DAILY", "100.00"),
        ("2026-03-12", "INSTALMENT", "12000.00"),
    ]


async def test_usage_that_comes_late_still_corrects_days_before_the_contract(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    begins = TODAY + timedelta(days=9)
    _, _, offer = await offered(api, mine, account, **terms(begins, 30, (begins - timedelta(days=1), "12000.00")))
    await agreed_and_accepted(mine, account, offer)
    await advance(mine, account, 12 * DAY)
    row = await Account.get(id=decode_id(account, "Account", "id")).prefetch_related("deployments")
    await report(await row.deployments.all().get(), hour_of(date(2026, 3, 10), 9), 30)  # type: ignore[attr-defined]
    await report(await row.deployments.all().get(), hour_of(date(2026, 3, 11), 9), 30)  # type: ignore[attr-defined]
    await close_due()
    assert await charged(mine, account) == [
        ("2026-03-10", "ADJUSTMENT", "50.00"),
        ("2026-03-10", "DAILY", "100.00"),
        ("2026-03-10", "INSTALMENT", "12000.00"),
    ]
    assert await check() == []


async def test_the_pay_as_you_go_license_ends_after_a_grace_period(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    _, _, offer = await offered(api, mine, account)
    await agreed_and_accepted(mine, account, offer)
    licenses = "licenses { nodes { id edition state revokeAt } }"
    (held,) = (await mine.account(account, licenses))["licenses"]["nodes"]
    assert (held["edition"], held["state"], held["revokeAt"][:10]) == ("PAY_AS_YOU_GO", "ACTIVE", "2026-03-09")
    rotated = await mine.call("rotateLicense", "license { id }", licenseId=held["id"])
    assert rotated["code"] == "INVALID_LICENSE"
    new, ak, sk = await license_and_key(mine, account)
    assert (await activate(mine, new, ak, sk))["__typename"] == "ActivateLicenseSuccess"
    assert (await Upgrade.get()).state == "ENDED"
    travelling_clock.forward(days=7)
    await keep_up()
    states = [one["state"] for one in (await mine.account(account, licenses))["licenses"]["nodes"]]
    assert states == ["REVOKED", "ACTIVE"]


async def test_instalments_are_charged_once_however_many_workers_there_are(
    api: Api, travelling_clock: TravellingClock
) -> None:
    later = TODAY + timedelta(days=5)
    mine, account, _ = await under_contract(api, **terms(TODAY, 30, (later, "7000.00"), (later, "5000.00")))
    assert await charged(mine, account) == []
    travelling_clock.at = datetime(2026, 3, 6, 15, 59, 59, tzinfo=UTC)
    await advance_contracts()
    assert await charged(mine, account) == []
    travelling_clock.forward(seconds=1)
    await asyncio.gather(*(advance_contracts() for _ in range(6)))
    await advance_contracts()
    assert await charged(mine, account) == [
        (later.isoformat(), "INSTALMENT", "5000.00"),
        (later.isoformat(), "INSTALMENT", "7000.00"),
    ]
    assert (await event_types(mine, account)).count("charge.raised") == 2
    assert (await balances(decode_id(account, "Account", "id")))["receivable", "CNY"] == 1_200_000
    assert await check() == []


async def test_a_contract_that_ends_falls_back_and_was_reminded_of(api: Api) -> None:
    mine, account, _ = await under_contract(api, **terms(TODAY, 60, (TODAY, "12000.00")))
    for days in (29, 3, 21, 6):
        await advance(mine, account, days * DAY)
        await advance_contracts()
    assert (await mine.account(account, "edition"))["edition"] == "SUBSCRIPTION"
    assert (await event_types(mine, account)).count("contract.ending") == 2
    await advance(mine, account, DAY)
    found = await mine.account(account, "edition contracts { nodes { state endedAt } }")
    assert found["edition"] == "COMMUNITY"
    assert found["contracts"]["nodes"] == [{"state": "ENDED", "endedAt": "2026-04-30T16:00:00+00:00"}]
    assert (await event_types(mine, account)).count("contract.ended") == 1
    assert await steps(mine, account) == ["CHOOSE_EDITION"]


async def test_a_renewal_begins_the_day_after_without_a_gap(api: Api) -> None:
    mine, account, first = await under_contract(api, **terms(TODAY, 30, (TODAY, "12000.00")))
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    application = (await apply(mine, account, LICENSED))["application"]["id"]
    await manager.call("takeApplication", "application { id }", applicationId=application)
    after = date.fromisoformat(first["endsOn"]) + timedelta(days=1)
    overlapping = terms(after - timedelta(days=1), 30, (after, "12000.00"))
    refused = await manager.call("makeOffer", "offer { id }", applicationId=application, **overlapping)
    assert refused["code"] == "APPLICATION_CONFLICT"
    made = await manager.call(
        "makeOffer", "offer { id }", applicationId=application, **terms(after, 30, (after, "12000.00"))
    )
    assert (await agreed_and_accepted(mine, account, made["offer"]["id"]))["contract"]["state"] == "SCHEDULED"
    await advance(mine, account, 31 * DAY)
    assert (await mine.account(account, "edition"))["edition"] == "LICENSED"
    moves = [type for type in await event_types(mine, account) if type in ("contract.started", "contract.ended")]
    assert moves == ["contract.started", "contract.ended", "contract.started"]


async def test_who_accepts_late_has_a_contract_from_that_day_on(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await registered(api)
    _, _, offer = await offered(api, mine, account)
    await agreed(mine, account)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    travelling_clock.forward(days=3)
    contract = (await accepted(mine, offer))["contract"]
    assert (contract["startsOn"], contract["instalments"][0]["dueOn"]) == ("2026-03-05", "2026-03-05")
    assert contract["endsOn"] == "2027-03-01"


async def test_a_community_license_is_free_and_renewable(api: Api) -> None:
    mine, account = await registered(api)
    fields = "license { id edition text expiresAt }"
    first = (await mine.call("createCommunityLicense", fields, accountId=account))["license"]
    assert first["edition"] == "COMMUNITY"
    key = await mine.call("createAccessKey", "accessKey { ak } sk", accountId=account, label="x")
    done = await activate(mine, first["text"], key["accessKey"]["ak"], key["sk"])
    assert done["account"] == {"id": account, "edition": "COMMUNITY", "upgrade": None}
    assert (await mine.call("createCommunityLicense", fields, accountId=account))["code"] == "LICENSE_LIMIT"
    await advance(mine, account, 150 * DAY)
    second = (await mine.call("createCommunityLicense", fields, accountId=account))["license"]
    assert second["id"] != first["id"]
    assert (await mine.call("createCommunityLicense", fields, accountId=account))["code"] == "LICENSE_LIMIT"
    assert (await mine.call("rotateLicense", "license { id }", licenseId=first["id"]))["license"]["id"] == second["id"]
    await mine.call("revokeLicense", "license { id }", licenseId=second["id"], reason="lost")
    assert (await mine.call("createCommunityLicense", fields, accountId=account))["license"]["id"] != second["id"]
