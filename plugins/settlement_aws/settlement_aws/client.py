"""Calls to AWS Marketplace Metering: the official SDK in threads of its own, within a time limit, 10 a second."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

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
CONNECT_SECONDS = 2.0
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
        self, records: Sequence[UsageRecordTypeDef], product_code: str | None
    ) -> BatchMeterUsageResultTypeDef:
        """Meter up to 25 records of one product; without ``product_code`` their license ARNs name it.

        Raises:
            ProviderError: nothing was metered.
            AnswerLost: some or all of it may have been metered.
        """
        if product_code is None:
            return await self._metering.run(self._call, lambda client: client.batch_meter_usage(UsageRecords=records))
        return await self._metering.run(
            self._call, lambda client: client.batch_meter_usage(UsageRecords=records, ProductCode=product_code)
        )

    async def has_credentials(self) -> bool:
        """Whether there is a key, set here or in the SDK's credential chain."""
        if self._configuration.access_key_id:
            return True
        return await self._visitors.run(lambda: boto3.Session().get_credentials() is not None)

    def _call(self, work: Callable[[MarketplaceMeteringClient], T]) -> T:
        try:
            with self._making:
                client = self._client
            answer = work(client)
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

    @cached_property
    def _client(self) -> MarketplaceMeteringClient:
        settings = self._configuration
        session = boto3.Session(
            aws_access_key_id=settings.access_key_id,
            aws_secret_access_key=settings.secret_access_key,
            region_name=settings.region,
        )
        limits = Config(
            connect_timeout=min(CONNECT_SECONDS, settings.timeout_seconds),
            read_timeout=settings.timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": 1},
        )
        return session.client("meteringmarketplace", endpoint_url=settings.endpoint_url, config=limits)
