"""The enterprise account through the API: vouchers, cards, what paid, and what happens to who owes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from settlement_guance import books
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from app.accounts.models import Account, StaffRole
from app.api.node import decode_id
from app.billing.models import Charge
from app.bootstrap import Runtime
from app.credits.crediting import credit
from app.events.recording import SYSTEM
from app.settlement.settling import settle_due
from app.worker import run_once
from tests.api.driver import Api, Enum, activate, advance, license_and_key, registered, upgraded
from tests.api.wallets import DAY, billed, staff, topped_up
from tests.conftest import TravellingClock

STANDING = "standing { state since deadline finalNoticeAt owed { amount } } nextSteps { action deadline }"


async def event_types(mine: Api, account: str) -> list[str]:
    found = await mine.account(account, "events(last: 100) { nodes { type } }")
    return [event["type"] for event in found["events"]["nodes"] if event["type"].startswith("account.")]


async def test_the_wallet_shows_what_there_is_and_what_paid(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    finance = await staff(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    issued = await finance.call(
        "issueVoucher",
        "voucher { id state left { amount } }",
        accountId=account,
        amount="30.00",
        expiresAt="2026-12-31T00:00:00+08:00",
        note="welcome",
    )
    assert issued["voucher"]["left"]["amount"] == "30.00"
    await topped_up(mine, finance, account, "1050.00")
    bought = await mine.call("purchaseCard", "card { id } voucher { id }", accountId=account, amount="100")
    assert bought["voucher"] is None
    await advance(mine, account, 9 * DAY)
    await run_once(runtime.settings, runtime.host)
    found = await mine.account(
        account,
        "wallet { balance { amount } owed { amount } available { amount } vouchers { nodes { id state } } "
        "cards { nodes { id left { amount } } totalCount } "
        "movements(first: 2) { totalCount pageInfo { hasNextPage endCursor } "
        "nodes { kind causeId parts { source amount { amount } } } } }"
        "charges { nodes { id settlement { paidFrom { source fundId amount { amount } } } } }",
    )
    (charge,) = found["charges"]["nodes"]
    assert charge["settlement"]["paidFrom"] == [
        {"source": "VOUCHER", "fundId": issued["voucher"]["id"], "amount": {"amount": "-30.00"}},
        {"source": "CARD", "fundId": bought["card"]["id"], "amount": {"amount": "-70.00"}},
    ]
    wallet = found["wallet"]
    assert (wallet["balance"], wallet["owed"], wallet["available"]) == (
        {"amount": "950.00"},
        {"amount": "0.00"},
        {"amount": "980.00"},
    )
    assert wallet["vouchers"]["nodes"] == [{"id": issued["voucher"]["id"], "state": "USED_UP"}]
    assert wallet["cards"] == {"nodes": [{"id": bought["card"]["id"], "left": {"amount": "30.00"}}], "totalCount": 1}
    newest = wallet["movements"]
    assert [movement["kind"] for movement in newest["nodes"]] == ["CHARGE", "CARD_PURCHASED"]
    assert newest["nodes"][0]["causeId"] == charge["id"]
    assert (newest["totalCount"], newest["pageInfo"]["hasNextPage"]) == (4, True)
    after = f'after: "{newest["pageInfo"]["endCursor"]}"'
    listed = {
        f"({after})": ["TOP_UP", "VOUCHER_ISSUED"],
        "(order: OLDEST_FIRST, first: 2)": ["VOUCHER_ISSUED", "TOP_UP"],
        f"({after}, order: OLDEST_FIRST)": ["CHARGE"],
        "(last: 1)": ["VOUCHER_ISSUED"],
        "(kind: TOP_UP)": ["TOP_UP"],
        f'(until: "{(await mine.account(account, "clock"))["clock"]}", kind: CHARGE)': ["CHARGE"],
        '(since: "2030-01-01T00:00:00Z")': [],
    }
    for arguments, kinds in listed.items():
        older = await mine.account(account, f"wallet {{ movements{arguments} {{ nodes {{ kind }} }} }}")
        assert [movement["kind"] for movement in older["wallet"]["movements"]["nodes"]] == kinds, arguments
    found = await mine.account(
        account, "wallet { vouchers(state: USABLE) { totalCount } cards(state: USABLE) { totalCount } }"
    )
    assert found["wallet"] == {"vouchers": {"totalCount": 0}, "cards": {"totalCount": 1}}


async def test_who_owes_is_suspended_then_in_arrears_on_the_accounts_own_clock_and_paying_lifts_it(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await billed(api, runtime, days=2)
    suspended = await mine.account(account, STANDING)
    assert suspended["standing"] == {
        "state": "SUSPENDED",
        "since": "2026-03-10T16:00:00+00:00",
        "deadline": "2026-03-25T16:00:00+00:00",
        "finalNoticeAt": None,
        "owed": [{"amount": "100.00"}],
    }
    assert suspended["nextSteps"][0] == {"action": "TOP_UP", "deadline": "2026-03-25T16:00:00+00:00"}
    await advance(mine, account, 15 * DAY)
    await run_once(runtime.settings, runtime.host)
    arrears = (await mine.account(account, STANDING))["standing"]
    assert (arrears["state"], arrears["deadline"]) == ("IN_ARREARS", None)
    owed = arrears["owed"][0]["amount"]
    assert owed == "1600.00"
    finance = await staff(api)
    await topped_up(mine, finance, account, "1599.99")
    assert (await mine.account(account, STANDING))["standing"]["state"] == "IN_ARREARS"
    await topped_up(mine, finance, account, "0.01")
    good = await mine.account(account, STANDING + " wallet { balance { amount } }")
    assert (good["standing"]["state"], good["standing"]["owed"]) == ("GOOD", [])
    assert good["wallet"]["balance"]["amount"] == "0.00"
    assert good["nextSteps"][0]["action"] == "REPORT_USAGE"
    assert await event_types(mine, account) == [
        "account.created",
        "account.suspended",
        "account.in_arrears",
        "account.reinstated",
    ]


async def test_the_service_ends_after_arrears_and_a_final_notice_and_what_is_owed_stays_owed(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await billed(api, runtime, days=2)
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    why: dict[str, Any] = {"accountId": account, "reason": "unpaid since March"}
    early = await manager.call("sendFinalNotice", "account { id }", **why)
    assert early["__typename"] == "StandingConflictError"
    await advance(mine, account, 15 * DAY)
    await run_once(runtime.settings, runtime.host)
    unwarned = await manager.call("endService", "account { id }", **why)
    assert unwarned["__typename"] == "StandingConflictError"
    assert unwarned["operations"] == ["sendFinalNotice"]
    for _ in range(2):
        warned = await manager.call("sendFinalNotice", "account { standing { finalNoticeAt } }", **why)
        assert warned["account"]["standing"]["finalNoticeAt"]
    ended = await manager.call(
        "endService",
        "account { edition upgrade { state } standing { state owed { amount } } licenses { nodes { state } } }",
        **why,
    )
    assert ended["account"] == {
        "edition": "COMMUNITY",
        "upgrade": {"state": "ENDED"},
        "standing": {"state": "IN_ARREARS", "owed": [{"amount": "1600.00"}]},
        "licenses": {"nodes": [{"state": "REVOKED"}]},
    }
    again = await mine.call("upgradeEdition", "account { id }", accountId=account, edition=Enum("PAY_AS_YOU_GO"))
    assert (again["__typename"], again["message"].count("top up")) == ("StepOutOfOrderError", 1)
    assert (await event_types(mine, account))[-2:] == ["account.final_notice", "account.service_ended"]
    await advance(mine, account, 5 * DAY)
    await run_once(runtime.settings, runtime.host)
    await topped_up(mine, await staff(api), account, "1600.00")
    found = await mine.account(account, STANDING)
    assert (found["standing"]["state"], found["nextSteps"][0]["action"]) == ("GOOD", "CHOOSE_EDITION")
    begun = await mine.call("upgradeEdition", "account { id }", accountId=account, edition=Enum("PAY_AS_YOU_GO"))
    assert begun["__typename"] == "UpgradeEditionSuccess"


async def test_who_comes_to_zero_in_arrears_and_owes_again_is_suspended_anew_and_not_warned_yet(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await billed(api, runtime, days=2)
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    why: dict[str, Any] = {"accountId": account, "reason": "unpaid since March"}
    await advance(mine, account, 15 * DAY)
    await run_once(runtime.settings, runtime.host)
    await manager.call("sendFinalNotice", "account { id }", **why)
    for charge in await Charge.all():
        async with in_transaction():
            await credit(runtime.host, charge.id, charge.amount_minor, "an outage", SYSTEM)
    await settle_due(runtime.host)
    await Account.all().update(clock_offset_seconds=F("clock_offset_seconds") + DAY)
    await run_once(runtime.settings, runtime.host)
    standing = (await mine.account(account, STANDING))["standing"]
    assert (standing["state"], standing["finalNoticeAt"]) == ("SUSPENDED", None)
    assert standing["owed"] == [{"amount": "100.00"}]
    assert (await manager.call("endService", "account { id }", **why))["__typename"] == "StandingConflictError"


async def test_a_balance_of_zero_owes_nothing(api: Api, runtime: Runtime, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    await topped_up(mine, await staff(api), account, "100.00")
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    await advance(mine, account, 9 * DAY)
    await run_once(runtime.settings, runtime.host)
    found = await mine.account(account, "standing { state } wallet { balance { amount } }")
    assert found == {"standing": {"state": "GOOD"}, "wallet": {"balance": {"amount": "0.00"}}}


async def test_a_failed_channel_leaves_standings_as_they_are(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await billed(api, runtime, days=2)

    async def broken(self: object, account_id: object = None) -> None:
        raise RuntimeError("no database")

    with monkeypatch.context() as patch:
        patch.setattr("settlement_guance.channel.EnterpriseAccount.owing", broken)
        travelling_clock.forward(days=20)
        await run_once(runtime.settings, runtime.host)
    states = [event for event in await event_types(mine, account) if event != "account.created"]
    assert states == ["account.suspended"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"amount": "0"}, "FundRefusedError"),
        ({"expiresAt": "2026-03-02T00:00:00Z"}, "FundRefusedError"),
        ({"source": Enum("CASH")}, "FundRefusedError"),
        ({"note": " "}, "InvalidInputError"),
        ({"amount": "0.001"}, "InvalidInputError"),
    ],
)
async def test_a_voucher_that_cannot_be_is_refused_and_nothing_is_written(
    api: Api, travelling_clock: TravellingClock, arguments: dict[str, Any], error: str
) -> None:
    mine, account = await upgraded(api)
    finance = await staff(api)
    right = {"accountId": account, "amount": "10", "expiresAt": "2026-12-31T00:00:00Z", "note": "x"}
    refused = await finance.call("issueVoucher", "voucher { id }", **(right | arguments))
    assert refused["__typename"] == error
    assert (await mine.account(account, "wallet { vouchers { totalCount } }"))["wallet"]["vouchers"]["totalCount"] == 0


async def test_who_may_do_what(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    finance, operator = await staff(api), await staff(api, [StaffRole.OPERATOR])
    grant: dict[str, Any] = {"accountId": account, "amount": "10", "expiresAt": "2026-12-31T00:00:00Z", "note": "x"}
    for client in (mine, operator):
        assert (await client.call("issueVoucher", "voucher { id }", **grant))["__typename"] == "PermissionDeniedError"
    voucher = (await finance.call("issueVoucher", "voucher { id }", **grant))["voucher"]["id"]
    away: dict[str, Any] = {"voucherId": voucher, "reason": "a mistake"}
    assert (await mine.call("voidVoucher", "voucher { id }", **away))["__typename"] == "PermissionDeniedError"
    for _ in range(2):
        assert (await finance.call("voidVoucher", "voucher { state }", **away))["voucher"]["state"] == "VOIDED"
    stranger, _ = await registered(api)
    card = await stranger.call("purchaseCard", "card { id }", accountId=account, amount="100")
    assert card["__typename"] == "NotFoundError"
    poor = await mine.call("purchaseCard", "card { id }", accountId=account, amount="100")
    assert (poor["__typename"], poor["path"]) == ("FundRefusedError", ["amount"])
    asked = await stranger.data("query ($id: ID!) { node(id: $id) { id } }", id=voucher)
    assert asked["node"] is None


async def test_a_balance_that_a_channel_does_not_say_keeps_no_other_back(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine, account), (_, other) = await upgraded(api), await upgraded(api)
    finance = await staff(api)
    await topped_up(mine, finance, account, "100")
    there, cash = decode_id(other, "Account", "id"), books.cash

    async def broken(account_id: UUID) -> object:
        if account_id == there:
            raise ConnectionError
        return await cash(account_id)

    monkeypatch.setattr(books, "cash", broken)
    asked = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Account { wallet { balance { amount } } } } }"
    answer = await finance.answer(asked, ids=[other, account])
    assert answer["data"]["nodes"] == [{"wallet": None}, {"wallet": {"balance": {"amount": "100.00"}}}]
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["nodes", 0, "wallet"], "CHANNEL_UNAVAILABLE")
