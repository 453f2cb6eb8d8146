"""The stand-in takes no more than AWS does, and the channel's client keeps to it by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from settlement_aws.client import MarketplaceClient
from settlement_aws.configuration import read

from tests.plugins.aws.conftest import ACCOUNT, ARN
from tests.standins import aws as standin
from tests.standins.aws import ACCESS_KEY, DIMENSION, SECRET_KEY, Aws


@pytest.fixture
async def marketplace() -> AsyncIterator[Aws]:
    """The stand-in with AWS's own limits."""
    async with Aws().serving() as aws:
        aws.customer(ACCOUNT, ARN)
        yield aws


def records(number: int, **changes: Any) -> Any:
    """Usage of the last hours, a second apart so that no two are alike."""
    now = datetime.now(UTC)
    record = {"Dimension": DIMENSION, "Quantity": 1, "CustomerAWSAccountId": ACCOUNT, "LicenseArn": ARN, **changes}
    return [{**record, "Timestamp": now - timedelta(seconds=one)} for one in range(number)]


async def meter(aws: Aws, usage: Any) -> Any:
    """What the SDK answers, or the code of its error."""
    client = boto3.client(
        "meteringmarketplace",
        endpoint_url=aws.url,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(retries={"total_max_attempts": 1}),
    )
    try:
        return await asyncio.to_thread(lambda: client.batch_meter_usage(UsageRecords=usage))
    except ClientError as error:
        return error.response["Error"]["Code"]


async def test_25_records_are_taken_and_26_are_not(marketplace: Aws) -> None:
    assert len((await meter(marketplace, records(25)))["Results"]) == 25
    marketplace.book.clear()
    assert await meter(marketplace, records(26)) == "ValidationException"
    assert marketplace.book == {}


async def test_a_request_of_a_megabyte_is_not_taken(marketplace: Aws) -> None:
    tags = [{"AllocatedUsageQuantity": 1, "Tags": [{"Key": "k", "Value": "v" * 60_000}]}]
    assert await meter(marketplace, records(25, UsageAllocations=tags)) == "ValidationException"
    assert marketplace.book == {}
    assert len((await meter(marketplace, records(10, UsageAllocations=tags)))["Results"]) == 10


async def test_ten_requests_a_second_are_taken_and_not_an_eleventh(
    marketplace: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [100.0]
    monkeypatch.setattr(standin, "time", SimpleNamespace(monotonic=lambda: at[0]))
    for _ in range(10):
        assert (await meter(marketplace, records(1)))["Results"]
    assert await meter(marketplace, records(1)) == "ThrottlingException"
    at[0] += 1
    assert (await meter(marketplace, records(1)))["Results"]


async def test_the_channel_spreads_its_requests_over_the_second(marketplace: Aws) -> None:
    marketplace.rate = 1_000
    client = MarketplaceClient(read(marketplace.settings()))
    begun = time.monotonic()
    await asyncio.gather(*(client.batch_meter_usage(records(1), None, "us-east-1") for _ in range(12)))
    assert time.monotonic() - begun >= 1.1
    assert len(marketplace.requests) == 12
