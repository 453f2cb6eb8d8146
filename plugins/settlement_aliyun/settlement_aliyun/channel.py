"""Alibaba Cloud Marketplace: an account is linked by the Aliyun main account's UID and the purchased instance's id.

This version checks and keeps the link's data; it does not talk to the marketplace yet, and says so in its health.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from settlement_spec import (
    BindingRejected,
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    ChargeBatch,
    Health,
    HealthStatus,
    Limits,
    Outcome,
    SettlementChannel,
    SettlementResult,
)

UID = re.compile(r"[0-9]{16}", re.ASCII)
INSTANCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
RETRY_AFTER = timedelta(minutes=10)
NOT_CONNECTED = "this version of the channel does not talk to Alibaba Cloud Marketplace yet"


class AlibabaCloudMarketplace(SettlementChannel):
    """PushMeteringData takes 100 records a request, until the end of the day after (provider's documentation)."""

    def describe(self) -> ChannelDescription:
        """External subscription, metered push, CNY."""
        return ChannelDescription(
            key="aliyun",
            display_name={"zh": "阿里云账户", "en": "Alibaba Cloud account"},
            currencies=frozenset({"CNY"}),
            capabilities=frozenset({Capability.EXTERNAL_SUBSCRIPTION, Capability.METERED_PUSH}),
            limits=Limits(batch_size=100, push_within=timedelta(days=1)),
            configuration_schema={
                "type": "object",
                "properties": {
                    "aliyunUid": {
                        "type": "string",
                        "title": "Aliyun user id",
                        "description": "UID of the main account, 16 digits (also for a RAM user)",
                    },
                    "instanceId": {"type": "string", "title": "Instance id of the purchased service"},
                },
                "required": ["aliyunUid", "instanceId"],
                "additionalProperties": False,
            },
        )

    async def health(self) -> Health:
        """Not configured: there is no connection to the marketplace."""
        return Health(HealthStatus.NOT_CONFIGURED, NOT_CONNECTED)

    async def bind(self, request: BindRequest) -> BindResult:
        """Checks UID and instance id; the link stays pending, since the marketplace cannot be asked."""
        uid = str(request.configuration.get("aliyunUid", ""))
        instance = str(request.configuration.get("instanceId", ""))
        if not UID.fullmatch(uid):
            raise BindingRejected(
                "aliyunUid",
                "aliyunUid must be the 16-digit UID of the Aliyun main account.",
                "aliyunUid 须为阿里云主账号的 16 位数字 UID。",
            )
        if not INSTANCE_ID.fullmatch(instance):
            raise BindingRejected(
                "instanceId",
                "instanceId must be the id of the purchased service instance (letters, digits, - and _).",
                "instanceId 须为所购服务的实例 ID(字母、数字、- 与 _)。",
            )
        return BindResult(BindState.PENDING, external_reference=f"{uid}/{instance}")

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Nothing is pushed: every charge waits."""
        return [
            SettlementResult(charge.id, Outcome.RETRY_LATER, reason=NOT_CONNECTED, retry_at=batch.now + RETRY_AFTER)
            for charge in batch.charges
        ]
