"""The marketplace, called with the provider's SDK, which is loaded where the channel is configured alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from aiohttp import ClientConnectorError
from alibabacloud_market20151101.client import Client
from alibabacloud_market20151101.models import (
    ConfirmNotificationRequest,
    DescribeFailedNotificationsRequest,
    DescribeInstanceForIsvRequest,
    PushMeteringDataRequest,
)
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions

from settlement_aliyun.answers import Answer, Notification, Pushed, Sold, Unanswered, metering
from settlement_aliyun.models import Record
from settlement_aliyun.settings import Settings

T = TypeVar("T")
MOST_NOTIFICATIONS = 20
SELLER_AT_FAULT = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidTimeStamp",
    "Signature",
)


class Marketplace:
    """The provider's API, as one seller."""

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.call_seconds
        self._client = Client(
            Config(
                access_key_id=settings.access_key_id,
                access_key_secret=settings.access_key_secret,
                endpoint=settings.endpoint,
                protocol=settings.protocol,
            )
        )

    async def push(self, records: Sequence[Record]) -> Pushed:
        """Push records of one product in one request (``PushMeteringData``); never raises for what the provider does.

        The SDK does not try again by itself, so a request is sent once at the most.
        """
        request = PushMeteringDataRequest(metering=metering(records))
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._client.push_metering_data_with_options_async(request, RuntimeOptions())
        except AlibabaCloudException as error:
            return _refusal(error)
        except Exception as error:
            if _never_connected(error):
                return Pushed(Answer.LATER, reason="the marketplace cannot be reached")
            return Pushed(Answer.LOST, reason=f"the marketplace's answer was lost ({type(error).__name__})")
        if response.body is None or response.body.success is None:
            return Pushed(Answer.LOST, reason="the marketplace's answer says nothing")
        if response.body.success is not True:
            return Pushed(Answer.REFUSED, response.body.request_id, "the marketplace answered Success=false")
        return Pushed(Answer.TAKEN, response.body.request_id)

    async def failed_notifications(self) -> list[Notification]:
        """The first of the calls that failed for good (``DescribeFailedNotifications``), which ``confirm`` takes off.

        Raises:
            Unanswered: the marketplace did not say.
        """
        request = DescribeFailedNotificationsRequest(page_number=1, page_size=MOST_NOTIFICATIONS)
        response = await self._ask(
            self._client.describe_failed_notifications_with_options_async(request, RuntimeOptions())
        )
        return [
            Notification(str(one.notification_request_id), one.action or "", one.message or "")
            for one in (response.body.notification_list if response.body else None) or []
        ]

    async def confirm(self, notification: Notification) -> None:
        """Tell the marketplace that a notification arrived after all (``ConfirmNotification``).

        Raises:
            Unanswered: nobody knows whether it was told.
        """
        request = ConfirmNotificationRequest(notification_request_id=notification.id)
        await self._ask(self._client.confirm_notification_with_options_async(request, RuntimeOptions()))

    async def sold(self, instance_id: str) -> Sold:
        """What became of an instance (``DescribeInstanceForIsv``).

        Raises:
            Unanswered: the marketplace did not say, or knows no such instance.
        """
        request = DescribeInstanceForIsvRequest(instance_id=instance_id)
        response = await self._ask(self._client.describe_instance_for_isv_with_options_async(request, RuntimeOptions()))
        if response.body is None or not response.body.status:
            raise Unanswered("the marketplace's answer says nothing")
        ends_on = response.body.end_on
        return Sold(response.body.status, datetime.fromtimestamp(ends_on / 1000, UTC) if ends_on else None)

    async def _ask(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await call
        except AlibabaCloudException as error:
            raise Unanswered(f"the marketplace answered {error.status_code} {error.code}") from error
        except Exception as error:
            raise Unanswered(f"the marketplace did not answer ({type(error).__name__})") from error


def _refusal(error: AlibabaCloudException) -> Pushed:
    status, code = error.status_code or 0, error.code or ""
    reason = f"the marketplace answered {status} {code}"
    if code.startswith("Throttling") or status == 429:
        return Pushed(Answer.LATER, error.request_id, reason)
    if not 400 <= status < 500 or status == 408:
        return Pushed(Answer.LOST, error.request_id, reason)
    if status in (401, 403) or code.startswith(SELLER_AT_FAULT):
        return Pushed(Answer.LATER, error.request_id, f"{reason}: check the access key and the server's clock")
    return Pushed(Answer.REFUSED, error.request_id, reason)


def _never_connected(error: BaseException | None) -> bool:
    """Whether the connection was never made, so that nothing can have been sent."""
    while error is not None:
        if isinstance(error, ClientConnectorError):
            return True
        error = getattr(error, "inner_exception", None) or error.__cause__ or error.__context__
    return False
