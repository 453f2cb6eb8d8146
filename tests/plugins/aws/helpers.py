"""Words that the tests of the AWS channel share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from settlement_spec import BindRequest, BindResult, Charge, ChargeBatch, ChargeKind, Money, SettlementResult

from tests.plugins.aws.conftest import ACCOUNT, ARN, Seller
from tests.standins.aws import PRODUCT

REFERENCE = f"{ACCOUNT}/{ARN}"


async def code_of(
    seller: Seller,
    account: str | None = ACCOUNT,
    arn: str | None = ARN,
    old: str | None = None,
    agreement: str | None = None,
    product: str = PRODUCT,
) -> str:
    """Register a buyer, and read the claim code from the page."""
    page = await seller.register(seller.aws.token(account, arn, old, agreement, product))
    found = re.search(r"<code>(\w+)</code>", page.text)
    assert found, page.text
    return found[1]


async def bind(seller: Seller, account_id: UUID, **configuration: str) -> BindResult:
    return await seller.channel.bind(BindRequest(account_id, "Acme", configuration, seller.world()))


async def announce(seller: Seller, action: str, identifier: str = "cust-1", version: str = "1", **changes: str) -> int:
    """AWS sends an SNS notification; the status that it is answered with."""
    message = {"action": action, "customer-identifier": identifier, "product-code": "prod-datakit"}
    return (await seller.http.post("/sns", json=seller.aws.notification(message, version, **changes))).status_code


async def subscribed(seller: Seller, account_id: UUID | None = None, customer: str = ACCOUNT, arn: str = ARN) -> UUID:
    """An account that AWS pays for: registered, claimed, confirmed."""
    account_id = account_id or uuid4()
    identifier = f"cust-{customer}-{arn[-4:]}"
    seller.aws.customer(customer, arn)
    await bind(seller, account_id, claimCode=await code_of(seller, customer, arn, identifier))
    assert await announce(seller, "subscribe-success", identifier) == 200
    return account_id


async def agreed(
    seller: Seller, arn: str = ARN, agreement: str = "agmt-1", customer: str = ACCOUNT, product: str = PRODUCT
) -> UUID:
    """An account that AWS pays for by an agreement."""
    account_id = uuid4()
    seller.aws.customer(customer, arn, product=product)
    seller.aws.agreement(agreement, customer, arn)
    await bind(seller, account_id, claimCode=await code_of(seller, customer, arn, None, agreement, product))
    assert await send(seller, event(seller, "License Updated - Manufacturer", arn=arn, agreement=agreement)) == 200
    return account_id


def event(
    seller: Seller, name: str, status: str = "ACTIVE", arn: str | None = ARN, agreement: str = "agmt-1"
) -> dict[str, Any]:
    """What EventBridge brings: events of agreements name neither product nor license."""
    about = {"product": {"id": "prod-1", "code": PRODUCT}, "license": {"arn": arn}} if arn else {}
    return {
        "id": str(uuid4()),
        "detail-type": name,
        "source": "aws.agreement-marketplace",
        "time": seller.world().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "detail": {"agreement": {"id": agreement, "status": status}, "acceptor": {"accountId": ACCOUNT}, **about},
    }


async def send(seller: Seller, content: Any, key: str = "event-key") -> int:
    """EventBridge's API destination sends an event; the status that it is answered with."""
    return (await seller.http.post("/events", json=content, headers={"x-api-key": key})).status_code


def charge(
    seller: Seller,
    account_id: UUID,
    units: int = 20,
    kind: ChargeKind = ChargeKind.DAILY,
    ends: datetime | None = None,
    reference: str = REFERENCE,
    sandbox: bool = False,
) -> Charge:
    ends = ends or seller.world().replace(hour=16, minute=0)
    due = ends if kind == ChargeKind.DAILY else seller.world()
    day = (ends - timedelta(hours=1)).date()
    money = Money(units * 500, "CNY")
    return Charge(uuid4(), account_id, reference, {}, kind, day, ends, due, units, money, sandbox)


async def settle(seller: Seller, *charges: Charge) -> Sequence[SettlementResult]:
    return await seller.channel.settle(ChargeBatch(charges, seller.world()))


def quantities(seller: Seller) -> dict[str, int]:
    """The stand-in's book: quantity by hour."""
    return {key[3]: held["record"]["Quantity"] for key, held in seller.aws.book.items()}
