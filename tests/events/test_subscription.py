"""Events over a real WebSocket, in order, none missed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from gql import GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from tortoise.transactions import in_transaction

from app.accounts.members import create_account
from app.accounts.models import User
from app.events.broker import EventBroker
from app.events.models import Event
from app.events.recording import SYSTEM, record
from app.launcher.client import BillingClient
from app.launcher.journey import REGISTER, UPGRADE
from tests.events.shapes import sample
from tests.serving import Server, connected

WATCH = "subscription ($id: ID!, $after: ID) { accountEvents(accountId: $id, after: $after) { id type } }"


@pytest.fixture
def client(server: Server) -> Iterator[BillingClient]:
    """A client of the server."""
    with BillingClient(server.url) as opened:
        yield opened


def _register(client: BillingClient, email: str) -> str:
    client.token = None
    made = client.mutate(REGISTER, {"email": email, "password": "a long password"})
    client.token = made["token"]
    return str(made["account"]["id"])


async def test_what_happened_and_what_happens(server: Server, client: BillingClient) -> None:
    account = await asyncio.to_thread(_register, client, "a@example.com")
    found = client.execute("query ($id: ID!) { account(id: $id) { events { nodes { id } } } }", {"id": account})
    first = found["account"]["events"]["nodes"][0]["id"]
    seen: list[str] = []

    async def watch(after: str | None, begun: asyncio.Event, count: int) -> list[str]:
        types: list[str] = []
        async with connected(server, client.token) as session:
            events = session.subscribe(GraphQLRequest(WATCH, variable_values={"id": account, "after": after}))
            begun.set()
            async for answer in events:
                types.append(answer["accountEvents"]["type"])
                if len(types) == count:
                    break
        return types

    await asyncio.to_thread(client.mutate, UPGRADE, {"id": account})
    begun = asyncio.Event()
    async with asyncio.timeout(15):
        watching = asyncio.create_task(watch(first, begun, 3))
        await begun.wait()
        for label in ("one", "two"):
            await asyncio.to_thread(
                client.mutate,
                "mutation ($id: ID!, $label: String!) { createAccessKey(accountId: $id, label: $label) "
                "{ ... on CreateAccessKeySuccess { sk } ... on Error { code message } } }",
                {"id": account, "label": label},
            )
        seen = await watching
    assert seen == ["upgrade.edition_chosen", "access_key.created", "access_key.created"]


@pytest.mark.parametrize("signed_in", [False, True])
async def test_a_stranger_gets_none(server: Server, client: BillingClient, signed_in: bool) -> None:
    account = await asyncio.to_thread(_register, client, "a@example.com")
    await asyncio.to_thread(_register, client, "b@example.com")
    token = client.token
    async with asyncio.timeout(15), connected(server, token if signed_in else None) as session:
        with pytest.raises(TransportQueryError) as refused:
            await anext(session.subscribe(GraphQLRequest(WATCH, variable_values={"id": account})))
    assert ("sign in" if not signed_in else "No such account") in str(refused.value)


async def test_events_become_visible_in_the_order_of_their_keys(database: str) -> None:
    user = await User.create(email="a@example.com", name="A", password_hash="x", created_at="2026-01-01T00:00:00Z")
    account = await create_account(user, "A", sandbox=True, actor=SYSTEM)
    held, release = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with in_transaction():
            await record(account.id, account.now(), "member.added", SYSTEM, **sample("member.added"))
            held.set()
            await release.wait()

    async def quick() -> None:
        await held.wait()
        async with in_transaction():
            await record(account.id, account.now(), "member.removed", SYSTEM, **sample("member.removed"))

    tasks = [asyncio.create_task(slow()), asyncio.create_task(quick())]
    await held.wait()
    broker = EventBroker(database)
    following: Any = broker.follow(account.id, None)
    waiting = asyncio.create_task(anext(following))
    done, _ = await asyncio.wait({tasks[1]}, timeout=0.5)
    broker._wake(account.id)
    await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    assert not waiting.done()
    release.set()
    await asyncio.gather(*tasks)
    broker._wake(account.id)
    async with asyncio.timeout(5):
        assert [(await waiting).type, (await anext(following)).type] == ["member.added", "member.removed"]
    await following.aclose()


async def test_keys_grow_even_when_a_clock_is_behind(database: str) -> None:
    user = await User.create(email="a@example.com", name="A", password_hash="x", created_at="2026-01-01T00:00:00Z")
    account = await create_account(user, "A", sandbox=True, actor=SYSTEM)
    ahead = UUID("ffffffff-ffff-7fff-bfff-ffffffff0000")
    await Event.create(
        id=ahead,
        account_id=account.id,
        type="member.added",
        actor_kind="SYSTEM",
        actor_label="x",
        at=account.now(),
        **sample("member.added"),
    )
    assert (await record(account.id, account.now(), "member.removed", SYSTEM, **sample("member.removed"))).id > ahead


async def test_an_account_hears_of_itself_alone(database: str) -> None:
    user = await User.create(email="a@example.com", name="A", password_hash="x", created_at="2026-01-01T00:00:00Z")
    mine, other = [await create_account(user, name, sandbox=True, actor=SYSTEM) for name in ("A", "B")]
    first = await Event.filter(account_id=mine.id).get()
    broker = EventBroker(database)
    following: Any = broker.follow(mine.id, first.id)
    waiting = asyncio.create_task(anext(following))
    for account in (other, mine, other):
        await record(account.id, account.now(), "member.added", SYSTEM, **sample("member.added"))
    broker._wake(mine.id)
    async with asyncio.timeout(5):
        heard = await waiting
    assert (heard.account_id, heard.type) == (mine.id, "member.added")
    waiting = asyncio.create_task(anext(following))
    broker._wake(mine.id)
    done, _ = await asyncio.wait({waiting}, timeout=0.3)
    assert not done
    waiting.cancel()


async def test_staff_hear_of_every_account_and_of_what_ended_late(database: str) -> None:
    """One transaction records first and ends last: its event comes after, and is not missed."""
    user = await User.create(email="a@example.com", name="A", password_hash="x", created_at="2026-01-01T00:00:00Z")
    mine, other, play = [
        await create_account(user, name, sandbox=name == "C", actor=SYSTEM) for name in ("A", "B", "C")
    ]
    broker = EventBroker(database)
    following: Any = broker.follow_all(["member.added", "member.removed"], None)
    waiting = asyncio.create_task(anext(following))
    held, release = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with in_transaction():
            await record(mine.id, mine.now(), "member.added", SYSTEM, **sample("member.added"))
            held.set()
            await release.wait()

    late = asyncio.create_task(slow())
    await held.wait()
    for account in (play, other):
        await record(account.id, account.now(), "member.removed", SYSTEM, **sample("member.removed"))
        await record(account.id, account.now(), "license.renamed", SYSTEM, **sample("license.renamed"))
    broker._notified(None, 0, "", str(other.id))
    async with asyncio.timeout(5):
        first = await waiting
        assert (first.account_id, first.type) == (other.id, "member.removed")
        waiting = asyncio.create_task(anext(following))
        await asyncio.sleep(0.05)
        release.set()
        await late
        await record(None, first.at, "member.removed", SYSTEM, **sample("member.removed"))
        broker._notified(None, 0, "", "")
        assert [(await waiting).account_id, (await anext(following)).account_id] == [mine.id, None]
    await following.aclose()
    again: Any = broker.follow_all(["member.added", "member.removed"], first.id)
    async with asyncio.timeout(5):
        assert {(await anext(again)).account_id for _ in range(2)} == {mine.id, None}
    await again.aclose()
    assert not broker._waiting


async def test_events_of_all_are_for_staff(server: Server, client: BillingClient) -> None:
    await asyncio.to_thread(_register, client, "a@example.com")
    async with asyncio.timeout(15), connected(server, client.token) as session:
        with pytest.raises(TransportQueryError, match="finance"):
            await anext(session.subscribe(GraphQLRequest("subscription { staffEvents { id } }")))
