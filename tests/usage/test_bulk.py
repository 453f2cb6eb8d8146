"""Bulk usage: streamed, signed, all or nothing, with each wrong line named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import orjson
import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from app.billing.models import BillingDay
from app.billing.service import close_due
from app.launcher.signing import sign_request
from app.usage.bulk import Bulk
from app.usage.models import Aggregation, Meter, UsageHour
from tests.api.driver import Api, activate, license_and_key, upgraded
from tests.billing.factory import billed_account, hour_of, report
from tests.conftest import TravellingClock

URL = "http://billing.test/usage/bulk"
HOUR = "2026-03-02T09:00:00+00:00"
Key = tuple[str, str]


@pytest.fixture
async def key(api: Api, travelling_clock: TravellingClock) -> Key:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    return ak, sk


async def send(
    api: Api, key: Key, body: bytes, kind: str = "application/x-ndjson", sent: bytes | None = None, **more: str
) -> httpx.Response:
    headers = sign_request(*key, "POST", URL, body, datetime.now(UTC), kind) | more

    async def pieces() -> AsyncIterator[bytes]:
        whole = body if sent is None else sent
        step = 7 if len(whole) < 10_000 else 65_536
        for start in range(0, len(whole), step):
            yield whole[start : start + step]

    return await api.http.post(URL, content=pieces(), headers=headers)


def line(**values: Any) -> bytes:
    return orjson.dumps({"deployment": "fingerprint-1", "hour": HOUR, **values}) + b"\n"


async def known() -> list[tuple[datetime, list[str] | None, int]]:
    return [(row.hour, row.ids, row.quantity) for row in await UsageHour.all().order_by("hour", "meter")]


async def test_lines_of_json_are_added_up_in_any_order_and_again(api: Api, key: Key) -> None:
    earlier = line(hour="2026-03-02T08:00:00Z", dataKits=["a"])
    body = line(dataKits=["b", "a"]) + b"\n" + line(dataKits=["c", "b"]) + earlier
    for sent in (body, b"\n".join(reversed(body.split(b"\n")))):
        answer = await send(api, key, sent)
        assert (answer.status_code, answer.json()["hours"]) == (200, 2)
    at = datetime.fromisoformat
    assert await known() == [(at("2026-03-02T08:00:00Z"), ["a"], 1), (at(HOUR), ["a", "b", "c"], 3)]


async def test_csv_names_its_columns_and_has_a_row_for_each_data_kit(api: Api, key: Key) -> None:
    body = f'hour,dataKit,deployment\r\n{HOUR},dk-1,fingerprint-1\r\n{HOUR},"dk,2",fingerprint-1'.encode()
    answer = await send(api, key, body, "text/csv")
    assert answer.json() == {"lines": 3, "hours": 1}
    assert (await known())[0][1:] == (["dk,2", "dk-1"], 2)


async def test_meters_of_numbers_keep_the_largest_report_of_an_hour(api: Api, key: Key) -> None:
    await Meter.create(key="log_gb", aggregation=Aggregation.SUM, name={"zh": "x", "en": "x"})
    for value in (5, 9, 7):
        assert (await send(api, key, line(meter="log_gb", value=value))).status_code == 200
    assert (await known())[0][1:] == (None, 9)


async def test_every_wrong_line_is_named_and_nothing_is_written(api: Api, key: Key) -> None:
    good = line(dataKits=["a"])
    wrong = [
        b"not json\n",
        b"[1]\n",
        b"\xff\n",
        line(dataKits=[]),
        line(dataKits=["\t"]),
        line(dataKits=["a"], hour="2026-03-02T09:30:00Z"),
        line(dataKits=["a"], hour="2026-03-02T09:00:00"),
        line(value=5),
        line(meter="unknown", value=5),
        line(dataKits=["a"], surprise=1),
        line(dataKits=["a"], deployment="another-one"),
        line(dataKits=["a"], hour="2026-03-02T11:00:00Z"),
        line(dataKits=["a"], hour="2025-03-02T11:00:00Z"),
    ]
    answer = await send(api, key, good + b"".join(wrong) + good)
    assert answer.status_code == 422
    assert answer.json()["code"] == "BULK_REFUSED"
    assert [error["line"] for error in answer.json()["lines"]] == list(range(2, 2 + len(wrong)))
    assert await known() == []


async def test_another_accounts_deployment_is_unknown(api: Api, key: Key) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk, "fingerprint-of-theirs")
    answer = await send(api, key, line(deployment="fingerprint-of-theirs", dataKits=["a"]))
    assert "no such activated deployment" in answer.json()["message"]


async def test_what_is_not_signed_or_changed_on_the_way_writes_nothing(api: Api, key: Key) -> None:
    body = line(dataKits=["a"])
    assert (await api.http.post(URL, content=body, headers={"Content-Type": "text/csv"})).status_code == 401
    assert (await send(api, (key[0], "another"), body)).status_code == 401
    changed = await send(api, key, body, sent=line(dataKits=["z"]))
    assert (changed.status_code, changed.json()["code"]) == (401, "INVALID_SIGNATURE")
    assert (await send(api, key, body, "application/json")).status_code == 400
    headers = sign_request(*key, "POST", URL, body, datetime.now(UTC), "application/x-ndjson")
    answers = [await api.http.post(URL, content=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert len(await known()) == 1


async def test_a_line_without_end_is_refused_before_it_fills_the_memory(api: Api, key: Key) -> None:
    answer = await send(api, key, body := b"x" * (1024 * 1024 + 8), sent=body)
    assert answer.status_code in (400, 422)


async def test_late_bulk_and_a_late_report_of_an_hour_wait_for_each_other_in_one_order(
    database: str, travelling_clock: TravellingClock
) -> None:
    day = date(2026, 3, 1)
    deployment = await billed_account(day)
    await report(deployment, hour_of(day, 1), 1)
    await close_due()
    line = {"deployment": deployment.fingerprint, "hour": hour_of(day, 1), "dataKits": ["late"]}

    async def in_bulk() -> None:
        async with in_transaction():
            bulk = await Bulk.begin("ndjson", None)
            await bulk.feed(orjson.dumps(line) + b"\n")
            await bulk.add()

    held, release = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with in_transaction() as holding:
            await holding.execute_query("SELECT FROM usage_hour FOR UPDATE")
            held.set()
            await release.wait()

    holder = asyncio.create_task(hold())
    await held.wait()
    bulk = asyncio.create_task(in_bulk())
    await _waiting(1)
    reporting = asyncio.create_task(report(deployment, hour_of(day, 1), 3))
    await _waiting(2)
    release.set()
    await asyncio.gather(holder, bulk, reporting)
    await close_due()
    assert [row.quantity for row in await BillingDay.all()] == [4]


async def _waiting(count: int) -> None:
    """Until so many transactions wait for a lock."""
    sql = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while (await get_connection("default").execute_query(sql))[0] < count:
            await asyncio.sleep(0.02)
