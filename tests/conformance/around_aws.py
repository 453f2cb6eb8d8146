"""AWS Marketplace's surroundings: its stand-in on a port, and buyers who registered there."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from settlement_aws.models import ClaimCode, Link, MeteredCharge, Subscription, SubscriptionState
from settlement_spec import BindResult, Charge, SettlementChannel
from settlement_spec.conformance import Account, Callback, Collected, Harness, Misbehaviour

from app.billing.models import Charge as RaisedCharge
from tests.conformance.apportioning import apportioned
from tests.settlement.debts import raise_charges
from tests.standins import aws as standin
from tests.standins.aws import Aws

BUYERS = 30
FAULTS = {
    Misbehaviour.ACCEPT_THEN_TIME_OUT: "time_out_after_accepting",
    Misbehaviour.ERROR: "fail",
    Misbehaviour.DROP: "drop",
    Misbehaviour.THROTTLE: "throttle",
    Misbehaviour.PARTIAL_FAILURE: "partly_unprocessed",
}
LIMITS = ("ValidationException", "TimestampOutOfBoundsException", "InvalidLicenseException")


class AwsHarness(Harness):
    """Each account is a buyer of its own, with a claim code."""

    public_settings = frozenset(
        {"product_code", "dimension", "access_key_id", "endpoint_url", "timeout_seconds", "sns_topic_arns"}
        | {"sns_test_host"}
    )
    wrong_configurations = (
        {"claimCode": "UNKNOWN"},
        {"customerAWSAccountId": "100000000000", "licenseArn": "arn-0"},
        {},
    )
    misbehaviours = frozenset(FAULTS)

    async def start(self) -> None:
        self.at = datetime.now(UTC)
        self.aws = Aws(lambda: self.at, rate=1_000)
        self.stack = AsyncExitStack()
        await self.stack.enter_async_context(self.aws.serving())
        self.settings = {
            **self.aws.settings(),
            "timeout_seconds": "2",
            "eventbridge_api_key": "key-of-the-event-bus",
        }
        stand_in = ("endpoint_url", "sns_test_host")
        self.production_settings = {name: value for name, value in self.settings.items() if name not in stand_in}
        subscriptions = [subscription(number, self.at) for number in range(BUYERS)]
        await Subscription.bulk_create(subscriptions)
        await ClaimCode.bulk_create(
            ClaimCode(
                code_hash=sha256(_code(number).encode()).hexdigest(),
                subscription_id=subscription.id,
                expires_at=self.at + timedelta(hours=24),
            )
            for number, subscription in enumerate(subscriptions)
        )
        for one in subscriptions:
            self.aws.customer(str(one.customer_aws_account_id), one.license_arn, one.customer_identifier)

    async def stop(self) -> None:
        await self.stack.aclose()

    def now(self) -> datetime:
        return self.at

    async def travel(self, now: datetime) -> None:
        self.at = now

    def configuration(self, number: int) -> Mapping[str, Any]:
        return {"claimCode": _code(number)}

    async def confirm(self, account: Account, result: BindResult, client: Any) -> None:
        """AWS announces that the buyer has subscribed."""
        announced = self._notification(account, "subscribe-success")
        answer = await client.post(announced.path, content=announced.content)
        assert answer.status_code == 200, answer.text

    async def collected(self, channel: SettlementChannel, charges: Sequence[Charge]) -> Iterable[Collected]:
        return await collected(self.aws)

    async def misbehave(self, how: Misbehaviour) -> None:
        self.aws.misbehave[FAULTS[how]] = 1_000

    async def recover(self) -> None:
        self.aws.misbehave.clear()

    async def violations(self) -> Sequence[str]:
        return [code for code in self.aws.refused if code in LIMITS]

    async def genuine_callbacks(self, account: Account) -> Sequence[Callback]:
        return [self._notification(account, "unsubscribe-pending"), self._notification(account, "unsubscribe-success")]

    async def forged_callbacks(self, account: Account) -> Sequence[Callback]:
        genuine = json.loads(self._notification(account, "unsubscribe-success").content)
        other = self._notification(account, "subscribe-fail")
        unsigned = {name: value for name, value in genuine.items() if name != "Signature"}
        mixed = {**genuine, "Message": json.loads(other.content)["Message"]}
        return [
            *(Callback("sns", content=json.dumps(message).encode()) for message in (unsigned, mixed)),
            Callback("events", headers={"x-api-key": "another key"}, content=b"{}"),
            Callback("events", content=b"{}"),
        ]

    def _notification(self, account: Account, action: str) -> Callback:
        number = str(account.configuration["claimCode"]).removeprefix("CLAIM")
        message = {"action": action, "customer-identifier": f"cust-{number}", "product-code": standin.PRODUCT}
        return Callback("sns", content=json.dumps(self.aws.notification(message)).encode())


async def raise_charges_of(buyers: Sequence[Subscription], number: int) -> list[tuple[RaisedCharge, str]]:
    """Accounts that owe, ``number`` of them, paid by these subscriptions in turn: each charge, and who pays it."""
    await Subscription.bulk_create(buyers)
    payers = [buyers[n % len(buyers)] for n in range(number)]
    charges = await raise_charges("aws", [one.reference for one in payers])
    await Link.bulk_create(
        Link(subscription_id=one.id, account_id=charge.account_id, linked_at=charge.raised_at)
        for one, charge in zip(payers, charges, strict=True)
    )
    return [(charge, one.reference) for charge, one in zip(charges, payers, strict=True)]


async def collected(aws: Aws) -> list[Collected]:
    """The stand-in's book by charge."""
    metered: dict[tuple[str, str], list[tuple[UUID, int]]] = defaultdict(list)
    for one in await MeteredCharge.all().select_related("record").order_by("charge_id"):
        metered[one.record.customer, f"{one.record.hour:%Y-%m-%dT%H}"].append((one.charge_id, one.units))
    return [
        entry
        for (customer, license_arn, _, hour, _), held in aws.book.items()
        if held["record"]["Quantity"] or metered[customer, hour]
        for entry in apportioned(held["record"]["Quantity"], metered[customer, hour], f"{customer}/{license_arn}")
    ]


def _code(number: int) -> str:
    return f"CLAIM{number}"


def subscription(number: int, now: datetime, state: SubscriptionState = SubscriptionState.REGISTERED) -> Subscription:
    """A subscription to a product of the new kind."""
    account, arn = f"{100_000_000_000 + number}", f"arn:aws:license-manager::294406891311:license:l-{number}"
    return Subscription(
        reference=f"{account}/{arn}",
        customer=account,
        product_code=standin.PRODUCT,
        customer_aws_account_id=account,
        license_arn=arn,
        customer_identifier=f"cust-{number}",
        state=state,
        registered_at=now,
    )
