"""Calls to AWS Marketplace: the official SDK in threads of its own, within a time limit, 10 a second."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from settlement_aws.configuration import Configuration

if TYPE_CHECKING:
    from mypy_boto3_meteringmarketplace.client import MarketplaceMeteringClient
    from mypy_boto3_meteringmarketplace.type_defs import BatchMeterUsageResultTypeDef, UsageRecordTypeDef

P = ParamSpec("P")
T = TypeVar("T")
Service = Literal["meteringmarketplace", "marketplace-agreement"]
CONNECT_SECONDS = 2.0
AGREEMENTS_REGION = "us-east-1"
"""Where AWS keeps agreements, whichever region usage is metered in."""
SECONDS_BETWEEN_REQUESTS = 0.1
METERING_THREADS = 6
VISITOR_THREADS = 4
SELLERS_FAULT = frozenset(
    {
        "AccessDeniedException",
        "DisabledApiException",
        "InvalidClientTokenId",
        "InvalidProductCodeException",
        "InvalidSignatureException",
        "InvalidUsageDimensionException",
        "NoCredentials",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


class ProviderError(Exception):
    """AWS refused a request, or was not reached: ``code`` is its error code."""

    def __init__(self, code: str, message: str, status: int = 0) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.status = code, status

    @property
    def again(self) -> bool:
        """Whether the same request may be answered later."""
        return self.code in {"ThrottlingException", "NotReached"} or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR


class AnswerLost(Exception):
    """The request may have reached AWS, and its answer did not come back."""


@dataclass(frozen=True)
class Customer:
    """What ResolveCustomer answers; which parts there are depends on how old the product is."""

    product_code: str
    customer_aws_account_id: str | None
    license_arn: str | None
    customer_identifier: str | None
    agreement_id: str | None


class AgreementStatus(StrEnum):
    """What AWS says of an agreement, as far as it matters here; it has more words for one that goes on or ended."""

    ACTIVE = "ACTIVE"
    RENEWED = "RENEWED"
    REPLACED = "REPLACED"
    SUPERSEDED = "SUPERSEDED"


GOES_ON = frozenset({AgreementStatus.RENEWED, AgreementStatus.REPLACED, AgreementStatus.SUPERSEDED})
"""An agreement of this status is over, and another one of its chain goes on."""


@dataclass(frozen=True)
class Agreement:
    """What DescribeAgreement answers; ``initial_id`` names the chain of renewals and replacements that it is of."""

    id: str
    status: str
    acceptor: str | None
    initial_id: str


@dataclass(frozen=True)
class Entitlement:
    """What an agreement lets the buyer use: ``status`` PROVISIONED when its license can be metered, else ``why``."""

    status: str
    why: str | None
    license_arn: str | None


class Lane:
    """Requests in turn, in threads of their own: those of another lane never wait for them.

    AWS counts the requests of each operation for itself, and takes 10 BatchMeterUsage a second of an account
    (https://docs.aws.amazon.com/marketplace/latest/APIReference/metering-service-quotas.html).
    """

    def __init__(self, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="aws-marketplace")
        self._pace = threading.Lock()
        self._next_at = 0.0

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work`` answers when its turn has come."""
        in_turn = partial(self._in_turn, partial(work, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._executor, in_turn)

    def _in_turn(self, work: Callable[[], T]) -> T:
        with self._pace:
            now = time.monotonic()
            turn = max(self._next_at, now)
            self._next_at = turn + SECONDS_BETWEEN_REQUESTS
        time.sleep(turn - now)
        return work()


class MarketplaceClient:
    """One process's connection; the SDK's own credential chain is used where no key is set.

    A request takes 2 s to connect and 5 s to answer at most. What anybody may cause, registrations and looks at the
    channel's health, has a lane of its own, so that strangers cannot keep usage from being metered in time.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._making = threading.Lock()
        self._metering = Lane(METERING_THREADS)
        self._visitors = Lane(VISITOR_THREADS)
        self._clients: dict[tuple[Service, str], Any] = {}
        self.trouble: str | None = None

    async def resolve_customer(self, token: str) -> Customer:
        """Who bears a registration token.

        Raises:
            ProviderError, AnswerLost: it is not valid, or AWS cannot say now.
        """
        answer = await self._visitors.run(self._call, lambda client: client.resolve_customer(RegistrationToken=token))
        if not answer.get("ProductCode"):
            raise AnswerLost("the answer names no product: it did not come back whole")
        return Customer(
            product_code=answer["ProductCode"],
            customer_aws_account_id=answer.get("CustomerAWSAccountId") or None,
            license_arn=answer.get("LicenseArn") or None,
            customer_identifier=answer.get("CustomerIdentifier") or None,
            agreement_id=answer.get("Metadata", {}).get("AgreementId") or None,
        )

    async def batch_meter_usage(
        self, records: Sequence[UsageRecordTypeDef], product_code: str | None, region: str
    ) -> BatchMeterUsageResultTypeDef:
        """Meter up to 25 records of one product in a region; without ``product_code`` their license ARNs name it.

        Raises:
            ProviderError: nothing was metered.
            AnswerLost: some or all of it may have been metered.
        """
        named: dict[str, str] = {"ProductCode": product_code} if product_code else {}
        return await self._metering.run(
            self._call, lambda client: client.batch_meter_usage(UsageRecords=records, **named), region
        )

    async def describe_agreement(self, agreement_id: str) -> Agreement:
        """What became of an agreement.

        Raises:
            ProviderError, AnswerLost: there is none, or AWS cannot say now.
        """
        answer = await self._visitors.run(self._ask, lambda client: client.describe_agreement(agreementId=agreement_id))
        return Agreement(
            id=agreement_id,
            status=answer.get("status", ""),
            acceptor=answer.get("acceptor", {}).get("accountId"),
            initial_id=answer.get("initialAgreementId") or agreement_id,
        )

    async def entitlements(self, agreement_id: str) -> list[Entitlement]:
        """What an agreement lets the buyer use now (100 at most).

        Raises:
            ProviderError, AnswerLost: there is no such agreement, or AWS cannot say now.
        """
        answer = await self._visitors.run(
            self._ask, lambda client: client.get_agreement_entitlements(agreementId=agreement_id)
        )
        return [
            Entitlement(one.get("status", ""), one.get("statusReasonCode"), one.get("licenseArn"))
            for one in answer.get("agreementEntitlements", [])
        ]

    async def has_credentials(self) -> bool:
        """Whether there is a key, set here or in the SDK's credential chain."""
        if self._configuration.access_key_id:
            return True
        return await self._visitors.run(lambda: boto3.Session().get_credentials() is not None)

    def _call(self, work: Callable[[MarketplaceMeteringClient], T], region: str | None = None) -> T:
        return self._answer(lambda: work(self._client("meteringmarketplace", region or self._configuration.region)))

    def _ask(self, work: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return self._answer(lambda: work(self._client("marketplace-agreement", AGREEMENTS_REGION)))

    def _answer(self, work: Callable[[], T]) -> T:
        try:
            answer = work()
        except ClientError as error:
            about = error.response.get("Error", {})
            code = about.get("Code", "Unknown")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            self.trouble = str(error) if code in SELLERS_FAULT else None
            raise ProviderError(code, about.get("Message", ""), status) from error
        except NoCredentialsError as error:
            self.trouble = str(error)
            raise ProviderError("NoCredentials", str(error)) from error
        except (ConnectTimeoutError, EndpointConnectionError) as error:
            self.trouble = str(error)
            raise ProviderError("NotReached", str(error)) from error
        except BotoCoreError as error:
            raise AnswerLost(str(error)) from error
        self.trouble = None
        return answer

    def _client(self, service: Service, region: str) -> Any:
        with self._making:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._connect(service, region)
            return self._clients[service, region]

    def _connect(self, service: Service, region: str) -> Any:
        settings = self._configuration
        session = boto3.Session(
            aws_access_key_id=settings.access_key_id,
            aws_secret_access_key=settings.secret_access_key,
            region_name=region,
        )
        limits = Config(
            connect_timeout=min(CONNECT_SECONDS, settings.timeout_seconds),
            read_timeout=settings.timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": 1},
        )
        return session.client(service, endpoint_url=settings.endpoint_url, config=limits)
