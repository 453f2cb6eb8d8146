"""A customer who has something of every kind, and who else knows of it."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import reduce
from typing import Any
from uuid import uuid4

from app.accounts.models import Account, Identity, Passkey, StaffRole, User
from app.api.node import Node, decode_id, encode_id
from app.bootstrap import Runtime
from app.clock import now
from app.deployments.models import Deployment
from app.settlement.models import CaseKind, ReconciliationCase
from app.usage.checks import HourlyReport
from app.usage.reporting import report_usage
from app.worker import run_once
from tests.accounts.people import address
from tests.api.driver import Api, Enum, activate, advance, agreed, license_and_key, upgraded
from tests.api.wallets import DAY, staff, titled, topped_up
from tests.applications.steps import accepted, apply, terms

ACCOUNTS = "{ viewer { accounts { nodes { id name } } } }"
KEPT_BY_CHANNELS = {"TopUp": ("topUps", "nodes"), "Fund": ("wallet", "vouchers", "nodes")}


@dataclass
class Vendor:
    """The staff who serve every customer."""

    finance: Api
    manager: Api


@dataclass
class Tenant:
    """A customer, and the global ids of all that is theirs, by kind."""

    client: Api
    account: str
    ids: dict[str, list[str]]


async def vendor(api: Api) -> Vendor:
    """Staff of each kind."""
    return Vendor(await staff(api), await staff(api, [StaffRole.ACCOUNT_MANAGER]))


async def all_ids() -> dict[str, set[str]]:
    """The global ids of every row there is, by kind; those of channels, and what concerns no account, are not in it."""
    return {
        name: {str(encode_id(name, row.id)) for row in await kind.rows() if name != "AuditEntry" or row.account_id}
        for name, kind in Node.kinds.items()
        if name not in KEPT_BY_CHANNELS
    }


async def tenant(api: Api, runtime: Runtime, helped_by: Vendor) -> Tenant:
    """A new customer: an account that pays as it goes, another one under contract, and all that comes with them."""
    before = await all_ids()
    mine, account = await upgraded(api)
    await _watched(mine, account)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk, fingerprint=f"fingerprint-{uuid4()}")
    await topped_up(mine, helped_by.finance, account, "5000.00")
    await _made(mine, "requestTopUp", accountId=account, amount="10.00")
    codes = {"amount": "1.00", "expiresAt": "2027-01-01T00:00:00Z", "note": "fair"}
    await _made(helped_by.finance, "issueVoucherCodes", count=1, **codes)
    voucher = {"amount": "20.00", "expiresAt": "2027-01-01T00:00:00Z", "note": "welcome"}
    await _made(helped_by.finance, "issueVoucher", accountId=account, **voucher)
    await _made(helped_by.finance, "createCoupon", name="welcome", code=f"C-{uuid4()}", percentOff=5)
    coupons = await helped_by.finance.data("{ coupons(last: 1) { nodes { id } } }")
    await _made(helped_by.finance, "applyCoupon", accountId=account, couponId=coupons["coupons"]["nodes"][0]["id"])
    await _under_contract(mine, helped_by.manager)
    await _corrected(mine, account)
    await advance(mine, account, 40 * DAY)
    await run_once(runtime.settings, runtime.host)
    await _billed(mine, helped_by.finance, account)
    await _made(mine, "createPersonalAccessToken", name="script")
    await _suspended(mine, helped_by.manager, account)
    user = await User.get(email=await address(mine))
    keys: dict[str, Any] = {"credential_id": user.id.bytes, "public_key": b"x", "sign_count": 0}
    await Passkey.create(user_id=user.id, name="phone", created_at=now(), **keys)
    await Identity.create(user_id=user.id, issuer="https://id.example.com", subject=str(user.id), created_at=now())
    await _made(mine, "createServiceToken", accountId=account, name="ci", role=Enum("VIEWER"))
    await _made(mine, "inviteMember", accountId=account, email=f"{uuid4()}@example.com", role=Enum("VIEWER"))
    ids = {name: sorted(found - before[name]) for name, found in (await all_ids()).items()}
    return Tenant(mine, account, ids | await _kept_by_channels(mine, account))


async def _made(client: Api, mutation: str, **arguments: Any) -> None:
    answer = await client.call(mutation, "__typename", **arguments)
    assert "code" not in answer, answer


async def _watched(mine: Api, account: str) -> None:
    await _made(mine, "createWebhookEndpoint", accountId=account, url="https://hooks.example.com/x")
    await _made(mine, "setBudget", accountId=account, amount="100.00", thresholds=[80])


async def _corrected(mine: Api, account: str) -> None:
    (found,) = (await mine.account(account, "deployments { nodes { id } }"))["deployments"]["nodes"]
    deployment = await Deployment.get(id=decode_id(found["id"], "Deployment", "id"))
    hour = now().replace(minute=0, second=0, microsecond=0)
    await report_usage(await Account.get(id=deployment.account_id), deployment, [HourlyReport(hour, ["dk-1"])])
    await _made(mine, "correctUsage", deploymentId=found["id"], reason="gone", reports=[{"hour": hour.isoformat()}])


async def _suspended(mine: Api, manager: Api, account: str) -> None:
    (found,) = (await mine.account(account, "deployments { nodes { id } }"))["deployments"]["nodes"]
    for mutation in ("suspend", "reinstate"):
        await _made(manager, mutation, subjectId=found["id"], reason="a mistake")


async def _under_contract(mine: Api, manager: Api) -> None:
    second = (await mine.call("createAccount", "account { id }", name="Acme Labs", sandbox=True))["account"]["id"]
    application = (await apply(mine, second))["application"]["id"]
    await _made(manager, "takeApplication", applicationId=application)
    await _made(manager, "addApplicationNote", applicationId=application, text="They know us.")
    offer = await manager.call("makeOffer", "offer { id }", applicationId=application, **terms())
    await agreed(mine, second)
    await _made(mine, "chooseSettlementChannel", accountId=second, channel="guance")
    answer = await accepted(mine, offer["offer"]["id"])
    assert answer["__typename"] == "AcceptOfferSuccess", answer


async def _billed(mine: Api, finance: Api, account: str) -> None:
    charges = (await mine.account(account, "charges(first: 1) { nodes { id } }"))["charges"]["nodes"]
    await _made(finance, "issueCreditNote", chargeId=charges[0]["id"], amount="1.00", reason="an outage")
    to = {"recipient": "Wang", "phone": "010-55550100", "address": "Beijing"}
    await _made(mine, "addInvoiceAddress", accountId=account, **to)
    title = await titled(mine, account)
    await _made(mine, "submitCompanyVerification", accountId=account, name="Acme", taxNumber="91350100M000100Y43")
    await _made(mine, "requestInvoice", accountId=account, titleId=title, months=["2026-03"], email="books@example.com")
    invited = await mine.call("inviteToWallet", "invitationCode", accountId=account)
    accounts = (await mine.data(ACCOUNTS))["viewer"]["accounts"]["nodes"]
    other = next(one["id"] for one in accounts if one["name"] == "Acme Labs")
    await _made(mine, "joinWallet", accountId=other, code=invited["invitationCode"])
    await ReconciliationCase.create(
        channel="guance", charge_id=uuid4(), kind=next(iter(CaseKind)), details={}, opened_at=now(), sandbox=False
    )


async def _kept_by_channels(mine: Api, account: str) -> dict[str, list[str]]:
    found: Any = await mine.account(account, "topUps { nodes { id } } wallet { vouchers { nodes { id } } }")
    return {
        kind: sorted(one["id"] for one in reduce(operator.getitem, path, found))
        for kind, path in KEPT_BY_CHANNELS.items()
    }
