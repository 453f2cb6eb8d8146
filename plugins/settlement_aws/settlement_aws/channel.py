"""AWS Marketplace as a settlement channel: usage is metered there, and AWS bills the buyer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from settlement_spec import (
    IN_CHINESE,
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    ChannelRefusal,
    Charge,
    ChargeBatch,
    Health,
    HealthStatus,
    HostServices,
    Limits,
    Money,
    Outcome,
    ProviderRecord,
    Reconciliation,
    SettlementChannel,
    SettlementResult,
    TortoiseApp,
)

from settlement_aws import slots
from settlement_aws.client import MarketplaceClient
from settlement_aws.configuration import Configuration, Rhythm, read
from settlement_aws.hours import WINDOW
from settlement_aws.metering import MOST_RECORDS, NOT_ANSWERED, Metering, Waiting
from settlement_aws.models import Link, MeteredCharge, RecordState, Subscription, SubscriptionState, UsageRecord
from settlement_aws.notifications import Notifications
from settlement_aws.routes import Endpoints
from settlement_aws.subscriptions import claim, end_links, relink

RETRY_AFTER = timedelta(minutes=1)
CURRENCIES = frozenset({"CNY", "USD"})
PUSH_SECONDS = 16.0
METER = "datakit"


def now_utc() -> datetime:
    """The world's clock."""
    return datetime.now(UTC)


class AwsMarketplace(SettlementChannel, Reconciliation):
    """BatchMeterUsage takes 25 records a request, until 24 hours after the event, or when its month closes."""

    def __init__(self, clock: Callable[[], datetime] = now_utc) -> None:
        self._clock = clock
        self._configuration = Configuration()

    def describe(self) -> ChannelDescription:
        """External subscription, metered push; what was metered can be listed from the ids that AWS gave."""
        return ChannelDescription(
            key="aws",
            display_name={"zh": "亚马逊云账户", "en": "AWS account"},
            currencies=CURRENCIES,
            capabilities=frozenset({Capability.EXTERNAL_SUBSCRIPTION, Capability.METERED_PUSH}),
            limits=Limits(batch_size=MOST_RECORDS, push_within=WINDOW),
            configuration_schema={
                "type": "object",
                "properties": {
                    "claimCode": {
                        "type": "string",
                        "title": "Claim code",
                        "description": "Shown once, after 'Set up your account' at AWS Marketplace",
                        IN_CHINESE: {
                            "title": "领取码",
                            "description": "在 AWS Marketplace 点击“Set up your account”后显示一次",
                        },
                        "maxLength": 40,
                    },
                    "customerAWSAccountId": {
                        "type": "string",
                        "title": "AWS account id",
                        "description": "12 digits; only of a subscription that this account claimed by a code before",
                        IN_CHINESE: {
                            "title": "AWS 账户 ID",
                            "description": "12 位数字，仅用于本账户此前已用领取码关联过的订阅",
                        },
                        "maxLength": 20,
                    },
                    "licenseArn": {
                        "type": "string",
                        "title": "License ARN",
                        "description": "The ARN of the agreement's license, with the AWS account id",
                        IN_CHINESE: {"title": "许可 ARN", "description": "协议对应许可的 ARN，与 AWS 账户 ID 一起填写"},
                        "maxLength": 1200,
                    },
                },
                "oneOf": [{"required": ["claimCode"]}, {"required": ["customerAWSAccountId", "licenseArn"]}],
                "additionalProperties": False,
            },
            meters=frozenset({METER}),
            tortoise_app=TortoiseApp("settlement_aws", "settlement_aws.models", "settlement_aws.migrations"),
        )

    async def purchase_url(self) -> str | None:
        """The product's page at AWS Marketplace, if the operator named it."""
        return self._configuration.purchase_url

    async def start(self, host: HostServices) -> None:
        """Read the settings; the SDK's connection is made with the first call."""
        self._configuration = read(host.settings)
        self._client = MarketplaceClient(self._configuration)
        self._notifications = Notifications(host, self._client, self._clock)
        self._metering = Metering(self._client, self._notifications, self._clock, PUSH_SECONDS)

    async def health(self) -> Health:
        """Not configured, with what to set; unhealthy after AWS refused the seller's own credentials or settings."""
        problems = list(self._configuration.problems)
        if not problems and not await self._client.has_credentials():
            problems.append(
                "set BILLING_CHANNEL_AWS_ACCESS_KEY_ID and BILLING_CHANNEL_AWS_SECRET_ACCESS_KEY, or a role"
            )
        if problems:
            return Health(HealthStatus.NOT_CONFIGURED, "; ".join(problems))
        if self._client.trouble:
            return Health(HealthStatus.UNHEALTHY, self._client.trouble)
        return Health(HealthStatus.HEALTHY)

    def routes(self) -> Sequence[Any]:
        """Fulfilment URL, SNS and EventBridge."""
        return Endpoints(self._configuration, self._client, self._notifications, self._clock).routes()

    async def bind(self, request: BindRequest) -> BindResult:
        """Link by a claim code. It stays pending until AWS announces the subscription (subscribe-success).

        A registration token alone says who the buyer is, not that they may be metered: AWS asks sellers to wait for
        subscribe-success, and answers CustomerNotSubscribed before it.
        """
        given = {name: str(value).strip() for name, value in request.configuration.items()}
        now = self._clock()
        if code := given.get("claimCode"):
            subscription = await claim(request.account_id, code, now)
        elif (account := given.get("customerAWSAccountId")) and (arn := given.get("licenseArn")):
            subscription = await relink(request.account_id, account, arn, now)
        else:
            raise ChannelRefusal("claimCode", "A claim code is needed.", "请填写领取码。")
        bound = subscription.state == SubscriptionState.SUBSCRIBED
        return BindResult(BindState.BOUND if bound else BindState.PENDING, external_reference=subscription.reference)

    async def unbind(self, account_id: UUID) -> None:
        """The subscription pays for this account no more; what was raised before is still metered."""
        await end_links(self._clock(), account_id=account_id)

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Meter the charges' units; the money is AWS's to collect, at the price listed there."""
        if self._configuration.problems:
            return [_later(charge, "; ".join(self._configuration.problems), batch.now) for charge in batch.charges]
        results: dict[UUID, SettlementResult] = {}
        by_subscription = await self._by_subscription(batch, results)
        planned = await slots.take(
            self._configuration.dimension, self._configuration.region, by_subscription, batch.now
        )
        results |= {id: SettlementResult(id, Outcome.REJECTED, reason=why) for id, why in planned.refused.items()}
        results |= {
            id: SettlementResult(id, Outcome.RETRY_LATER, reason="waits for a free hour at AWS", retry_at=at)
            for id, at in planned.early.items()
        }
        records = await slots.records_of(charge.id for charge in batch.charges)
        pending = {record.id: record for record in records.values() if record.state == RecordState.PENDING}
        waiting = await self._metering.push(list(pending.values()))
        answered = {
            record.id: record
            for record in await UsageRecord.filter(id__in=[one.id for one in records.values()]).prefetch_related(
                "charges"
            )
        }
        for charge in batch.charges:
            if charge.id in records:
                record = answered[records[charge.id].id]
                results[charge.id] = _result(charge, record, waiting.get(record.id, NOT_ANSWERED), batch.now)
        return [results[charge.id] for charge in batch.charges]

    async def tick(self, now: datetime) -> None:
        """In the hourly rhythm, meter 0 for the hours in which a subscription used nothing."""
        if self._configuration.problems or self._configuration.rhythm != Rhythm.HOURLY:
            return
        await slots.take_zeros(self._configuration.dimension, self._configuration.region, now)
        await self._metering.push(await slots.unsent(now))

    async def reconcile(self, since: datetime, until: datetime) -> Sequence[ProviderRecord]:
        """The charges of records that AWS gave a MeteringRecordId: AWS has no listing of what was metered."""
        metered = MeteredCharge.filter(record__accepted_at__gte=since, record__accepted_at__lt=until)
        return [
            ProviderRecord(
                charge_id=one.charge_id,
                provider_reference=one.record.metering_record_id or "",
                units=one.units,
                amount=Money(one.amount_minor, one.currency),
                at=one.record.accepted_at or since,
            )
            for one in await metered.select_related("record").order_by("record__accepted_at", "charge_id")
        ]

    async def _by_subscription(
        self, batch: ChargeBatch, results: dict[UUID, SettlementResult]
    ) -> dict[UUID, list[Charge]]:
        """Charges by the subscription that pays for them; those that none may pay for are answered in ``results``."""
        references = {charge.external_reference for charge in batch.charges if charge.external_reference}
        found = {one.reference: one for one in await Subscription.filter(reference__in=list(references))}
        links = Link.filter(subscription_id__in=[one.id for one in found.values()])
        linked = {(link.subscription_id, link.account_id) for link in await links}
        by_subscription: dict[UUID, list[Charge]] = defaultdict(list)
        for charge in batch.charges:
            subscription = found.get(charge.external_reference or "")
            if charge.sandbox and self._configuration.endpoint_url is None:
                reason = "the play money of a sandbox is metered only where BILLING_CHANNEL_AWS_ENDPOINT_URL is set"
            elif charge.amount.currency not in CURRENCIES:
                reason = f"AWS Marketplace is settled in {' or '.join(sorted(CURRENCIES))}"
            elif subscription is None or (subscription.id, charge.account_id) not in linked:
                reason = "the account has no subscription at AWS Marketplace"
            else:
                by_subscription[subscription.id].append(charge)
                continue
            results[charge.id] = SettlementResult(charge.id, Outcome.REJECTED, reason=reason)
        return by_subscription


def _result(charge: Charge, record: UsageRecord, waiting: Waiting, now: datetime) -> SettlementResult:
    """A record that charges share goes out again with any of them, so that one may be collected unasked."""
    if record.state == RecordState.ACCEPTED:
        return SettlementResult(charge.id, Outcome.SETTLED, provider_reference=record.metering_record_id)
    if record.state == RecordState.REFUSED:
        return SettlementResult(charge.id, Outcome.REJECTED, reason=record.reason)
    if waiting.lost or record.attempts > 1 or len(record.charges) > 1:
        return SettlementResult(charge.id, Outcome.UNKNOWN, reason=waiting.reason, retry_at=now + RETRY_AFTER)
    return _later(charge, waiting.reason, now)


def _later(charge: Charge, reason: str, now: datetime) -> SettlementResult:
    return SettlementResult(charge.id, Outcome.RETRY_LATER, reason=reason, retry_at=now + RETRY_AFTER)
