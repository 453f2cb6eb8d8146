"""Whose money it is: each object that staff look at names its account, and accounts are found by what one knows."""

from __future__ import annotations

import pytest

from app.accounts.models import Account, StaffRole
from app.api.node import decode_id
from app.bootstrap import Runtime
from app.worker import run_once
from tests.api.driver import Api, Enum, joined, registered
from tests.api.wallets import billed, staff, titled, topped_up
from tests.conftest import TravellingClock

OWNER = "account { id name }"
SEARCH = "query ($search: String) { accounts(search: $search) { totalCount nodes { id } } }"


async def test_what_staff_look_at_names_its_account(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    finance = await staff(api, (StaffRole.FINANCE, StaffRole.ACCOUNT_MANAGER))
    accounts = []
    for _ in range(2):
        mine, account = await billed(api, runtime, 2)
        accounts.append(account)
        await topped_up(mine, finance, account, "500.00")
        await run_once(runtime.settings, runtime.host)
        bought = await mine.call("purchaseCard", "card { id }", accountId=account, amount="100")
        asked = await mine.call(
            "requestInvoice",
            f"invoice {{ {OWNER} }}",
            accountId=account,
            titleId=await titled(mine, account),
            cardIds=[bought["card"]["id"]],
            email="a@acme.example",
        )
        assert asked["invoice"]["account"]["id"] == account, asked
        applied = await mine.call(
            "applyForEdition",
            f"application {{ {OWNER} }}",
            accountId=account,
            edition=Enum("SUBSCRIPTION"),
            contactName="Wang",
            contactEmail="w@example.com",
            expectedDataKits=50,
            termMonths=12,
        )
        assert applied["application"]["account"]["id"] == account, applied
        charges = (await mine.account(account, f"charges {{ nodes {{ id {OWNER} }} }}"))["charges"]["nodes"]
        assert {charge["account"]["id"] for charge in charges} == {account}
        given = await finance.call(
            "issueCreditNote", f"creditNote {{ {OWNER} }}", chargeId=charges[0]["id"], amount="1.00", reason="x"
        )
        assert given["creditNote"]["account"] == {"id": account, "name": "Acme"}
    lanes = "(sandboxes: true)"
    queues_of = (f"settlements{lanes}", f"invoices{lanes}", "applications", f"topUps{lanes}")
    pages = " ".join(f"{queue} {{ nodes {{ {OWNER} }} }}" for queue in queues_of)
    found = await finance.data(f"{{ {pages} }}")
    named = {name: {row["account"]["id"] for row in page["nodes"]} for name, page in found.items()}
    assert named == {name: set(accounts) for name in ("settlements", "invoices", "applications", "topUps")}


@pytest.mark.parametrize("by", ["name", "id", "uuid", "owner"])
async def test_staff_find_an_account_by_what_they_know_of_it(api: Api, by: str) -> None:
    finance = await staff(api)
    mine, account = await registered(api)
    other, _ = await registered(api)
    email = (await mine.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    await joined(mine, account, other, "VIEWER")
    member = (await other.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    key = decode_id(account, "Account", "id")
    await Account.filter(id=key).update(name="北京 100% Ming_Ltd")
    wanted = {"name": "100% mING_", "id": account, "uuid": str(key), "owner": email.upper()}[by]
    found = (await finance.data(SEARCH, search=wanted))["accounts"]
    assert found == {"totalCount": 1, "nodes": [{"id": account}]}
    by_member = (await finance.data(SEARCH, search=member))["accounts"]["nodes"]
    assert len(by_member) == 1
    assert {"id": account} not in by_member
    refused = await mine.answer(SEARCH, search=wanted)
    assert refused["errors"][0]["extensions"]["code"] == "PERMISSION_DENIED"


@pytest.mark.parametrize(("search", "found"), [("%", 0), ("_", 0), (None, 2), ("acm", 1)])
async def test_a_search_is_for_text_and_not_a_pattern(api: Api, search: str | None, found: int) -> None:
    finance = await staff(api)
    await registered(api)
    assert (await finance.data(SEARCH, search=search))["accounts"]["totalCount"] == found


@pytest.mark.parametrize("search", ["", "   ", "x" * 255, "a\0b"])
async def test_a_search_for_nothing_or_too_much_is_refused(api: Api, search: str) -> None:
    answer = await (await staff(api)).answer(SEARCH, search=search)
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
