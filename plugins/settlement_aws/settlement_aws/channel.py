"""AWS Marketplace: an account is linked by the buyer's AWS account id and license ARN.

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

AWS_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
LICENSE_ARN = re.compile(r"arn:aws[a-z-]*:license-manager:[a-z0-9-]*:[0-9]*:license:[A-Za-z0-9:/_.-]{1,200}", re.ASCII)
RETRY_AFTER = timedelta(minutes=10)
NOT_CONNECTED = "this version of the channel does not talk to AWS Marketplace yet"


class AwsMarketplace(SettlementChannel):
    """BatchMeterUsage takes 25 records a request, no more than 6 hours after the event (provider's documentation)."""

    def describe(self) -> ChannelDescription:
        """External subscription, metered push."""
        return ChannelDescription(
            key="aws",
            display_name={"zh": "亚马逊云账户", "en": "AWS account"},
            currencies=frozenset({"CNY", "USD"}),
            capabilities=frozenset({Capability.EXTERNAL_SUBSCRIPTION, Capability.METERED_PUSH}),
            limits=Limits(batch_size=25, push_within=timedelta(hours=6)),
            configuration_schema={
                "type": "object",
                "properties": {
                    "customerAWSAccountId": {
                        "type": "string",
                        "title": "AWS account id",
                        "description": "12 digits, of the account that subscribed at AWS Marketplace",
                    },
                    "licenseArn": {"type": "string", "title": "ARN of the agreement's license"},
                },
                "required": ["customerAWSAccountId", "licenseArn"],
                "additionalProperties": False,
            },
        )

    async def health(self) -> Health:
        """Not configured: there is no connection to the marketplace."""
        return Health(HealthStatus.NOT_CONFIGURED, NOT_CONNECTED)

    async def bind(self, request: BindRequest) -> BindResult:
        """Checks account id and ARN; the link stays pending, since the marketplace cannot be asked."""
        account = str(request.configuration.get("customerAWSAccountId", ""))
        license_arn = str(request.configuration.get("licenseArn", ""))
        if not AWS_ACCOUNT.fullmatch(account):
            raise BindingRejected(
                "customerAWSAccountId",
                "customerAWSAccountId must be a 12-digit AWS account id.",
                "customerAWSAccountId 须为 12 位数字的 AWS 账号 ID。",
            )
        if not LICENSE_ARN.fullmatch(license_arn):
            raise BindingRejected(
                "licenseArn",
                "licenseArn must be of the form arn:aws:license-manager::123456789012:license:l-….",
                "licenseArn 须形如 arn:aws:license-manager::123456789012:license:l-…。",
            )
        return BindResult(BindState.PENDING, external_reference=f"{account}/{license_arn}")

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Nothing is pushed: every charge waits."""
        return [
            SettlementResult(charge.id, Outcome.RETRY_LATER, reason=NOT_CONNECTED, retry_at=batch.now + RETRY_AFTER)
            for charge in batch.charges
        ]
