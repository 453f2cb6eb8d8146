"""One balance that pays for several accounts: whose is taken, what is left when it ends, and who may."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from settlement_spec import Outcome, SettlementResult

from app.api.node import encode_id
from app.billing.books import trial_balance
from app.bootstrap import Runtime
from app.jobs.models import Job
from app.settlement.arrears import update_standings
from app.settlement.audit import check
from app.settlement.models import WalletShare
from app.settlement.settling import settle_due
from app.statements import reports
from app.statements.reports import Asked
from app.worker import run_once
from tests.api.driver import Api, activate, advance, license_and_key, registered, upgraded
from tests.api.driver import joined as became_member
from tests.api.wallets import DAY, credit, granted, staff, titled, topped_up
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing, Scripted

SHARE = "share { id state ownerId memberId ownerName memberName channel }"
MONEY = "wallet { balance { amount } } standing { state }"


@pytest.fixture(autouse=True)
def stand_still(travelling_clock: TravellingClock) -> None:
    """Every test begins on 2026-03-02."""


async def offered(owner: Api, account: str) -> str:
    made = await owner.call("inviteToWallet", f"{SHARE} invitationCode", accountId=account)
    assert made["share"]["state"] == "INVITED", made
    return str(made["invitationCode"])


async def joined(member: Api, account: str, code: str) -> Any:
    return await member.call("joinWallet", SHARE, accountId=account, code=code)


async def used(api: Api) -> tuple[Api, str]:
    """An account that is billed from the eighth day on."""
    mine, account = await upgraded(api)
    await activate(mine, *await license_and_key(mine, account), fingerprint=f"fingerprint-{uuid4()}")
    return mine, account


async def billed(mine: Api, account: str, runtime: Runtime, days: int) -> None:
    """Some days more are charged and collected, and nothing is wrong with the books."""
    await advance(mine, account, days * DAY or 1)
    await run_once(runtime.settings, runtime.host)
    assert await check(runtime.host) == []


async def balance(mine: Api, account: str) -> str:
    return str((await mine.account(account, MONEY))["wallet"]["balance"]["amount"])


async def test_a_members_charges_are_paid_from_the_owners_balance(api: Api, runtime: Runtime) -> None:
    finance = await staff(api)
    (owner, payer), (member, account) = await upgraded(api), await used(api)
    await topped_up(owner, finance, payer, "1000.00")
    await granted(finance, payer, "50.00")
    share = (await joined(member, account, (await offered(owner, payer)).lower().replace("-", " ")))["share"]
    assert (share["state"], share["ownerId"], share["memberId"], share["channel"]) == (
        "ACTIVE",
        payer,
        account,
        "guance",
    )
    await billed(member, account, runtime, 10)
    assert (await balance(owner, payer), await balance(member, account)) == ("850.00", "0.00")
    found = await member.account(
        account,
        "charges { nodes { settlement { state paidFrom { source amount { amount } } } } } "
        "incomeAndExpense { totalCount } wallet { movements { totalCount } }",
    )
    paid = [charge["settlement"] for charge in found["charges"]["nodes"]]
    assert [(one["state"], [part["source"] for part in one["paidFrom"]]) for one in paid] == [
        ("SETTLED", ["VOUCHER", "CASH"]),
        ("SETTLED", ["CASH"]),
    ]
    assert (found["incomeAndExpense"]["totalCount"], found["wallet"]["movements"]["totalCount"]) == (0, 0)
    theirs = await owner.account(
        payer,
        "wallet { movements(first: 2) { nodes { kind forAccountId } } } "
        "incomeAndExpense { nodes { kind charge { id } } }",
    )
    assert theirs["wallet"]["movements"]["nodes"] == [{"kind": "CHARGE", "forAccountId": account}] * 2
    assert theirs["incomeAndExpense"]["nodes"][1:] == [{"kind": "CHARGE_PAID_FOR_ANOTHER", "charge": None}] * 2


async def test_what_was_raised_before_or_after_is_the_accounts_own_and_credits_go_back_to_who_paid(
    api: Api, runtime: Runtime
) -> None:
    finance = await staff(api)
    (owner, payer), (member, account) = await upgraded(api), await used(api)
    await topped_up(owner, finance, payer, "1000.00")
    await topped_up(member, finance, account, "1000.00")
    await billed(member, account, runtime, 9)
    share = (await joined(member, account, await offered(owner, payer)))["share"]["id"]
    await billed(member, account, runtime, 1)
    assert (await balance(owner, payer), await balance(member, account)) == ("900.00", "900.00")
    ended = await owner.call("endWalletShare", SHARE, shareId=share)
    assert ended["share"]["state"] == "ENDED"
    await billed(member, account, runtime, 1)
    assert (await balance(owner, payer), await balance(member, account)) == ("900.00", "800.00")
    charges = (await member.account(account, "charges { nodes { id } }"))["charges"]["nodes"]
    for charge, amount in zip(charges, ("1.00", "20.00", "3.00"), strict=True):
        await credit(finance, charge["id"], amount)
    await billed(member, account, runtime, 0)
    assert (await balance(owner, payer), await balance(member, account)) == ("920.00", "804.00")


async def test_usage_corrected_after_a_share_ended_goes_back_to_who_paid(api: Api, runtime: Runtime) -> None:
    finance = await staff(api)
    owner, payer = await upgraded(api)
    member, account = await upgraded(api)
    text, ak, sk = await license_and_key(member, account)
    await activate(member, text, ak, sk)
    await topped_up(owner, finance, payer, "1000.00")
    share = (await joined(member, account, await offered(owner, payer)))["share"]["id"]
    await advance(member, account, 8 * DAY)
    reports = [{"hour": "2026-03-09T17:00:00Z", "dataKits": [f"dk-{number}" for number in range(40)]}]
    sent = await api.call("reportUsage", "__typename", (ak, sk), fingerprint="fingerprint-1", reports=reports)
    assert sent["__typename"] == "ReportUsageSuccess", sent
    await billed(member, account, runtime, 1)
    before = await balance(owner, payer)
    await member.call("endWalletShare", SHARE, shareId=share)
    (deployment,) = (await member.account(account, "deployments { nodes { id } }"))["deployments"]["nodes"]
    gone = [{"hour": "2026-03-09T17:00:00Z", "dataKits": []}]
    fixed = await member.call("correctUsage", "__typename", deploymentId=deployment["id"], reason="x", reports=gone)
    assert fixed["__typename"] == "CorrectUsageSuccess", fixed
    await billed(member, account, runtime, 0)
    assert (before, await balance(owner, payer), await balance(member, account)) == ("800.00", "900.00", "0.00")


async def test_who_is_paid_for_by_a_balance_that_owes_is_suspended_with_its_owner(api: Api, runtime: Runtime) -> None:
    finance = await staff(api)
    (owner, payer), (member, account) = await upgraded(api), await used(api)
    await joined(member, account, await offered(owner, payer))
    await billed(member, account, runtime, 9)
    await run_once(runtime.settings, runtime.host)
    for mine, one in ((owner, payer), (member, account)):
        found = await mine.account(one, "standing { state owed { amount } }")
        assert found["standing"] == {"state": "SUSPENDED", "owed": [{"amount": "100.00"}]}
    step = "nextSteps { action mutation }"
    for mine, one, way in ((owner, payer, "requestTopUp"), (member, account, "endWalletShare")):
        assert (await mine.account(one, step))["nextSteps"][0] == {"action": "TOP_UP", "mutation": way}
    await topped_up(owner, finance, payer, "100.00")
    await run_once(runtime.settings, runtime.host)
    for mine, one in ((owner, payer), (member, account)):
        assert (await mine.account(one, MONEY))["standing"]["state"] == "GOOD"


async def test_who_joins_a_balance_that_owes_owes_it_since_then(api: Api, runtime: Runtime) -> None:
    (owner, payer), (member, account) = await used(api), await upgraded(api)
    await billed(owner, payer, runtime, 8 + 20)
    await run_once(runtime.settings, runtime.host)
    assert (await owner.account(payer, MONEY))["standing"]["state"] == "IN_ARREARS"
    await advance(member, account, 28 * DAY)
    await joined(member, account, await offered(owner, payer))
    for state, days in (("SUSPENDED", 14), ("SUSPENDED", 1), ("IN_ARREARS", 0)):
        await run_once(runtime.settings, runtime.host)
        assert (await member.account(account, MONEY))["standing"]["state"] == state
        await advance(member, account, days * DAY or 1)


async def test_a_voucher_that_paid_for_another_is_deducted_from_what_the_other_earned_us(
    api: Api, runtime: Runtime
) -> None:
    finance = await staff(api)
    (owner, payer), (member, account) = await upgraded(api), await used(api)
    await granted(finance, payer, "50.00")
    await joined(member, account, await offered(owner, payer))
    await billed(member, account, runtime, 10)
    earned = await reports.revenue(runtime.host, Asked("2026-03", sandboxes=True))
    found = [(encode_id("Account", row.account_id), row.revenue_minor, row.discounts_minor) for row in earned]
    booked = {row.ledger_account: row.balance_minor for row in await trial_balance(sandboxes=True)}
    assert (found, booked["discounts"]) == ([(account, 20_000, 5_000)], 5_000)


async def test_the_owner_is_invoiced_for_what_it_paid(api: Api, runtime: Runtime) -> None:
    finance = await staff(api)
    (owner, payer), (member, account) = await upgraded(api), await used(api)
    await topped_up(owner, finance, payer, "5000.00")
    await joined(member, account, await offered(owner, payer))
    await billed(member, account, runtime, 40)
    shown = "invoiceableItems { month amount { amount } }"
    assert (await member.account(account, shown))["invoiceableItems"] == []
    assert (await owner.account(payer, shown))["invoiceableItems"] == [
        {"month": "2026-03", "amount": {"amount": "2200.00"}}
    ]
    asked = await owner.call(
        "requestInvoice",
        "invoice { amount { amount } }",
        accountId=payer,
        titleId=await titled(owner, payer),
        months=["2026-03"],
        email="a@acme.example",
    )
    assert asked["invoice"] == {"amount": {"amount": "2200.00"}}
    assert await check(runtime.host) == []


async def test_a_low_balance_is_told_to_who_pays_for_all_that_it_pays(api: Api, runtime: Runtime) -> None:
    finance = await staff(api)
    (owner, payer), (member, account) = await used(api), await used(api)
    await topped_up(owner, finance, payer, "1000.00")
    await joined(member, account, await offered(owner, payer))
    for mine, one in ((owner, payer), (member, account)):
        await mine.call("setBalanceAlert", "__typename", accountId=one, days=4)
        await billed(mine, one, runtime, 10)
    assert await balance(owner, payer) == "600.00"
    await Job.all().delete()
    await run_once(runtime.settings, runtime.host)
    alert = "balanceAlert { low }"
    assert (await member.account(account, alert))["balanceAlert"] == {"low": False}
    assert (await owner.account(payer, alert))["balanceAlert"] == {"low": True}


async def test_a_code_is_good_once_for_one_account_and_a_week(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    owner, payer = await upgraded(api)
    members = [await upgraded(api) for _ in range(3)]
    code = await offered(owner, payer)
    answers = await asyncio.gather(*(joined(mine, account, code) for mine, account in members))
    assert sorted(answer["__typename"] for answer in answers) == ["JoinWalletSuccess"] + ["NotFoundError"] * 2
    assert code not in str(await WalletShare.all().values())
    late = await offered(owner, payer)
    travelling_clock.forward(days=7)
    for mine, account in members:
        refused = await joined(mine, account, late)
        assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["code"])


async def test_what_cannot_be_shared_is_refused(api: Api, runtime: Runtime) -> None:
    (first, one), (second, two), (third, three) = [await upgraded(api) for _ in range(3)]
    real, account = await upgraded(api, sandbox=False)
    early, nothing = await registered(api)
    assert (await early.call("inviteToWallet", "invitationCode", accountId=nothing))["code"] == "STEP_OUT_OF_ORDER"
    for mine, other in ((first, one), (real, account)):
        refused = await joined(mine, other, await offered(first, one))
        assert (refused["code"], refused["path"]) == ("WALLET_SHARE_CONFLICT", ["code"])
    of_second, of_third = await offered(second, two), await offered(third, three)
    assert (await joined(second, two, await offered(first, one)))["share"]["state"] == "ACTIVE"
    for refused in (
        await joined(third, three, of_second),
        await joined(second, two, of_third),
        await joined(first, one, of_third),
        await second.call("inviteToWallet", "invitationCode", accountId=two),
    ):
        assert refused["code"] == "WALLET_SHARE_CONFLICT"
    assert await WalletShare.filter(state="ACTIVE").count() == 1


async def test_either_side_ends_it_and_nobody_else(api: Api, runtime: Runtime) -> None:
    (owner, payer), (member, account), (stranger, _) = [await upgraded(api) for _ in range(3)]
    viewer, _ = await registered(api)
    await became_member(member, account, viewer, "VIEWER")
    shares = []
    for ending in (owner, member):
        share = (await joined(member, account, await offered(owner, payer)))["share"]["id"]
        shares.append(share)
        assert (await stranger.call("endWalletShare", SHARE, shareId=share))["code"] == "NOT_FOUND"
        assert (await viewer.call("endWalletShare", SHARE, shareId=share))["code"] == "PERMISSION_DENIED"
        for _ in range(2):
            assert (await ending.call("endWalletShare", SHARE, shareId=share))["share"]["state"] == "ENDED"
    taken_back = await owner.call("inviteToWallet", f"{SHARE} invitationCode", accountId=payer)
    await owner.call("endWalletShare", SHARE, shareId=taken_back["share"]["id"])
    assert (await joined(member, account, taken_back["invitationCode"]))["code"] == "NOT_FOUND"
    seen = "walletShares { nodes { id } }"
    assert (await member.account(account, seen))["walletShares"]["nodes"] == [{"id": share} for share in shares]
    types = "events { nodes { type } }"
    for mine, one in ((owner, payer), (member, account)):
        told = [event["type"] for event in (await mine.account(one, types))["events"]["nodes"]]
        assert told.count("wallet.share_began") == 2
        assert told.count("wallet.share_ended") == (3 if one == payer else 2)


async def through_a_cloud(api: Api, owing: Owing) -> tuple[Api, Api, str, Api, str]:
    """Finance staff, an account with 1000.00, and one that owes for a day, which a cloud is to collect."""
    mine, account, _ = await owing()
    finance = await staff(api)
    owner, payer = await upgraded(api, sandbox=False)
    await topped_up(owner, finance, payer, "1000.00")
    return finance, owner, payer, mine, account


async def test_what_is_given_back_of_a_charge_that_a_cloud_collected_is_the_members_own(
    owing: Owing, api: Api, runtime: Runtime
) -> None:
    finance, owner, payer, member, account = await through_a_cloud(api, owing)
    await settle_due(runtime.host)
    await joined(member, account, await offered(owner, payer))
    (charge,) = (await member.account(account, "charges { nodes { id } }"))["charges"]["nodes"]
    await credit(finance, charge["id"], "30.00")
    await settle_due(runtime.host)
    assert (await balance(owner, payer), await balance(member, account)) == ("1000.00", "30.00")
    assert await check(runtime.host) == []


async def test_what_is_given_back_of_a_charge_that_moves_to_the_owner_goes_to_the_owner(
    owing: Owing, api: Api, runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    finance, owner, payer, member, account = await through_a_cloud(api, owing)
    await joined(member, account, await offered(owner, payer))
    (charge,) = (await member.account(account, "charges { nodes { id settlement { id } } }"))["charges"]["nodes"]
    await credit(finance, charge["id"], "30.00")
    scripted.answer = lambda charge: SettlementResult(charge.id, Outcome.REJECTED, reason="no")
    await settle_due(runtime.host)
    await member.call("chooseSettlementChannel", "__typename", accountId=account, channel="guance")
    moved = await finance.call(
        "moveSettlement", "__typename", settlementId=charge["settlement"]["id"], reason="the cloud does not take it"
    )
    assert moved["__typename"] == "MoveSettlementSuccess", moved
    for _ in range(3):
        travelling_clock.forward(minutes=5)
        await settle_due(runtime.host)
    assert (await balance(owner, payer), await balance(member, account)) == ("930.00", "0.00")
    assert await check(runtime.host) == []


async def test_what_one_balance_owes_for_several_is_listed_once(api: Api, runtime: Runtime) -> None:
    finance = await staff(api)
    (owner, payer), (member, account) = await upgraded(api), await used(api)
    await joined(member, account, await offered(owner, payer))
    await billed(member, account, runtime, 10)
    await update_standings(runtime.host)
    listed = (await finance.data("{ arrearsReport(sandboxes: true) { nodes { account { id } owed { amount } } } }"))[
        "arrearsReport"
    ]["nodes"]
    assert listed == [{"account": {"id": payer}, "owed": {"amount": "200.00"}}]
