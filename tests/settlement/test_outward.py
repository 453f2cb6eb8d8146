"""Providers that hang: they hold up whoever waits for them, and nobody else."""

from __future__ import annotations

import asyncio

import pytest
from settlement_spec import BindRequest, BindResult, BindState

from app.settings import get_settings
from tests.api.driver import PAY_AS_YOU_GO, Api, agreed, registered
from tests.settlement.conftest import Scripted


async def test_links_that_wait_for_their_provider_leave_connections_for_everything_else(
    api: Api, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, released = 0, asyncio.Event()

    async def bind(request: BindRequest) -> BindResult:
        nonlocal begun
        begun += 1
        await released.wait()
        return BindResult(BindState.BOUND)

    async def choose(mine: Api, account: str) -> str:
        chosen = await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="scripted")
        return str(chosen["__typename"])

    monkeypatch.setattr(scripted, "bind", bind)
    accounts = [await registered(api) for _ in range(get_settings().pool_size + 2)]
    for mine, account in accounts:
        await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
        await agreed(mine, account)
    waiting = [asyncio.create_task(choose(mine, account)) for mine, account in accounts]
    async with asyncio.timeout(10):
        while begun < get_settings().pool_size // 2:
            await asyncio.sleep(0.01)
        mine, account = accounts[-1]
        assert (await mine.account(account, "name"))["name"]
    assert begun == get_settings().pool_size // 2
    released.set()
    assert set(await asyncio.gather(*waiting)) == {"ChooseSettlementChannelSuccess"}
