"""Accounts with money in their wallets, and the staff who put it there."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from app.accounts.models import StaffAssignment, StaffRole, User
from app.bootstrap import Runtime
from app.worker import run_once
from tests.api.driver import Api, activate, advance, license_and_key, upgraded

DAY = 86_400


async def staff(api: Api, roles: Sequence[StaffRole] = (StaffRole.FINANCE,)) -> Api:
    email = f"{secrets.token_hex(6)}@staff.example"
    made = await api.call("register", "token", email=email, password="a long password", name="S", organizationName="V")
    user = await User.get(email=email)
    for role in roles:
        await StaffAssignment.create(user_id=user.id, role=role)
    return Api(api.http, made["token"])


async def topped_up(mine: Api, finance: Api, account: str, amount: str) -> None:
    asked = await mine.call("requestTopUp", "topUp { id reference }", accountId=account, amount=amount)
    done = await finance.call(
        "confirmTopUp",
        "topUp { state }",
        topUpId=asked["topUp"]["id"],
        bankReference=asked["topUp"]["reference"],
        receivedAmount=amount,
    )
    assert done["topUp"]["state"] == "CONFIRMED", done


async def billed(api: Api, runtime: Runtime, days: int) -> tuple[Api, str]:
    """An account that was charged 100 CNY for each of some days, on 2026-03-10 and after."""
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    await advance(mine, account, (7 + days) * DAY)
    await run_once(runtime.settings, runtime.host)
    return mine, account


async def granted(finance: Api, account: str, amount: str, expires_at: str = "2027-12-31T00:00:00+08:00") -> str:
    """A voucher's global id."""
    made = await finance.call(
        "issueVoucher", "voucher { id }", accountId=account, amount=amount, expiresAt=expires_at, note="x"
    )
    assert made["__typename"] == "IssueVoucherSuccess", made
    return str(made["voucher"]["id"])


TITLE = {
    "name": "示例科技有限公司",
    "taxNumber": "91110000600037341L",
    "registeredAddress": "北京市海淀区中关村大街 1 号",
    "registeredPhone": "010-55550100",
    "bank": "招商银行北京分行",
    "bankAccount": "110900000000001",
}
"""An entry of a title book that special VAT invoices are made out to, too."""


async def titled(mine: Api, account: str, **title: Any) -> str:
    """The global id of a new entry of an account's title book."""
    made = await mine.call("addInvoiceTitle", "title { id }", accountId=account, title=TITLE | title)
    assert made["__typename"] == "AddInvoiceTitleSuccess", made
    return str(made["title"]["id"])


async def credit(finance: Api, charge_id: object, amount: str) -> dict[str, Any]:
    """What giving a charge back answers."""
    found = await finance.call(
        "issueCreditNote", "creditNote { id }", chargeId=str(charge_id), amount=amount, reason="an outage"
    )
    return dict(found)
