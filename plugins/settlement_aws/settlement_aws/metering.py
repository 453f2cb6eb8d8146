"""Sending usage records. A record is sent as it was written down until AWS has answered for it, and never after."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from tortoise.expressions import F

from settlement_aws.client import AnswerLost, MarketplaceClient, ProviderError
from settlement_aws.hours import timestamp_of
from settlement_aws.models import RecordState, UsageRecord
from settlement_aws.notifications import Notifications
from settlement_aws.subscriptions import payer_of

if TYPE_CHECKING:
    from mypy_boto3_meteringmarketplace.type_defs import UsageRecordTypeDef

MOST_RECORDS = 25
LOST = "an earlier answer of AWS was lost, so look at the product's usage report before it is collected elsewhere"
FAULTS_OF_A_RECORD = {
    "TimestampOutOfBoundsException": "window missed: AWS does not take usage of this hour any more",
    "InvalidCustomerIdentifierException": "AWS does not know the customer",
    "InvalidLicenseException": "AWS does not know the license of the agreement",
}
FAULTS_OF_A_REQUEST = frozenset({*FAULTS_OF_A_RECORD, "InvalidUsageDimensionException", "InvalidProductCodeException"})


class Waiting(NamedTuple):
    """Why AWS has not answered for a record yet; ``lost``: it may have metered it all the same."""

    reason: str
    lost: bool = False


NOT_ANSWERED = Waiting("AWS has not answered in time", lost=True)
ANSWER_LOST = Waiting("the answer of AWS was lost", lost=True)


class Metering:
    """Sends records, and writes down what AWS answers."""

    def __init__(
        self, client: MarketplaceClient, notifications: Notifications, clock: Callable[[], datetime], seconds: float
    ) -> None:
        self._client = client
        self._notifications = notifications
        self._clock = clock
        self._seconds = seconds

    async def push(self, records: Sequence[UsageRecord]) -> dict[UUID, Waiting]:
        """Send records, 25 of one product and identity in a request; why, by record, AWS has not answered yet."""
        waiting = {record.id: NOT_ANSWERED for record in records}
        alike: dict[Form, list[UsageRecord]] = defaultdict(list)
        for record in records:
            if record.attempts == 0:
                await self._go_on(record)
            alike[_form(record)].append(record)
        batches = [
            (form, same[start : start + MOST_RECORDS])
            for form, same in alike.items()
            for start in range(0, len(same), MOST_RECORDS)
        ]
        try:
            async with asyncio.timeout(self._seconds):
                await asyncio.gather(*(self._send(form, batch, waiting) for form, batch in batches))
        except TimeoutError:
            pass
        return waiting

    async def _send(self, form: Form, records: Sequence[UsageRecord], waiting: dict[UUID, Waiting]) -> None:
        await UsageRecord.filter(id__in=[record.id for record in records]).update(attempts=F("attempts") + 1)
        try:
            answer = await self._client.batch_meter_usage(
                [_on_the_wire(record) for record in records], None if form.licensed else form.product_code, form.region
            )
        except AnswerLost:
            waiting.update({record.id: ANSWER_LOST for record in records})
            return
        except ProviderError as error:
            if error.code in FAULTS_OF_A_REQUEST and len(records) > 1:
                for record in records:
                    await self._send(form, [record], waiting)
            elif error.code in FAULTS_OF_A_RECORD:
                await self._refuse(records[0], FAULTS_OF_A_RECORD[error.code], waiting)
            else:
                lost = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
                waiting.update({record.id: Waiting(str(error), lost) for record in records})
            return
        by_key = {_key(_on_the_wire(record)): record for record in records}
        for result in answer.get("Results", []):
            answered = by_key.pop(_key(result.get("UsageRecord", {})), None)
            if answered is not None:
                await self._write_down(answered, result.get("Status"), result.get("MeteringRecordId"), waiting)
        unprocessed = {_key(wire) for wire in answer.get("UnprocessedRecords", [])}
        for key, record in by_key.items():
            waiting[record.id] = Waiting("AWS did not process it") if key in unprocessed else ANSWER_LOST

    async def _write_down(
        self, record: UsageRecord, status: str | None, metering_record_id: str | None, waiting: dict[UUID, Waiting]
    ) -> None:
        if status == "Success" and metering_record_id:
            await self._accept(record, metering_record_id, waiting)
        elif status == "DuplicateRecord":
            await self._duplicate(record, metering_record_id, waiting)
        elif status == "CustomerNotSubscribed":
            await self._not_subscribed(record, waiting)
        else:
            waiting[record.id] = Waiting(f"AWS answered with the status {status}", lost=True)

    async def _not_subscribed(self, record: UsageRecord, waiting: dict[UUID, Waiting]) -> None:
        """AWS says so, too, of a buyer whom it has suspended, of an agreement before its license is provisioned, and of
        one that was renewed: a link ends when the agreement has ended, and until then the record waits.
        """
        standing = await self._notifications.standing(record.subscription)
        reason = f"AWS says that the customer is not subscribed (CustomerNotSubscribed); {standing.reason}"
        if standing.ended:
            await self._refuse(record, reason, waiting)
            await self._notifications.unsubscribed(record.subscription, reason)
            return
        waiting[record.id] = Waiting(reason)
        if record.attempts == 0:
            await UsageRecord.filter(id=record.id, state=RecordState.PENDING).update(attempts=0)

    async def _go_on(self, record: UsageRecord) -> None:
        """A record that AWS certainly has not goes by the license with which the agreement has gone on."""
        now = record.subscription
        license_arn = now.license_arn if now.customer_aws_account_id else None
        payer = payer_of(now.product_code, record.customer, license_arn)
        taken = UsageRecord.filter(payer=payer, dimension=record.dimension, hour=record.hour)
        if payer != record.payer and not await taken.exists():
            record.license_arn, record.payer = license_arn, payer
            await UsageRecord.filter(id=record.id, state=RecordState.PENDING, attempts=0).update(
                license_arn=license_arn, payer=payer
            )

    async def _duplicate(
        self, record: UsageRecord, metering_record_id: str | None, waiting: dict[UUID, Waiting]
    ) -> None:
        """The hour is taken: by this very record if it was sent before and the answer names the one that AWS keeps.

        AWS documents DuplicateRecord as *another* quantity, which this channel never sends for an hour; so without
        that evidence somebody else metered it, and staff are to look.
        """
        kept = await UsageRecord.get(id=record.id)
        if kept.attempts > 1 and metering_record_id:
            await self._accept(record, metering_record_id, waiting)
        else:
            await self._refuse(record, "AWS holds another quantity for this hour (DuplicateRecord)", waiting)

    async def _accept(self, record: UsageRecord, metering_record_id: str, waiting: dict[UUID, Waiting]) -> None:
        await UsageRecord.filter(id=record.id, state=RecordState.PENDING).update(
            state=RecordState.ACCEPTED, metering_record_id=metering_record_id, accepted_at=self._clock()
        )
        waiting.pop(record.id, None)

    async def _refuse(self, record: UsageRecord, reason: str, waiting: dict[UUID, Waiting]) -> None:
        kept = await UsageRecord.get(id=record.id)
        why = f"{reason}; {LOST}" if kept.attempts > 1 else reason
        await UsageRecord.filter(id=record.id, state=RecordState.PENDING).update(state=RecordState.REFUSED, reason=why)
        waiting.pop(record.id, None)


class Form(NamedTuple):
    """What the records of a request have in common: a region, a product, and how they name agreement and customer."""

    region: str
    product_code: str
    licensed: bool
    by_identifier: bool


def _form(record: UsageRecord) -> Form:
    subscription = record.subscription
    by_identifier = subscription.customer_aws_account_id is None
    return Form(record.region, subscription.product_code, record.license_arn is not None, by_identifier)


def _on_the_wire(record: UsageRecord) -> UsageRecordTypeDef:
    wire: UsageRecordTypeDef = {
        "Timestamp": timestamp_of(record.hour),
        "Dimension": record.dimension,
        "Quantity": record.quantity,
    }
    if record.subscription.customer_aws_account_id:
        wire["CustomerAWSAccountId"] = record.customer
    else:
        wire["CustomerIdentifier"] = record.customer
    if record.license_arn:
        wire["LicenseArn"] = record.license_arn
    return wire


def _key(wire: Any) -> tuple[Any, ...]:
    return (
        wire.get("CustomerAWSAccountId") or wire.get("CustomerIdentifier"),
        wire.get("LicenseArn"),
        wire.get("Dimension"),
        wire.get("Timestamp"),
    )
