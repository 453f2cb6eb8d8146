"""The plugin host: whatever a plugin does, it is listed with its reason, and the others go on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from settlement_spec import (
    SPEC_VERSION,
    Capability,
    ChannelDescription,
    ChannelRefusal,
    Health,
    HostServices,
    Money,
    PrepaidBalance,
    SettlementChannel,
    TopUp,
    TortoiseApp,
)

from app.errors import ChannelUnavailable, UnknownChannel
from app.journey.callbacks import Callbacks
from app.settlement.host import ENTRY_POINT_GROUP, ChannelHost
from app.settlement.refusals import UNSUPPORTED
from tests.settlement.conftest import Plug
from tests.settlement.sound import Sound


def registers(*channels: Any) -> Callable[[], list[Any]]:
    """A hook that brings these channels."""
    return lambda: list(channels)


async def test_a_sound_channel_starts_with_its_own_settings_and_stops(
    plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLING_CHANNEL_SOUND_API_KEY", "k")
    monkeypatch.setenv("BILLING_CHANNEL_OTHER_API_KEY", "not for it")
    channel = Sound()
    host = ChannelHost([plug("sound", registers(channel))])
    await host.start(lambda key: Callbacks(host, key))
    assert channel.services is not None
    assert channel.services.settings == {"api_key": "k"}
    assert host.channel("sound") is channel
    await host.stop()
    assert channel.stopped


def test_the_hook_is_told_the_version_of_the_specification(plug: Plug) -> None:
    told: list[int] = []

    def hook(spec_version: int) -> list[SettlementChannel]:
        told.append(spec_version)
        return [Sound()]

    ChannelHost([plug("sound", hook)])
    assert told == [SPEC_VERSION]


def _exits() -> list[Any]:
    raise SystemExit(3)


def _raises() -> list[Any]:
    raise RuntimeError("no licence file")


def _other_version(spec_version: int) -> list[Any]:
    return [] if spec_version < 1000 else [Sound()]


class NoDescription(Sound):
    def describe(self) -> ChannelDescription:
        raise KeyError("currencies")


class ClaimsTooMuch(Sound):
    def describe(self) -> ChannelDescription:
        return replace(super().describe(), capabilities=frozenset({Capability.RECONCILIATION}))


class WrongSchema(Sound):
    def describe(self) -> ChannelDescription:
        return replace(super().describe(), configuration_schema={"type": "objekt"})


class HasStrayMethods(Sound):
    async def top_ups(self) -> Sequence[TopUp]:
        return ()


class HalfABalance(Sound, PrepaidBalance):
    async def balance(self, account_id: UUID) -> Money:
        return Money(0, "CNY")


def _registers_half_a_balance() -> list[Any]:
    kind: type[Sound] = HalfABalance
    return [kind()]


@pytest.mark.parametrize(
    ("hook", "reason"),
    [
        (registers(ClaimsTooMuch()), "declares RECONCILIATION, and does not implement Reconciliation"),
        (registers(HasStrayMethods()), "has top_ups, and does not implement TopUps"),
        (_registers_half_a_balance, "abstract methods balances, count_movements, movements, owing, paid_from"),
        (_raises, "RuntimeError, raised in line "),
        (_exits, "SystemExit"),
        (_other_version, "no channel for this version"),
        (registers("a string"), "str"),
        (registers(NoDescription()), "KeyError, raised in line "),
        (registers(Sound("Not/A Key")), "Not/A Key"),
        (registers(WrongSchema()), "is not valid under any of the given schemas"),
        (registers(Sound("x" * 41)), "key"),
        (registers(Sound("t", TortoiseApp("lost", "lost.models", "lost.migrations"))), "lost"),
        (registers(Sound("t", TortoiseApp("app", "json", "json"))), "app"),
    ],
)
def test_a_plugin_that_fails_at_load_is_set_aside(plug: Plug, hook: Callable[..., Any], reason: str) -> None:
    host = ChannelHost([plug("broken", hook), plug("sound", registers(Sound()))])
    failed = next(plugin for plugin in host.plugins.values() if plugin.failure)
    assert reason in str(failed.failure)
    assert host.channel("sound").describe().key == "sound"
    assert host.tortoise_apps() == []
    with pytest.raises(ChannelUnavailable):
        host.channel(failed.key)


def test_a_module_that_cannot_be_imported_is_set_aside(plug: Plug) -> None:
    missing = EntryPoint("missing", "no_such_module_anywhere", ENTRY_POINT_GROUP)
    host = ChannelHost([missing, plug("sound", registers(Sound()))])
    assert "no_such_module_anywhere" in str(host.plugins["missing"].failure)
    assert host.channel("sound").describe().key == "sound"


def test_a_module_that_exits_on_import_is_set_aside(plug: Plug, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "exits_on_import.py").write_text("import sys\nsys.exit('no')\n")
    monkeypatch.syspath_prepend(tmp_path)
    host = ChannelHost([EntryPoint("exits", "exits_on_import", ENTRY_POINT_GROUP), plug("sound", registers(Sound()))])
    assert host.plugins["exits"].failure
    assert host.channel("sound").describe().key == "sound"


def test_the_second_of_two_channels_with_one_key_is_set_aside(plug: Plug) -> None:
    first, second = Sound(), Sound()
    host = ChannelHost([plug("one", registers(first)), plug("two", registers(second))])
    assert host.channel("sound") is first
    assert [plugin.channel for plugin in host.plugins.values() if plugin.failure] == [None]


def test_a_broken_plugin_does_not_take_the_key_of_a_sound_one(plug: Plug) -> None:
    channel = Sound()
    host = ChannelHost([plug("sound", _raises), plug("sound", registers(channel))])
    assert host.channel("sound") is channel
    assert any("RuntimeError" in str(plugin.failure) for plugin in host.plugins.values())


def test_two_channels_cannot_have_one_label_of_tables(plug: Plug) -> None:
    tables = TortoiseApp("twice", "json", "json")
    host = ChannelHost([plug("a", registers(Sound("a", tables))), plug("b", registers(Sound("b", tables)))])
    assert host.tortoise_apps() == [tables]
    assert "twice" in str(host.plugins["b"].failure)


class Hangs(Sound):
    async def start(self, host: HostServices) -> None:
        await asyncio.Event().wait()


class Raises(Sound):
    async def start(self, host: HostServices) -> None:
        raise RuntimeError("no network")


class Refuses(Sound):
    async def start(self, host: HostServices) -> None:
        raise ChannelRefusal("nothing", "not the place", "不对")


class RoutesNowhere(Sound):
    def routes(self) -> Sequence[Any]:
        return ["/notify"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Hangs, "0.05 s"),
        (Raises, "RuntimeError"),
        (Refuses, "ChannelRefusal"),
        (RoutesNowhere, "TypeError"),
    ],
)
async def test_a_channel_that_does_not_start_is_set_aside(plug: Plug, kind: type[Sound], reason: str) -> None:
    sound = Sound()
    host = ChannelHost([plug("bad", registers(kind("bad"))), plug("sound", registers(sound))], timeout=0.05)
    await host.start(lambda key: Callbacks(host, key))
    assert reason in str(host.plugins["bad"].failure)
    assert sound.services is not None
    with pytest.raises(ChannelUnavailable):
        await host.call("bad", lambda channel: channel.health())


async def test_a_call_that_hangs_or_raises_says_so_and_the_next_call_works(plug: Plug) -> None:
    host = ChannelHost([plug("sound", registers(Sound()))], timeout=0.05)
    await host.start(lambda key: Callbacks(host, key))

    async def hang(channel: SettlementChannel) -> None:
        await asyncio.sleep(30)

    async def fail(channel: SettlementChannel) -> None:
        raise ZeroDivisionError

    async def refuse(channel: SettlementChannel) -> None:
        raise ChannelRefusal("uid", "wrong", "错")

    with pytest.raises(ChannelUnavailable, match="no answer within"):
        await host.call("sound", hang)
    with pytest.raises(ChannelUnavailable, match="ZeroDivisionError"):
        await host.call("sound", fail)
    with pytest.raises(ChannelRefusal):
        await host.ask("sound", SettlementChannel, refuse, may_refuse=True)
    with pytest.raises(ChannelUnavailable, match="ChannelRefusal"):
        await host.ask("sound", SettlementChannel, refuse)
    with pytest.raises(ChannelUnavailable, match="ChannelRefusal"):
        await host.call("sound", refuse)
    assert isinstance(await host.call("sound", lambda channel: channel.health()), Health)


@pytest.mark.parametrize("error", [asyncio.CancelledError, TimeoutError, ChannelRefusal("a", "b", "c")])
async def test_what_a_plugin_raises_is_not_taken_for_the_hosts_own(
    plug: Plug, error: type[BaseException] | BaseException
) -> None:
    host = ChannelHost([plug("sound", registers(Sound()))])

    async def fail(channel: SettlementChannel) -> None:
        raise error

    with pytest.raises(ChannelUnavailable, match="failed with"):
        await host.call("sound", fail)


async def test_what_a_channel_does_not_implement_it_refuses_for_no_field(plug: Plug) -> None:
    host = ChannelHost([plug("sound", registers(Sound()))])
    for protocol in UNSUPPORTED:
        assert host.implementing(protocol) == []
        with pytest.raises(ChannelRefusal) as refusal:
            await host.ask("sound", protocol, lambda channel: channel.nothing(), may_refuse=True)
        assert (refusal.value.field, refusal.value.en) == (None, UNSUPPORTED[protocol][0])


async def test_a_call_is_cancelled_with_its_task(plug: Plug) -> None:
    host = ChannelHost([plug("sound", registers(Sound()))])
    task = asyncio.create_task(host.call("sound", lambda channel: asyncio.sleep(30)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_unknown_channel_is_named_with_those_there_are(plug: Plug) -> None:
    host = ChannelHost([plug("sound", registers(Sound()))])
    with pytest.raises(UnknownChannel, match="sound"):
        await host.call("cheque", lambda channel: channel.health())


def test_the_installed_channels_load() -> None:
    assert [plugin.failure for plugin in ChannelHost().plugins.values()] == [None, None, None]


def test_a_key_belongs_to_the_distribution_that_had_it_first(plug: Plug) -> None:
    """Whichever comes first in the order of folders."""
    first, second = plug("sound", registers(Sound())), plug("sound", registers(Sound()))
    owner = ChannelHost([second]).plugins["sound"].distribution
    for points in ([first, second], [second, first]):
        host = ChannelHost(points, owners={"sound": owner})
        assert host.plugins["sound"].distribution == owner
        assert any("belongs to" in str(plugin.failure) for plugin in host.plugins.values())
    with pytest.raises(ChannelUnavailable):
        ChannelHost([first], owners={"sound": owner}).channel("sound")


def test_what_a_plugin_raises_at_load_is_told_to_nobody(plug: Plug) -> None:
    host = ChannelHost([plug("broken", _raises)])
    assert "no licence file" not in str(host.plugins["broken"].failure)
    with pytest.raises(ChannelUnavailable) as error:
        host.channel("broken")
    assert "line" not in error.value.message("en")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError (nowhere_to_be_found), raised in line 1 of "),
        ("\nraise ValueError('postgres://billing:MY-SECRET@db')", "ValueError, raised in line 2 of "),
        ("", "it registers no channel for this version of the specification"),
    ],
)
def test_why_a_plugin_does_not_load_is_said_without_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, reason: str
) -> None:
    (tmp_path / "settlement_broken.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "settlement_broken", raising=False)
    host = ChannelHost([EntryPoint("broken", "settlement_broken", ENTRY_POINT_GROUP)])
    failure = host.plugins["broken"].failure or ""
    assert failure.startswith(reason)
    assert "MY-SECRET" not in failure
