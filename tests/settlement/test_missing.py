"""A plugin that is missing while accounts are linked with its channel: it is loud, and its deadlines are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typer import Exit

from app.alerts.watching import check_alerts
from app.bootstrap import Runtime
from app.commands import channels as commands
from app.settlement.channels import list_channels, missing_channels, owners, remember
from app.settlement.host import ChannelHost
from app.settlement.models import KnownChannel, Settlement
from app.settlement.settling import settle_due
from tests.api.driver import Api, upgraded
from tests.api.wallets import staff
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing


async def test_a_missing_channel_is_listed_with_who_needs_it(
    owing: Owing, runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    mine, *_ = await owing()
    await remember(runtime.host)
    assert caplog.text == ""
    runtime.host.plugins.pop("scripted")
    (missing,) = await missing_channels(runtime.host)
    assert (missing.key, missing.health) == ("scripted", "FAILED")
    assert "install plugged_1; 1 accounts are linked with it and 1 charges wait for it" in str(missing.reason)
    await remember(runtime.host)
    assert "its plugin is missing" in caplog.text
    listed = (await (await staff(mine)).data("{ settlementChannels { key health reason } }"))["settlementChannels"]
    assert {"key": "scripted", "health": "FAILED", "reason": missing.reason} in listed


async def test_the_command_fails_for_a_missing_channel(
    owing: Owing, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owing()
    runtime.host.plugins.pop("scripted")
    asked: list[Any] = []
    monkeypatch.setattr(commands, "looking", asked.append)
    commands.channels_check()
    with pytest.raises(Exit):
        await asked[0](runtime)


async def test_the_deadline_of_a_missing_channel_is_kept(
    owing: Owing, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    await owing()
    await remember(runtime.host)
    runtime.host.plugins.pop("scripted")
    await settle_due(runtime.host)
    assert (await Settlement.get()).state == "PENDING"
    travelling_clock.forward(hours=6)
    await settle_due(runtime.host)
    waiting = await Settlement.get()
    assert (waiting.state, "deadline passed" in str(waiting.reason)) == ("NEEDS_ATTENTION", True)


async def test_a_key_stays_with_who_had_it_first(runtime: Runtime, database: str) -> None:
    await remember(runtime.host)
    before = await owners(database)
    assert before["guance"] == "settlement-guance"
    plugin = runtime.host.plugins["guance"]
    runtime.host.plugins["guance"] = replace(plugin, distribution="another")
    await remember(runtime.host)
    assert await owners(database) == before
    host = ChannelHost(owners={**before, "aws": "another"})
    assert host.plugins["aws"].failure == "the channel key aws belongs to another, which had it first"
    assert [listed.key for listed in await list_channels(host) if listed.health == "FAILED"] == ["aws"]


async def test_what_is_known_of_a_channel_follows_what_it_says(runtime: Runtime) -> None:
    for within, seconds in ((timedelta(hours=6), 21_600), (None, None)):
        plugin = runtime.host.plugins["scripted"]
        assert plugin.description is not None
        limits = replace(plugin.description.limits, push_within=within)
        runtime.host.plugins["scripted"] = replace(plugin, description=replace(plugin.description, limits=limits))
        await remember(runtime.host)
        assert (await KnownChannel.get(key="scripted")).push_within == seconds


async def test_a_wallet_whose_plugin_is_missing_is_unavailable_and_hinders_no_other_account(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    await mine.call("setBalanceAlert", "__typename", accountId=account, days=30)
    plugin = runtime.host.plugins.pop("guance")
    try:
        answer = await mine.answer(f'{{ account(id: "{account}") {{ wallet {{ balance {{ amount }} }} }} }}')
        assert answer["errors"][0]["extensions"]["code"] == "CHANNEL_UNAVAILABLE"
        await check_alerts(runtime.host)
    finally:
        runtime.host.plugins["guance"] = plugin
