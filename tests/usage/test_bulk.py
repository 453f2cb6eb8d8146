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

from app.api import usage_bulk
from app.catalog.models import Aggregation
from app.closing.days import close_due
from app.closing.models import BillingDay
from app.protocol.signing import sign_request
from app.settings import get_settings
from app.usage.bulk import Bulk
from app.usage.models import UsageHour
from tests.api.driver import Api, activate, license_and_key, registered, upgraded
from tests.billing.factory import billed_account, hour_of, meter_of, report
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
    await meter_of("log_gb", Aggregation.SUM)
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


class Stalled:
    """An upload that begins, and goes on when it is told to."""

    def __init__(self, api: Api, key: Key, body: bytes) -> None:
        self.go_on = asyncio.Event()
        self._begun = asyncio.Event()
        self._body = body
        headers = sign_request(*key, "POST", URL, body, datetime.now(UTC), "application/x-ndjson")
        self.answer = asyncio.create_task(api.http.post(URL, content=self._pieces(), headers=headers))

    async def begun(self) -> Stalled:
        async with asyncio.timeout(10):
            await self._begun.wait()
        return self

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield self._body[:1]
        self._begun.set()
        await self.go_on.wait()
        yield self._body[1:]


async def own_key(api: Api) -> tuple[Api, str, Key]:
    mine, account = await registered(api)
    made = await mine.call("createAccessKey", "accessKey { id ak } sk", accountId=account, label="collector")
    return mine, made["accessKey"]["id"], (made["accessKey"]["ak"], made["sk"])


async def test_uploads_that_stall_hold_no_connection(api: Api, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    connections = get_settings().pool_size
    monkeypatch.setattr(get_settings(), "bulk_uploads", connections)
    body = line(dataKits=["a"])
    keys = [key, *[(await own_key(api))[2] for _ in range(connections)]]
    stalled = [await Stalled(api, one, body).begun() for one in keys[:connections]]
    async with asyncio.timeout(10):
        assert (await api.http.get("http://billing.test/healthz")).status_code == 200
    refused = await send(api, keys[-1], body)
    assert (refused.status_code, refused.json()["code"]) == (503, "TOO_MANY_UPLOADS")
    assert int(refused.headers["retry-after"]) > 0
    for upload in stalled:
        upload.go_on.set()
    answers = [(await upload.answer).status_code for upload in stalled]
    assert answers == [200, *[422] * (connections - 1)]
    assert (await send(api, keys[-1], body)).status_code == 422


async def test_uploads_that_are_slow_give_way(api: Api, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "bulk_uploads", 2)
    monkeypatch.setattr(usage_bulk, "SETTLED_SECONDS", 0.1)
    body = line(dataKits=["a"])
    slow = [await Stalled(api, (await own_key(api))[2], body).begun() for _ in range(2)]
    await asyncio.sleep(0.2)
    assert (await send(api, key, body)).status_code == 200
    done, waiting = await asyncio.wait([upload.answer for upload in slow], return_when=asyncio.FIRST_COMPLETED)
    assert [(task.result().status_code, task.result().json()["code"]) for task in done] == [(408, "UPLOAD_TOO_SLOW")]
    assert len(waiting) == 1
    for upload in slow:
        upload.go_on.set()
    assert [(await task).status_code for task in waiting] == [422]


async def test_an_account_uploads_once_at_a_time(api: Api, key: Key) -> None:
    body = line(dataKits=["a"])
    first = await Stalled(api, key, body).begun()
    assert (await send(api, key, body)).status_code == 503
    first.go_on.set()
    assert (await first.answer).status_code == 200
    assert (await send(api, key, body)).status_code == 200


async def test_an_upload_that_trickles_is_ended_and_may_be_sent_again(
    api: Api, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_bulk, "GRACE_SECONDS", 0.3)
    monkeypatch.setattr(usage_bulk, "LEAST_RATE", 1_000)
    body = line(dataKits=["a"])
    headers = sign_request(*key, "POST", URL, body, datetime.now(UTC), "application/x-ndjson")

    async def trickle() -> AsyncIterator[bytes]:
        for byte in body:
            yield bytes([byte])
            await asyncio.sleep(0.1)

    answer = await api.http.post(URL, content=trickle(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (408, "UPLOAD_TOO_SLOW")
    assert answer.headers["connection"] == "close"
    assert (await api.http.post(URL, content=body, headers=headers)).status_code == 200


async def test_a_key_that_is_revoked_meanwhile_adds_nothing(api: Api, key: Key) -> None:
    mine, key_id, theirs = await own_key(api)
    upload = await Stalled(api, theirs, line(dataKits=["a"])).begun()
    assert (await mine.call("revokeAccessKey", "accessKey { id }", accessKeyId=key_id))[
        "__typename"
    ] == "RevokeAccessKeySuccess"
    upload.go_on.set()
    assert (await upload.answer).status_code == 401


async def test_a_body_of_many_pieces_waits_in_a_file(api: Api, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_bulk, "PIECE", 100)
    monkeypatch.setattr(usage_bulk, "PARSED", 70)
    body = b"".join(line(dataKits=[f"dk-{number}"]) for number in range(50))
    assert (await send(api, key, body)).json() == {"lines": 50, "hours": 1}
    monkeypatch.setattr(usage_bulk, "MOST_BYTES", len(body) - 1)
    assert (await send(api, key, body)).status_code == 413


@pytest.mark.parametrize("name", ["deployment", "meter"])
async def test_a_name_with_nul_is_refused(api: Api, key: Key, name: str) -> None:
    body = line(dataKits=["dk-1"], **{name: "x\0"})
    answer = await send(api, key, body)
    assert (answer.status_code, answer.json()["code"], len(answer.json()["lines"])) == (422, "BULK_REFUSED", 1)
