"""What AWS and the buyer's browser call: ``register``, ``sns`` and ``events``, under ``/channels/aws``."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from datetime import datetime

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from settlement_aws import eventbridge, sns
from settlement_aws.client import AnswerLost, MarketplaceClient, ProviderError
from settlement_aws.configuration import Configuration
from settlement_aws.notifications import Event, Notifications
from settlement_aws.registration import Registration
from settlement_aws.sns import NotFromAmazon, SnsMessages

log = logging.getLogger(__name__)


class Endpoints:
    """The channel's HTTP endpoints."""

    def __init__(
        self,
        configuration: Configuration,
        client: MarketplaceClient,
        notifications: Notifications,
        clock: Callable[[], datetime],
    ) -> None:
        self._configuration = configuration
        self._notifications = notifications
        self._clock = clock
        self._sns = SnsMessages(configuration.sns_topic_arns, configuration.sns_test_host)
        self._registration = Registration(configuration, client, notifications, clock)

    def routes(self) -> list[Route]:
        """Fulfilment URL, SNS and EventBridge."""
        return [
            Route("/register", self._registration.page, methods=["POST"]),
            Route("/sns", self.sns, methods=["POST"]),
            Route("/events", self.events, methods=["POST"]),
        ]

    async def sns(self, request: Request) -> Response:
        """An SNS message. 403: it is not to be trusted; 5xx lets SNS deliver it again."""
        try:
            message = await self._sns.read(await request.body(), self._clock())
            if message["Type"] == "SubscriptionConfirmation":
                await self._sns.confirm(message)
            event = sns.event(message, self._configuration.product_codes) if message["Type"] == "Notification" else None
        except NotFromAmazon as error:
            log.warning("an SNS message was refused: %s", error)
            return JSONResponse({"message": str(error)}, 403)
        except ValueError as error:
            return JSONResponse({"message": str(error)}, 400)
        except httpx.HTTPError as error:
            log.warning("SNS could not be reached: %s", type(error).__name__)
            return JSONResponse({"message": "SNS could not be reached"}, 502)
        return await self._handled(event)

    async def events(self, request: Request) -> Response:
        """An event from EventBridge. 401: the header ``x-api-key`` is not the one that is set."""
        key = self._configuration.eventbridge_api_key
        given = request.headers.get("x-api-key", "")
        if key is None or not hmac.compare_digest(given.encode(), key.encode()):
            return JSONResponse({"message": "x-api-key is wrong"}, 401)
        try:
            event = eventbridge.parse(await request.body(), self._configuration.product_codes)
        except ValueError as error:
            return JSONResponse({"message": str(error)}, 400)
        return await self._handled(event)

    async def _handled(self, event: Event | None) -> Response:
        try:
            if event is not None:
                await self._notifications.handle(event)
        except (ProviderError, AnswerLost) as error:
            log.warning("an announcement is to come again: %s", error)
            return JSONResponse({"message": "AWS Marketplace does not say what became of the agreement"}, 503)
        return Response(status_code=200)
