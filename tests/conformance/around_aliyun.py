"""Alibaba Cloud Marketplace's surroundings: its stand-in on a port, and instances that it sold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from settlement_aliyun.models import Instance, InstanceState, RecordedCharge
from settlement_spec import Charge, SettlementChannel
from settlement_spec.conformance import Account, Callback, Collected, Harness, Misbehaviour

from tests.conformance.apportioning import apportioned
from tests.standins.aliyun import ISV_KEY, PRODUCT, Standin, signed_call
from tests.standins.aliyun import Instance as SoldInstance

UID = "1234567890123456"
PRODUCTS = (PRODUCT, "cmgj00067890")
INSTANCES = 110
MANY = 1_000
FAULTS = {
    Misbehaviour.ACCEPT_THEN_TIME_OUT: ["accept_then_hang"] * MANY,
    Misbehaviour.ERROR: ["500"] * MANY,
    Misbehaviour.DROP: ["drop"] * MANY,
    Misbehaviour.THROTTLE: ["throttle"] * MANY,
    Misbehaviour.PARTIAL_FAILURE: ["", *["throttle"] * MANY],
}
"""A request is taken whole or not at all; of two products' requests the first is taken, and the second is not."""
LIMITS = ("Throttling.Instance", "InvalidMetering", "MeteringExpired", "InvalidProduct")


class AliyunHarness(Harness):
    """Each account has an instance of its own, of one product or the other in turn."""

    public_settings = frozenset({"access_key_id", "product_codes", "endpoint", "protocol", "call_seconds"})
    public_settings |= {"after_lost_answer"}
    wrong_configurations = (
        {"aliyunUid": "12345", "instanceId": "i-0"},
        {"aliyunUid": UID, "instanceId": "nobodys"},
        {"aliyunUid": UID},
    )
    misbehaviours = frozenset(FAULTS)

    async def start(self) -> None:
        self.at = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
        self.standin = Standin(lambda: self.at.timestamp())
        self.stack = AsyncExitStack()
        await self.stack.enter_async_context(self.standin.serving())
        self.settings = {
            **self.standin.settings(),
            "product_codes": ",".join(PRODUCTS),
            "call_seconds": "1",
            "after_lost_answer": "resend",
        }
        stand_in = ("endpoint", "protocol")
        self.production_settings = {name: value for name, value in self.settings.items() if name not in stand_in}
        for number in range(INSTANCES):
            self.standin.add(f"i-{number}", PRODUCTS[number % 2])
        await create_instances(self.standin.instances.values(), self.at)

    async def stop(self) -> None:
        await self.stack.aclose()

    def now(self) -> datetime:
        return self.at

    async def travel(self, now: datetime) -> None:
        self.at = now

    def configuration(self, number: int) -> Mapping[str, Any]:
        return {"aliyunUid": UID, "instanceId": f"i-{number}"}

    async def collected(self, channel: SettlementChannel, charges: Sequence[Charge]) -> Iterable[Collected]:
        return await collected(self.standin)

    async def misbehave(self, how: Misbehaviour) -> None:
        self.standin.faults.extend(FAULTS[how])

    async def recover(self) -> None:
        self.standin.faults.clear()

    async def violations(self) -> Sequence[str]:
        return [code for code in self.standin.refused if code.startswith(LIMITS)]

    async def genuine_callbacks(self, account: Account) -> Sequence[Callback]:
        return [_call("expiredInstance", account), _call("releaseInstance", account)]

    async def forged_callbacks(self, account: Account) -> Sequence[Callback]:
        unsigned = urlencode({"action": "releaseInstance", "instanceId": account.configuration["instanceId"]})
        return [
            Callback(f"?{unsigned}", method="GET"),
            _call("releaseInstance", account, key="another key"),
            Callback(f"{_call('expiredInstance', account).path}&more=1", method="GET"),
        ]


async def create_instances(instances: Iterable[SoldInstance], now: datetime) -> None:
    """What the marketplace sold is known to the seller."""
    await Instance.bulk_create(
        Instance(
            id=sold.id,
            aliyun_uid=UID,
            order_id="o-1",
            product_code=sold.product,
            sku_id="s",
            trial=False,
            state=InstanceState.ACTIVE,
            created_at=now,
        )
        for sold in instances
    )


async def collected(standin: Standin) -> list[Collected]:
    """The stand-in's book by charge."""
    units: dict[tuple[str, int], list[tuple[UUID, int]]] = defaultdict(list)
    for row in await RecordedCharge.all().select_related("record").order_by("charge_id"):
        units[row.record.instance_id, row.record.start_time].append((row.charge_id, row.units))
    return [
        entry
        for one in standin.book
        for entry in apportioned(one.value, units[one.instance_id, one.start_time], one.instance_id)
    ]


def _call(action: str, account: Account, key: str = ISV_KEY) -> Callback:
    signed = signed_call(key, action=action, instanceId=str(account.configuration["instanceId"]))
    return Callback(f"?{urlencode(signed)}", method="GET")
