"""The stand-in is as strict as the marketplace's documentation."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from alibabacloud_market20151101.client import Client
from alibabacloud_market20151101.models import PushMeteringDataRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import ExtendsParameters, RuntimeOptions

from tests.plugins.aliyun.conftest import DAY_END, World
from tests.standins.aliyun import ACCESS_KEY_ID, ACCESS_KEY_SECRET

END = int(DAY_END.timestamp())


def entry(id: str = "i-1", start: int = END - 3600, end: int = END, value: Any = "1", key: str = "Unit") -> Any:
    return {
        "InstanceId": id,
        "StartTime": str(start),
        "EndTime": str(end),
        "Entities": [{"Key": key, "Value": str(value)}],
    }


async def push(
    world: World, *entries: Any, id: str = ACCESS_KEY_ID, secret: str = ACCESS_KEY_SECRET, nonce: str | None = None
) -> str:
    """The error's code, or nothing."""
    client = Client(Config(access_key_id=id, access_key_secret=secret, endpoint=world.standin.url, protocol="http"))
    headers = {"x-acs-signature-nonce": nonce} if nonce else {}
    runtime = RuntimeOptions(extends_parameters=ExtendsParameters(headers=headers))
    try:
        await client.push_metering_data_with_options_async(
            PushMeteringDataRequest(metering=json.dumps(entries)), runtime
        )
    except AlibabaCloudException as error:
        return str(error.code)
    return ""


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "InvalidMetering.Size"),
        ([entry()] * 101, "InvalidMetering.Size"),
        ([entry("i-never")], "InvalidInstance"),
        ([entry(), entry("i-other")], "InvalidProduct.NotSame"),
        ([entry(value=-1)], "InvalidMetering"),
        ([entry(value="1.5")], "InvalidMetering"),
        ([entry(key="DataKit")], "InvalidMetering"),
        ([entry(end=END - 3600)], "InvalidMetering"),
        ([entry(end=END + 1)], "InvalidMetering"),
        ([entry(start=END - 90_000, end=END - 88_000)], "MeteringExpired"),
        ([{"InstanceId": "i-1"}], "InvalidMetering"),
    ],
)
async def test_what_is_against_the_rules_is_refused(world: World, entries: list[Any], code: str) -> None:
    await world.sell("i-other", "other")
    assert await push(world, *entries) == code
    assert world.standin.book == []


async def test_signatures_nonces_and_the_pace_are_checked(world: World) -> None:
    assert await push(world, entry(), secret="wrong") == "SignatureDoesNotMatch"
    assert await push(world, entry(), id="LTAIwrong") == "InvalidAccessKeyId.NotFound"
    assert await push(world, entry(), nonce="n") == ""
    assert await push(world, entry(), nonce="n") == "SignatureNonceUsed"
    world.now += timedelta(seconds=59)
    assert await push(world, entry()) == "Throttling.Instance"
    world.now += timedelta(seconds=1)
    assert await push(world, entry()) == ""
    assert (len(world.standin.book), world.standin.repeats) == (1, 1)
