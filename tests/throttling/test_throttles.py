"""Whoever guesses is slowed down, over processes and restarts, and locks nobody else out."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.api.lanes import Lanes, Queue
from app.api.throttles import network_of
from app.errors import Overloaded, RateLimited
from app.settings import get_settings
from app.throttling.buckets import Bucket, forget_tries, give_back, take
from app.throttling.models import Throttle
from tests.accounts.people import PASSWORD, address, works
from tests.api.driver import Api, Enum, registered, upgraded
from tests.conftest import TravellingClock

MINUTE = timedelta(minutes=1)


def at(api: Api, network: str, token: str | None = None) -> Api:
    """A client whose requests come from another address."""
    transport = api.http._transport
    assert isinstance(transport, httpx.ASGITransport)
    return Api(httpx.AsyncClient(transport=httpx.ASGITransport(app=transport.app, client=(network, 4_711))), token)


async def signing_in(api: Api, email: str, password: str = "not the password") -> Any:
    return await api.call("signIn", "token", email=email, password=password)


async def test_a_bucket_fills_empties_evenly_and_is_full_for_all_at_once(
    database: str, travelling_clock: TravellingClock
) -> None:
    six, three = Bucket("a", "x", 6, MINUTE), Bucket("b", "x", 3, MINUTE)

    async def tried(*buckets: Bucket) -> int:
        try:
            await take(buckets)
        except RateLimited as refused:
            return int(refused.params["retry_after"])
        return 0

    assert sorted(await asyncio.gather(*(tried(six) for _ in range(8)))) == [0] * 6 + [10] * 2
    travelling_clock.forward(seconds=9)
    assert await tried(six) == 1
    travelling_clock.forward(seconds=1)
    assert [await tried(six), await tried(six)] == [0, 10]
    assert await tried(three, six) == 10
    assert [await tried(three) for _ in range(4)] == [0, 0, 0, 20], "a try that was refused counts nowhere"
    await give_back([three])
    assert [await tried(three), await tried(three)] == [0, 20]
    assert await tried(Bucket("a", "y", 6, MINUTE)) == 0
    assert not {"x", "a x"} & set(await Throttle.all().values_list("key", flat=True))
    travelling_clock.forward(hours=24, seconds=1)
    await forget_tries()
    assert await Throttle.all().count() == 0


@pytest.mark.parametrize(
    ("given", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("127.0.0.1", None),
        ("::1", None),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:127.0.0.1", None),
        ("testclient", None),
        ("", None),
    ],
)
def test_what_a_network_is(given: str, network: str | None) -> None:
    assert network_of(given) == network


async def test_ten_wrong_passwords_and_the_right_one_is_not_tried(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    email = await address(mine)
    answers = [await signing_in(at(api, "203.0.113.1"), email.upper()) for _ in range(11)]
    assert [one["code"] for one in answers] == ["INVALID_CREDENTIALS"] * 10 + ["RATE_LIMITED"]
    assert (await signing_in(at(api, "203.0.113.1"), email, PASSWORD))["code"] == "RATE_LIMITED"
    assert "90" in answers[-1]["message"]
    for client in (at(api, "203.0.113.2"), api):
        assert (await signing_in(client, email, PASSWORD))["token"]
    travelling_clock.forward(seconds=90)
    assert (await signing_in(at(api, "203.0.113.1"), email, PASSWORD))["token"]


async def test_aliases_of_one_request_are_as_many_tries(api: Api) -> None:
    mine, _ = await registered(api)
    email = await address(mine)
    one = f'signIn(email: "{email}", password: "wrong password") {{ ... on Error {{ code }} }}'
    answer = await api.data("mutation { " + " ".join(f"a{index}: {one}" for index in range(20)) + " }")
    assert [value["code"] for value in answer.values()].count("RATE_LIMITED") == 10


async def test_who_tries_from_everywhere_does_not_lock_the_owner_out(
    api: Api, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, _ = await registered(api)
    email, home = await address(mine), at(api, "198.51.100.7")
    assert (await signing_in(home, email, PASSWORD))["token"]
    answers = [await signing_in(at(api, f"203.0.113.{index}"), email) for index in range(102)]
    assert [one["code"] for one in answers[-2:]] == ["RATE_LIMITED"] * 2
    assert {one["code"] for one in answers[:100]} == {"INVALID_CREDENTIALS"}
    assert (await signing_in(at(api, "203.0.113.250"), email, PASSWORD))["code"] == "RATE_LIMITED"
    assert (await signing_in(home, email, PASSWORD))["token"]


async def test_addresses_that_nobody_has_are_tried_as_often_and_no_oftener(api: Api) -> None:
    mine, _ = await registered(api)
    codes = [
        [(await signing_in(at(api, network), email))["code"] for _ in range(12)]
        for network, email in (("203.0.113.1", await address(mine)), ("203.0.113.2", "nobody@example.com"))
    ]
    assert codes[0] == codes[1]


async def test_a_network_tries_passwords_of_so_many_addresses(api: Api, travelling_clock: TravellingClock) -> None:
    thief = at(api, "2001:db8::1")
    answers = [await signing_in(thief, f"{secrets.token_hex(4)}@example.com") for _ in range(60)]
    assert {one["code"] for one in answers} == {"INVALID_CREDENTIALS"}
    assert (await signing_in(at(api, "2001:db8::ffff"), "x@example.com"))["code"] == "RATE_LIMITED"
    assert (await signing_in(at(api, "2001:db8:0:1::1"), "x@example.com"))["code"] == "INVALID_CREDENTIALS"


async def test_every_secret_that_is_typed_in_can_be_tried_so_often(api: Api) -> None:
    mine, account = await upgraded(api)
    wrong = "0000-0000-0000-0000"
    of_account: dict[str, dict[str, Any]] = {
        "redeemVoucherCode": {"accountId": account, "code": wrong},
        "redeemCoupon": {"accountId": account, "code": wrong},
        "joinWallet": {"accountId": account, "code": wrong},
        "acceptInvitation": {"code": wrong},
        "confirmEmailChange": {"oldCode": wrong, "newCode": wrong},
        "resetPassword": {"code": wrong, "newPassword": PASSWORD},
        "chooseSettlementChannel": {"accountId": account, "channel": "aws", "configuration": {"claim": wrong}},
        "changePassword": {"currentPassword": wrong, "newPassword": PASSWORD},
    }
    for mutation, arguments in of_account.items():
        await Throttle.all().delete()
        codes = [(await mine.call(mutation, "__typename", **arguments))["code"] for _ in range(21)]
        assert codes[0] != "RATE_LIMITED", mutation
        assert codes[-1] == "RATE_LIMITED", mutation


async def test_what_is_right_is_no_try(api: Api) -> None:
    mine, account = await registered(api)
    for index in range(25):
        invited = await mine.call(
            "inviteMember",
            "invitationCode",
            accountId=account,
            email=f"{index}@example.com",
            role=Enum("VIEWER"),
        )
        accepted = await mine.call("acceptInvitation", "membership { id }", code=invited["invitationCode"])
        assert accepted["membership"]


async def test_a_session_ends_when_it_is_not_used(
    api: Api, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "session_idle_days", 14)
    mine, _ = await registered(api)
    for _ in range(2):
        travelling_clock.forward(hours=14 * 24 - 1)
        assert (await mine.data("{ viewer { user { id } } }"))["viewer"]
    travelling_clock.forward(hours=14 * 24, seconds=1)
    assert not await works(str(mine.token), api)


async def test_a_lane_has_so_many_waiting_and_sends_the_rest_away() -> None:
    lane, entered, leave = Queue(at_once=1, waiting=2), [], asyncio.Event()

    async def through(name: int) -> None:
        async with lane:
            entered.append(name)
            await leave.wait()

    tasks = [asyncio.create_task(through(name)) for name in range(4)]
    await asyncio.sleep(0)
    done = [task for task in tasks if task.done()]
    assert [type(task.exception()) for task in done] == [Overloaded]
    assert entered == [0]
    leave.set()
    await asyncio.gather(*(task for task in tasks if task not in done))
    assert entered == [0, 1, 2]
    assert not Lanes.of(10).passwords.locked()


async def test_an_address_is_one_however_it_is_spelled(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    email = await address(mine)
    for _ in range(10):
        assert (await signing_in(at(api, "203.0.113.9"), email))["code"] == "INVALID_CREDENTIALS"
    for domain in ("example.com", "EXAMPLE.com", "example\u3002com", "\uff45xample.com", "e\u2093ample.com"):
        spelled = email.replace("example.com", domain)
        answer = await signing_in(at(api, "203.0.113.9"), spelled, PASSWORD)
        assert answer.get("code") == "RATE_LIMITED", domain
    assert (await signing_in(api, "\0", PASSWORD))["code"] == "INVALID_INPUT"
