"""Top-ups, vouchers and cards of two accounts: whose is moved, what is recorded, and what is refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from app.accounts.models import StaffRole
from app.api.node import encode_id
from app.billing import ledger
from app.bootstrap import Runtime
from app.worker import run_once
from tests.api.driver import Api, advance, upgraded
from tests.api.wallets import DAY, billed, staff, topped_up
from tests.conftest import TravellingClock

EVENTS = "events(last: 100) { nodes { type actorKind actor at before after reason } }"
NOBODY = UUID(int=7)
LATER = "2026-12-31T00:00:00+08:00"


async def happened(mine: Api, account: str, of: str) -> list[dict[str, Any]]:
    """The account's events of these types, without those of its upgrade."""
    found = (await mine.account(account, EVENTS))["events"]["nodes"]
    return [event for event in found if event["type"].startswith(of)]


async def announced(mine: Api, account: str, amount: str) -> str:
    made = await mine.call("requestTopUp", "topUp { id }", accountId=account, amount=amount)
    return str(made["topUp"]["id"])


async def test_the_top_up_that_is_named_is_confirmed_once_and_by_whom_is_on_record(
    api: Api, travelling_clock: TravellingClock
) -> None:
    (first, one), (second, other) = await upgraded(api), await upgraded(api)
    finance = await staff(api)
    older, newer = await announced(first, one, "10.00"), await announced(first, one, "20.00")
    elsewhere = await announced(second, other, "30.00")
    for _ in range(2):
        done = await finance.call(
            "confirmTopUp", "topUp { id state }", topUpId=older, bankReference="B-1", receivedAmount="9.50"
        )
        assert done["topUp"] == {"id": older, "state": "CONFIRMED"}
        left = await first.call("cancelTopUp", "topUp { id state }", topUpId=newer)
        assert left["topUp"] == {"id": newer, "state": "CANCELLED"}
    found = await first.account(one, "wallet { balance { amount } } topUps { nodes { id } }")
    assert found["wallet"]["balance"]["amount"] == "9.50"
    assert sorted(top_up["id"] for top_up in found["topUps"]["nodes"]) == sorted([older, newer])
    listed = await finance.data(
        "{ all: topUps(sandboxes: true) { nodes { id } totalCount } production: topUps { totalCount } "
        "open: topUps(state: REQUESTED, sandboxes: true, order: OLDEST_FIRST) { nodes { id } totalCount } }"
    )
    assert [top_up["id"] for top_up in listed["all"]["nodes"]] == [elsewhere, newer, older]
    assert (listed["all"]["totalCount"], listed["production"]["totalCount"]) == (3, 0)
    assert listed["open"] == {"nodes": [{"id": elsewhere}], "totalCount": 1}
    told = await happened(first, one, "top_up.")
    assert [(event["type"], event["actorKind"], event["before"], event["after"]) for event in told] == [
        ("top_up.requested", "MEMBER", None, {"topUp": older, "amountMinor": 1000, "online": False}),
        ("top_up.requested", "MEMBER", None, {"topUp": newer, "amountMinor": 2000, "online": False}),
        (
            "top_up.confirmed",
            "STAFF",
            {"topUp": older, "state": "REQUESTED"},
            {"state": "CONFIRMED", "bankReference": "B-1", "receivedMinor": 950},
        ),
        ("top_up.cancelled", "MEMBER", {"topUp": newer, "state": "REQUESTED"}, {"state": "CANCELLED"}),
    ]


@pytest.mark.parametrize(
    ("mutation", "success", "kind", "others", "en", "zh"),
    [
        ("cancelTopUp", "topUp { id }", "TopUp", {}, "top-up", "充值"),
        ("receiveSandboxTopUp", "topUp { id }", "TopUp", {}, "top-up", "充值"),
        ("confirmTopUp", "topUp { id }", "TopUp", {"bankReference": "B", "receivedAmount": "1"}, "top-up", "充值"),
        ("voidVoucher", "voucher { id }", "Fund", {"reason": "x"}, "voucher", "代金券"),
    ],
)
async def test_what_is_not_there_is_named_in_the_readers_language(
    api: Api, mutation: str, success: str, kind: str, others: dict[str, Any], en: str, zh: str
) -> None:
    await upgraded(api)
    finance = await staff(api)
    argument = "topUpId" if kind == "TopUp" else "voucherId"
    for locale, said in (("en", f"No such {en},"), ("zh", f"找不到{zh}，")):
        asking = Api(api.http, finance.token, locale)
        named: dict[str, Any] = {argument: encode_id(kind, NOBODY), **others}
        refused = await asking.call(mutation, success, **named)
        assert (refused["code"], refused["path"]) == ("NOT_FOUND", [argument])
        assert refused["message"].startswith(said)


async def test_who_has_a_sandbox_lets_its_transfers_arrive(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    asked = (await mine.call("requestTopUp", "topUp { id reference }", accountId=account, amount="800.00"))["topUp"]
    shown = "topUp { state bankReference received { amount } }"
    for _ in range(2):
        arrived = (await mine.call("receiveSandboxTopUp", shown, topUpId=asked["id"]))["topUp"]
        assert arrived == {
            "state": "CONFIRMED",
            "bankReference": asked["reference"],
            "received": {"amount": "800.00"},
        }
    wallet = (await mine.account(account, "wallet { balance { amount } }"))["wallet"]
    assert wallet == {"balance": {"amount": "800.00"}}
    assert await ledger.check() == []


async def test_no_transfer_of_a_production_account_arrives_by_asking(api: Api) -> None:
    mine, account = await upgraded(api, sandbox=False)
    asked = (await mine.call("requestTopUp", "topUp { id }", accountId=account, amount="800.00"))["topUp"]
    refused = await mine.call("receiveSandboxTopUp", "topUp { id }", topUpId=asked["id"])
    assert refused["code"] == "SANDBOX_ONLY"
    assert (await mine.account(account, "wallet { balance { amount } }"))["wallet"] == {"balance": {"amount": "0.00"}}


async def test_the_voucher_that_is_named_is_taken_back_once_with_the_reason(
    api: Api, travelling_clock: TravellingClock
) -> None:
    (first, one), (second, other) = await upgraded(api), await upgraded(api)
    finance = await staff(api)
    granted = [
        (await finance.call("issueVoucher", "voucher { id }", accountId=of, amount="12", expiresAt=LATER, note=note))[
            "voucher"
        ]["id"]
        for of, note in ((one, "welcome"), (one, "sorry"), (other, "welcome"))
    ]
    for _ in range(2):
        taken = await finance.call("voidVoucher", "voucher { id state }", voucherId=granted[0], reason=" a mistake ")
        assert taken["voucher"] == {"id": granted[0], "state": "VOIDED"}
    for mine, of, left in ((first, one, ["VOIDED", "USABLE"]), (second, other, ["USABLE"])):
        states = (await mine.account(of, "wallet { vouchers { nodes { id state } } }"))["wallet"]["vouchers"]["nodes"]
        assert sorted(voucher["state"] for voucher in states) == sorted(left)
    told = await happened(first, one, "voucher.")
    assert [(event["type"], event["before"], event["after"], event["reason"]) for event in told] == [
        ("voucher.issued", None, {"voucher": granted[0], "amountMinor": 1200, "source": "VOUCHER"}, "welcome"),
        ("voucher.issued", None, {"voucher": granted[1], "amountMinor": 1200, "source": "VOUCHER"}, "sorry"),
        ("voucher.voided", {"voucher": granted[0], "leftMinor": 1200}, {"state": "VOIDED"}, "a mistake"),
    ]


async def test_notes_and_reasons_have_500_characters_at_most(api: Api, travelling_clock: TravellingClock) -> None:
    _, account = await upgraded(api)
    finance = await staff(api)
    right: dict[str, Any] = {"accountId": account, "amount": "10", "expiresAt": LATER}
    for wrong in ("", "x" * 501):
        refused = await finance.call("issueVoucher", "voucher { id }", **right, note=wrong)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["note"])
    voucher = (await finance.call("issueVoucher", "voucher { id }", **right, note="x" * 500))["voucher"]["id"]
    for wrong in ("", "x" * 501):
        refused = await finance.call("voidVoucher", "voucher { id }", voucherId=voucher, reason=wrong)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["reason"])
    taken = await finance.call("voidVoucher", "voucher { state }", voucherId=voucher, reason="x" * 500)
    assert taken["voucher"]["state"] == "VOIDED"


async def test_a_card_is_bought_with_its_voucher_and_cannot_be_taken_back(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    finance = await staff(api)
    await topped_up(mine, finance, account, "20000.00")
    bought = await mine.call("purchaseCard", "card { id } voucher { id }", accountId=account, amount="20000")
    (told,) = await happened(mine, account, "card.")
    assert told["after"] == {
        "card": bought["card"]["id"],
        "amountMinor": 2_000_000,
        "vouchers": [bought["voucher"]["id"]],
    }
    refused = await finance.call("voidVoucher", "voucher { id }", voucherId=bought["card"]["id"], reason="x")
    assert refused["code"] == "FUND_REFUSED"
    assert await happened(mine, account, "voucher.") == []


async def test_what_has_expired_on_the_accounts_own_clock_is_expired_when_it_is_taken_back(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    finance = await staff(api)
    soon = (travelling_clock.at.replace(microsecond=0)).isoformat()
    await advance(mine, account, 3 * DAY)
    refused = await finance.call(
        "issueVoucher", "voucher { id }", accountId=account, amount="10", expiresAt=soon, note="x"
    )
    assert (refused["code"], refused["path"]) == ("FUND_REFUSED", ["expiresAt"])


async def test_what_is_said_of_arrears_and_their_end(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await billed(api, runtime, days=2)
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    good, untouched = await upgraded(api)
    for owner, of, standing in ((good, untouched, "GOOD"), (mine, account, "SUSPENDED")):
        assert (await owner.account(of, "standing { state owed { amount } }"))["standing"]["state"] == standing
        for mutation in ("sendFinalNotice", "endService"):
            refused = await manager.call(mutation, "account { id }", accountId=of, reason="unpaid")
            assert (refused["code"], refused["path"]) == ("STANDING_CONFLICT", ["accountId"])
            assert "only an account in arrears" in refused["message"]
    await advance(mine, account, 15 * DAY)
    await run_once(runtime.settings, runtime.host)
    for wrong in ("", "x" * 501):
        refused = await manager.call("sendFinalNotice", "account { id }", accountId=account, reason=wrong)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["reason"])
    await manager.call("sendFinalNotice", "account { id }", accountId=account, reason=" unpaid " + "x" * 490)
    told = await happened(mine, account, "account.")
    assert [
        (event["type"], event["at"][:10], event["before"], event["after"], event["reason"]) for event in told[1:]
    ] == [
        (
            "account.suspended",
            "2026-03-10",
            {"state": "GOOD"},
            {"state": "SUSPENDED", "owed": [{"currency": "CNY", "amountMinor": 10_000}]},
            None,
        ),
        (
            "account.in_arrears",
            "2026-03-25",
            {"state": "SUSPENDED"},
            {"state": "IN_ARREARS", "owed": [{"currency": "CNY", "amountMinor": 10_000}]},
            None,
        ),
        ("account.final_notice", told[-1]["at"][:10], None, None, "unpaid " + "x" * 490),
    ]


@pytest.fixture
def payee(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """The vendor's bank account, set."""
    for name, value in (("NAME", "示例科技"), ("BANK", "招商银行"), ("ACCOUNT_NUMBER", "110900000000001")):
        monkeypatch.setenv(f"BILLING_CHANNEL_GUANCE_PAYEE_{name}", value)
    return {"name": "示例科技", "bank": "招商银行", "accountNumber": "110900000000001", "bankCode": None}


async def test_a_transfer_is_asked_for_with_its_payee_unless_it_is_play_money(
    payee: dict[str, str | None], api: Api, travelling_clock: TravellingClock
) -> None:
    for sandbox, shown in ((False, payee), (True, None)):
        mine, account = await upgraded(api, sandbox)
        asked = await mine.call(
            "requestTopUp",
            "topUp { payee { name bank accountNumber bankCode } }",
            accountId=account,
            amount="10.00",
        )
        assert asked["topUp"]["payee"] == shown
        assert (await mine.account(account, "topUps { nodes { payee { name } } }"))["topUps"]["nodes"] == [
            {"payee": shown and {"name": shown["name"]}}
        ]
