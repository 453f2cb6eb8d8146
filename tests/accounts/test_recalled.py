"""Who asks is recalled for some seconds, and never beyond what a change allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from app.accounts.models import AccessToken, Membership, Role
from app.accounts.tokens import digest
from app.bootstrap import Runtime
from app.db.connection import credentials
from app.db.remembered import memory
from app.events.broker import EventBroker
from tests.api.driver import Api, registered

NAMES = "query ($id: ID!) { account(id: $id) { name } }"


@asynccontextmanager
async def listening(runtime: Runtime) -> AsyncIterator[None]:
    """While the block lasts, this process listens for changes, as a server does."""
    task = asyncio.create_task(EventBroker(runtime.url).listen_forever())
    while not memory().is_listening:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        task.cancel()


async def elsewhere(runtime: Runtime, statement: str, *values: object) -> None:
    """Change something as another process would, and wait until this one was told."""
    connection = await asyncpg.connect(**credentials(runtime.url))
    before = memory().forgot
    try:
        await connection.execute(statement, *values)
        async with asyncio.timeout(5):
            while memory().forgot == before:
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


async def is_recalled(mine: Api) -> bool:
    return memory().recall("viewers", digest(str(mine.token))) is not None


async def test_a_token_that_ended_in_another_process_is_not_recalled(api: Api, runtime: Runtime) -> None:
    mine, account = await registered(api)
    async with listening(runtime):
        assert (await mine.data(NAMES, id=account))["account"]["name"]
        assert await is_recalled(mine)
        ended = "UPDATE access_token SET revoked_at = now() WHERE token_hash = $1"
        await elsewhere(runtime, ended, digest(str(mine.token)))
        assert not await is_recalled(mine)
        answer = await mine.answer(NAMES, id=account)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_what_a_member_loses_in_another_process_is_lost_here(api: Api, runtime: Runtime) -> None:
    mine, account = await registered(api)
    async with listening(runtime):
        await mine.data(NAMES, id=account)
        user = (await AccessToken.get(token_hash=digest(str(mine.token)))).user_id
        await elsewhere(runtime, "DELETE FROM membership WHERE user_id = $1", user)
        assert (await mine.data(NAMES, id=account))["account"] is None


async def test_what_is_not_allowed_is_looked_up_anew_before_it_is_said(api: Api, runtime: Runtime) -> None:
    mine, _ = await registered(api)
    _, theirs = await registered(api)
    owner = await Membership.filter(role=Role.OWNER).order_by("-id").first()
    assert owner is not None
    async with listening(runtime):
        assert (await mine.data(NAMES, id=theirs))["account"] is None
        known = dict(memory()._kept)
        user = (await AccessToken.get(token_hash=digest(str(mine.token)))).user_id
        columns = "(id, account_id, user_id, role, created_at)"
        added = f"INSERT INTO membership {columns} VALUES (uuid7(), $1, $2, 'VIEWER', now())"
        await elsewhere(runtime, added, owner.account_id, user)
        memory()._kept.update(known)  # as if it was not told yet
        assert await is_recalled(mine)
        assert (await mine.data(NAMES, id=theirs))["account"]["name"]


async def test_without_listening_nothing_is_recalled(api: Api, runtime: Runtime) -> None:
    mine, account = await registered(api)
    await mine.data(NAMES, id=account)
    assert not await is_recalled(mine)
    async with listening(runtime):
        await mine.data(NAMES, id=account)
        assert await is_recalled(mine)
    await asyncio.sleep(0.05)
    assert not await is_recalled(mine)


async def test_a_mutation_forgets_at_once_what_this_process_knew(api: Api, runtime: Runtime) -> None:
    mine, account = await registered(api)
    async with listening(runtime):
        await mine.data(NAMES, id=account)
        await mine.call("renameAccount", "account { name }", accountId=account, name="Another")
        assert not await is_recalled(mine)
