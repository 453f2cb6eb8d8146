"""Paying in online through the API, with a stand-in for Stripe over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.bootstrap import Runtime
from app.main import create_app
from app.settlement.audit import check
from app.worker import run_once
from tests.api.driver import Api, upgraded
from tests.api.wallets import billed, staff
from tests.conftest import TravellingClock
from tests.standins.serving import serving
from tests.standins.stripe import SECRET_KEY, WEBHOOK_SECRET, Stripe

TOP_UP = "topUp { id state payUrl bankReference received { amount } }"
CASES = "{ reconciliationCases(sandboxes: true) { nodes { id channel chargeReference kind details account { id } } } }"


@pytest.fixture(autouse=True)
async def stripe(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stripe]:
    """Stripe, and the settings that name it."""
    async with Stripe().serving() as stripe:
        for name, value in {
            "SECRET_KEY": SECRET_KEY,
            "WEBHOOK_SECRET": WEBHOOK_SECRET,
            "RETURN_URL": "https://console.example.com/wallet",
            "API_BASE": stripe.url,
        }.items():
            monkeypatch.setenv(f"BILLING_CHANNEL_GUANCE_STRIPE_{name}", value)
        yield stripe


@pytest.fixture
async def api(stripe: Stripe, runtime: Runtime, travelling_clock: TravellingClock) -> AsyncIterator[Api]:
    """A client of the application, which Stripe reaches on a port."""
    app = create_app(runtime)
    async with serving(app) as address, httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http:
        stripe.webhook = f"http://{address}/channels/guance/payments"
        yield Api(http)
    assert [found for found in await check(runtime.host) if "reconciliation case" not in found] == []


async def begun(mine: Api, account: str, amount: str = "1000.00") -> tuple[str, str]:
    """A top-up that is to be paid online: its id, and Stripe's session."""
    made = await mine.call("startOnlineTopUp", TOP_UP, accountId=account, amount=amount)
    assert made["__typename"] == "StartOnlineTopUpSuccess", made
    return made["topUp"]["id"], made["topUp"]["payUrl"].rpartition("/")[2]


async def standing_there(mine: Api, account: str) -> tuple[str, list[str]]:
    """The cash, and the states of the top-ups."""
    found = await mine.account(account, "wallet { balance { amount } } topUps { nodes { state payUrl } }")
    return found["wallet"]["balance"]["amount"], [top_up["state"] for top_up in found["topUps"]["nodes"]]


async def worker_round(runtime: Runtime, clock: TravellingClock, minutes: float = 2) -> None:
    clock.forward(minutes=minutes)
    await run_once(runtime.settings, runtime.host)


async def cases(finance: Api) -> list[dict[str, Any]]:
    return list((await finance.data(CASES))["reconciliationCases"]["nodes"])


async def test_what_is_paid_at_the_page_is_credited(api: Api, stripe: Stripe) -> None:
    mine, account = await upgraded(api)
    assert (await mine.account(account, "wallet { takesOnlinePayments }"))["wallet"]["takesOnlinePayments"]
    made = await mine.call("startOnlineTopUp", TOP_UP, accountId=account, amount="1000.50")
    assert made["topUp"]["state"] == "REQUESTED"
    async with httpx.AsyncClient() as browser:
        page = await browser.get(made["topUp"]["payUrl"])
        assert "1000.50 CNY" in page.text
        paid = await browser.post(made["topUp"]["payUrl"])
    assert paid.headers["location"] == "https://console.example.com/wallet"
    found = await mine.account(
        account,
        "topUps { nodes { state payUrl bankReference received { amount currency } } } wallet { balance { amount } } "
        "events(last: 10) { nodes { type actor } }",
    )
    (payment,) = stripe.payments
    received = {"amount": "1000.50", "currency": "CNY"}
    assert found["topUps"]["nodes"] == [
        {"state": "CONFIRMED", "payUrl": None, "bankReference": payment, "received": received}
    ]
    assert found["wallet"]["balance"]["amount"] == "1000.50"
    assert {"type": "top_up.confirmed", "actor": "guance"} in found["events"]["nodes"]
    assert (stripe.sessions.popitem()[1]["metadata"], stripe.announced[0][2]) == (
        stripe.payments[payment]["metadata"],
        200,
    )


async def test_what_is_owed_is_paid_first_and_the_suspension_lifted_at_once(
    api: Api, stripe: Stripe, runtime: Runtime
) -> None:
    mine, account = await billed(api, runtime, days=2)
    assert (await mine.account(account, "standing { state }"))["standing"]["state"] == "SUSPENDED"
    _, session = await begun(mine, account, "150.00")
    await stripe.pay(session)
    found = await mine.account(account, "standing { state } wallet { balance { amount } owed { amount } }")
    assert found == {
        "standing": {"state": "GOOD"},
        "wallet": {"balance": {"amount": "50.00"}, "owed": {"amount": "0.00"}},
    }


async def test_a_payment_is_credited_once_however_often_and_in_whatever_order_it_is_announced(
    api: Api, stripe: Stripe, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    _, session = await begun(mine, account)
    stripe.misbehave["announce_never"] = 1
    await stripe.pay(session)
    body = stripe.sessions[session]
    kinds = ["async_payment_failed", "completed", "expired", "completed", "async_payment_succeeded"]
    answers = await asyncio.gather(
        *(stripe.announce(f"checkout.session.{kind}", body) for kind in kinds),
        worker_round(runtime, travelling_clock),
    )
    assert answers[:-1] == [200] * 5
    stripe.misbehave["announce_twice"] = 1
    assert await stripe.announce("checkout.session.completed", body) == 200
    await worker_round(runtime, travelling_clock)
    assert await standing_there(mine, account) == ("1000.00", ["CONFIRMED"])
    events = await mine.account(account, "events(last: 20) { nodes { type } }")
    assert [event["type"] for event in events["events"]["nodes"]].count("top_up.confirmed") == 1


async def test_a_payment_that_nobody_announced_is_found_by_asking(
    api: Api, stripe: Stripe, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    _, session = await begun(mine, account)
    await worker_round(runtime, travelling_clock)
    stripe.misbehave["announce_never"] = 1
    await stripe.pay(session)
    stripe.misbehave["fail"] = 2
    await worker_round(runtime, travelling_clock)
    assert await standing_there(mine, account) == ("0.00", ["REQUESTED"])
    await worker_round(runtime, travelling_clock)
    assert await standing_there(mine, account) == ("1000.00", ["CONFIRMED"])
    asked = len(stripe.requests)
    await worker_round(runtime, travelling_clock, minutes=120)
    assert len(stripe.requests) == asked


@pytest.mark.parametrize("announced", [True, False])
async def test_a_page_that_lapsed_is_closed_here_too(
    api: Api, stripe: Stripe, runtime: Runtime, travelling_clock: TravellingClock, announced: bool
) -> None:
    mine, account = await upgraded(api)
    _, session = await begun(mine, account)
    stripe.misbehave["announce_never"] = not announced
    await stripe.lapse(session)
    await worker_round(runtime, travelling_clock)
    assert await standing_there(mine, account) == ("0.00", ["CANCELLED"])


@pytest.mark.parametrize(("paid", "state", "balance"), [(True, "CONFIRMED", "1000.00"), (False, "CANCELLED", "0.00")])
async def test_a_payment_that_takes_its_time_is_credited_when_it_is_certain(
    api: Api, stripe: Stripe, paid: bool, state: str, balance: str
) -> None:
    mine, account = await upgraded(api)
    top_up, session = await begun(mine, account)
    await stripe.pay(session, later=True)
    assert await standing_there(mine, account) == ("0.00", ["REQUESTED"])
    refused = await mine.call("cancelTopUp", TOP_UP, topUpId=top_up)
    assert refused["__typename"] == "TopUpConflictError"
    await stripe.finish(session, paid)
    assert await standing_there(mine, account) == (balance, [state])


async def test_a_forged_announcement_changes_nothing(api: Api, stripe: Stripe) -> None:
    mine, account = await upgraded(api)
    _, session = await begun(mine, account)
    stripe.misbehave["announce_never"] = 1
    await stripe.pay(session)
    event = {"type": "checkout.session.completed", "object": "event", "data": {"object": stripe.sessions[session]}}
    body = json.dumps(event).encode()
    asked = len(stripe.requests)
    for forged, signature in [
        (body, ""),
        (body, "t=1"),
        (body, stripe.signature(body, secret="whsec_another")),
        (body, stripe.signature(body, age=301)),
        (body + b" ", stripe.signature(body)),
        (b"\xff", stripe.signature(b"\xff")),
        (b"[]", stripe.signature(b"[]")),
        (b"{}", stripe.signature(b"{}")),
    ]:
        assert await stripe.send(forged, signature) == 400
    assert len(stripe.requests) == asked
    assert await standing_there(mine, account) == ("0.00", ["REQUESTED"])


async def test_a_wrong_amount_waits_for_finance_who_credit_what_was_really_paid(
    api: Api, stripe: Stripe, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    finance = await staff(api)
    top_up, session = await begun(mine, account)
    unpaid = await finance.call("confirmTopUp", TOP_UP, topUpId=top_up, bankReference="B-1", receivedAmount="1000.00")
    assert unpaid["__typename"] == "TopUpConflictError"
    payment = await stripe.pay(session, amount=90_000)
    await worker_round(runtime, travelling_clock)
    assert await standing_there(mine, account) == ("0.00", ["REQUESTED"])
    (case,) = await cases(finance)
    assert (case["kind"], case["channel"]) == ("PAYMENT_NOT_CREDITED", "guance")
    assert case["account"] == {"id": account}
    ((_, details),) = case["details"].items()
    assert (details["bankReference"], details["amount"], details["currency"]) == (payment, 90_000, "CNY")
    for reference, amount in ((payment, "1000.00"), ("B-1", "900.00")):
        wrong = await finance.call(
            "confirmTopUp", TOP_UP, topUpId=top_up, bankReference=reference, receivedAmount=amount
        )
        assert wrong["__typename"] == "TopUpConflictError"
    right = await finance.call("confirmTopUp", TOP_UP, topUpId=top_up, bankReference=payment, receivedAmount="900.00")
    assert right["topUp"]["received"]["amount"] == "900.00"
    assert await stripe.announce("checkout.session.completed", stripe.sessions[session]) == 200
    assert await standing_there(mine, account) == ("900.00", ["CONFIRMED"])


async def test_a_payment_in_another_currency_is_never_credited(api: Api, stripe: Stripe) -> None:
    mine, account = await upgraded(api)
    finance = await staff(api)
    top_up, session = await begun(mine, account)
    payment = await stripe.pay(session, currency="jpy")
    assert [case["kind"] for case in await cases(finance)] == ["PAYMENT_NOT_CREDITED"]
    refused = await finance.call(
        "confirmTopUp", TOP_UP, topUpId=top_up, bankReference=payment, receivedAmount="1000.00"
    )
    assert refused["__typename"] == "TopUpConflictError"
    assert await standing_there(mine, account) == ("0.00", ["REQUESTED"])


async def test_a_session_that_is_not_known_here_is_a_case_if_it_is_marked_as_ours(api: Api, stripe: Stripe) -> None:
    mine, account = await upgraded(api)
    _, session = await begun(mine, account)
    metadata = {"edition_billing_top_up": "0198c000-0000-7000-8000-000000000000"}
    for marked in ({}, {"order": "7"}, {"edition_billing_top_up": "not an id"}, metadata):
        await stripe.pay(stripe.session(100_000, "cny", marked)["id"])
    assert [status for _, _, status in stripe.announced] == [200] * 4
    (case,) = await cases(await staff(api))
    assert (case["kind"], case["chargeReference"]) == ("PAYMENT_NOT_CREDITED", metadata["edition_billing_top_up"])
    assert case["account"] is None
    assert await standing_there(mine, account) == ("0.00", ["REQUESTED"])
    await stripe.pay(session)
    assert await standing_there(mine, account) == ("1000.00", ["CONFIRMED"])


async def test_refunds_and_disputes_are_a_case_for_finance_once_each(api: Api, stripe: Stripe) -> None:
    mine, account = await upgraded(api)
    finance = await staff(api)
    _, session = await begun(mine, account)
    payment = await stripe.pay(session)
    assert await stripe.reverse("refund.created", payment) == 200
    assert await stripe.reverse("charge.dispute.created", payment) == 200
    (case,) = await cases(finance)
    assert case["kind"] == "PAYMENT_REVERSED"
    assert sorted(name.split()[0] for name in case["details"]) == ["charge.dispute.created", "refund.created"]
    assert await standing_there(mine, account) == ("1000.00", ["CONFIRMED"])
    noted = await finance.call("resolveReconciliationCase", "case { note }", caseId=case["id"], note="talked to them")
    assert noted["case"]["note"] == "talked to them"
    _, body, _ = stripe.announced[-1]
    assert await stripe.send(body, stripe.signature(body)) == 200
    assert await cases(finance) == []
    await stripe.reverse("charge.dispute.closed", payment)
    assert len(await cases(finance)) == 1
    unknown = await stripe.pay(stripe.session(100_000, "cny", {})["id"])
    assert await stripe.reverse("refund.created", unknown) == 200
    assert len(await cases(finance)) == 1


async def test_a_page_is_closed_when_its_top_up_is_cancelled(api: Api, stripe: Stripe) -> None:
    mine, account = await upgraded(api)
    top_up, session = await begun(mine, account)
    stripe.misbehave["fail"] = 2
    assert (await mine.call("cancelTopUp", TOP_UP, topUpId=top_up))["__typename"] == "TopUpConflictError"
    for _ in range(2):
        cancelled = await mine.call("cancelTopUp", TOP_UP, topUpId=top_up)
        assert (cancelled["topUp"]["state"], cancelled["topUp"]["payUrl"]) == ("CANCELLED", None)
    assert stripe.sessions[session]["status"] == "expired"


async def test_a_top_up_that_was_just_paid_cannot_be_cancelled(api: Api, stripe: Stripe) -> None:
    mine, account = await upgraded(api)
    top_up, session = await begun(mine, account)
    stripe.misbehave["announce_never"] = 1
    await stripe.pay(session)
    refused = await mine.call("cancelTopUp", TOP_UP, topUpId=top_up)
    assert refused["__typename"] == "TopUpConflictError"
    assert await standing_there(mine, account) == ("0.00", ["REQUESTED"])


@pytest.mark.parametrize("trouble", ["fail", "drop", "drop_after_accepting"])
async def test_one_lost_answer_makes_no_second_page(api: Api, stripe: Stripe, trouble: str) -> None:
    mine, account = await upgraded(api)
    stripe.misbehave[trouble] = 1
    _, session = await begun(mine, account)
    assert list(stripe.sessions) == [session]


async def test_while_the_provider_fails_nothing_is_begun(api: Api, stripe: Stripe) -> None:
    mine, account = await upgraded(api)
    stripe.misbehave["fail"] = 2
    refused = await mine.call("startOnlineTopUp", TOP_UP, accountId=account, amount="10.00")
    assert refused["__typename"] == "OnlineTopUpUnavailableError"
    assert refused["operations"] == ["requestTopUp"]
    assert await standing_there(mine, account) == ("0.00", [])


@pytest.mark.parametrize("amount", ["0", "3.49", "1000000.00", "100000000.01"])
async def test_an_amount_that_cannot_be_paid_is_refused(api: Api, stripe: Stripe, amount: str) -> None:
    mine, account = await upgraded(api)
    refused = await mine.call("startOnlineTopUp", TOP_UP, accountId=account, amount=amount)
    assert (refused["__typename"], refused["path"]) == ("InvalidInputError", ["amount"])
    assert await standing_there(mine, account) == ("0.00", [])


async def test_the_same_idempotency_key_answers_the_same_page(api: Api, stripe: Stripe) -> None:
    mine, account = await upgraded(api)
    asked: dict[str, Any] = {"accountId": account, "amount": "10.00", "idempotencyKey": "k-1"}
    first, second = [await mine.call("startOnlineTopUp", TOP_UP, **asked) for _ in range(2)]
    assert first == second
    assert len(stripe.sessions) == 1


async def test_wallet_and_journal_are_credited_together_or_not_at_all(
    api: Api, stripe: Stripe, runtime: Runtime, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await upgraded(api)
    _, session = await begun(mine, account)

    async def broken(*_: object) -> None:
        raise RuntimeError("the process dies here")

    with monkeypatch.context() as patch:
        patch.setattr("app.billing.ledger.top_up_confirmed", broken)
        await stripe.pay(session)
    assert stripe.announced[-1][2] == 503
    assert await standing_there(mine, account) == ("0.00", ["REQUESTED"])
    await worker_round(runtime, travelling_clock)
    assert await standing_there(mine, account) == ("1000.00", ["CONFIRMED"])


async def test_an_eleventh_open_payment_is_refused_until_one_is_cancelled(api: Api, stripe: Stripe) -> None:
    mine, account = await upgraded(api)
    (top_up, _), *_ = [await begun(mine, account) for _ in range(10)]
    refused = await mine.call("startOnlineTopUp", TOP_UP, accountId=account, amount="10.00")
    assert refused["__typename"] == "OnlineTopUpUnavailableError"
    assert "pay or cancel one" in refused["message"]
    await mine.call("cancelTopUp", TOP_UP, topUpId=top_up)
    await begun(mine, account)


async def test_a_page_that_stripe_forgot_is_a_case_and_can_be_cancelled_after_a_day(
    api: Api, stripe: Stripe, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    top_up, session = await begun(mine, account)
    stripe.sessions.clear()
    await worker_round(runtime, travelling_clock)
    assert (await mine.call("cancelTopUp", TOP_UP, topUpId=top_up))["__typename"] == "TopUpConflictError"
    for _ in range(2):
        await worker_round(runtime, travelling_clock, minutes=25 * 60)
    (case,) = await cases(await staff(api))
    assert (case["kind"], list(case["details"])) == ("PAYMENT_NOT_CREDITED", [f"session {session}"])
    assert (await mine.call("cancelTopUp", TOP_UP, topUpId=top_up))["topUp"]["state"] == "CANCELLED"
