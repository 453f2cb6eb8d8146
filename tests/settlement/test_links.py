"""Links of several accounts and channels: news of one leave the others alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from settlement_spec import BindingEnd, BindRequest, BindResult, BindState, Health

from app import clock
from app.accounts.models import Account
from app.bootstrap import Runtime
from app.errors import CannotStart
from app.journey.callbacks import Callbacks
from app.settings import get_settings
from app.settlement.channels import ChannelHealth, ChannelListing, list_channels
from app.settlement.host import ChannelHost
from app.settlement.links import check_named_channels, prepaid_link
from app.settlement.models import BindingState, ChannelBinding, Settlement, SettlementState
from app.settlement.queries import bound_channel
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing, Plug, Scripted
from tests.settlement.sound import Sound


async def test_an_ended_link_leaves_those_of_other_accounts_with_the_same_reference_alone(
    owing: Owing, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    _, _, one = await owing()
    _, _, other = await owing()
    soon = clock.now() + timedelta(hours=1)
    assert scripted.host is not None
    before = {row.charge_id: row.next_attempt_at for row in await Settlement.filter(account_id=other)}
    await scripted.host.settle_soon(one, "subscription-1", soon)
    assert [row.deadline for row in await Settlement.filter(account_id=one)] == [soon]
    assert all(row.deadline != soon for row in await Settlement.filter(account_id=other))
    assert {row.charge_id: row.next_attempt_at for row in await Settlement.filter(account_id=other)} == before
    await scripted.host.binding_ended(one, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed " + "x" * 600)
    ended = await ChannelBinding.get(account_id=one, channel="scripted")
    assert (ended.state, ended.ended_by, ended.unbound_at) == (
        BindingState.UNBOUND,
        BindingEnd.UNSUBSCRIBED,
        (await Account.get(id=one)).now(),
    )
    fallen_back = await bound_channel(one)
    assert fallen_back is not None
    assert (fallen_back.channel, fallen_back.bound_at) == ("guance", (await Account.get(id=one)).now())
    left = await bound_channel(other)
    assert left is not None
    assert (left.channel, left.state, left.external_reference) == ("scripted", BindingState.BOUND, "subscription-1")
    assert [row.channel for row in await Settlement.filter(account_id=other)] == ["scripted"]
    (moved,) = await Settlement.filter(account_id=one)
    assert (moved.channel, moved.state, moved.attempts, moved.deadline, moved.reason) == (
        "guance",
        SettlementState.PENDING,
        0,
        None,
        None,
    )


async def test_what_is_settled_already_is_hurried_and_moved_no_more(
    owing: Owing, scripted: Scripted, runtime: Runtime
) -> None:
    _, _, one = await owing()
    assert scripted.host is not None
    await Settlement.filter(account_id=one).update(state=SettlementState.SETTLED, settled_at=clock.now())
    await scripted.host.settle_soon(one, "subscription-1", clock.now())
    await scripted.host.binding_ended(one, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    (settled,) = await Settlement.filter(account_id=one)
    assert (settled.channel, settled.state, settled.deadline) == ("scripted", SettlementState.SETTLED, None)


async def test_the_prepaid_link_of_each_account_is_its_own_and_made_once(owing: Owing, runtime: Runtime) -> None:
    _, _, one = await owing()
    _, _, other = await owing()
    made = [await prepaid_link(runtime.host, await Account.get(id=key)) for key in (one, one, other)]
    assert [(link.account_id, link.channel, link.state) for link in made] == [
        (key, "guance", BindingState.UNBOUND) for key in (one, one, other)
    ]
    assert made[0].id == made[1].id
    paying = await bound_channel(one)
    assert paying is not None
    assert paying.channel == "scripted"


async def test_the_newest_of_several_pending_links_is_shown(owing: Owing) -> None:
    _, _, one = await owing()
    await ChannelBinding.filter(account_id=one).update(state=BindingState.UNBOUND)
    for channel in ("first", "second"):
        await ChannelBinding.create(
            account_id=one, channel=channel, state=BindingState.PENDING, configuration={}, created_at=clock.now()
        )
    shown = await bound_channel(one)
    assert shown is not None
    assert shown.channel == "second"
    await ChannelBinding.filter(account_id=one, channel="first").update(state=BindingState.BOUND)
    shown = await bound_channel(one)
    assert shown is not None
    assert shown.channel == "first"


async def test_the_fallback_is_asked_with_the_accounts_name_and_keeps_the_channels_reference(
    owing: Owing, scripted: Scripted, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, one = await owing()
    asked: list[BindRequest] = []

    async def bind(self: object, request: BindRequest) -> BindResult:
        asked.append(request)
        return BindResult(BindState.BOUND, external_reference="wallet-7")

    monkeypatch.setattr("settlement_guance.channel.EnterpriseAccount.bind", bind)
    assert scripted.host is not None
    await scripted.host.binding_ended(one, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    account = await Account.get(id=one)
    assert asked == [BindRequest(one, "Acme", {}, account.now())]
    bound = await ChannelBinding.get(account_id=one, channel="guance")
    assert (bound.external_reference, bound.configuration, bound.created_at) == ("wallet-7", {}, account.now())


def _no_license_file() -> list[Sound]:
    raise RuntimeError("no license file")


class Down(Sound):
    async def health(self) -> Health:
        raise OSError("unreachable")


async def test_every_channel_is_listed_with_what_is_wrong_with_it(database: str, plug: Plug) -> None:
    host = ChannelHost(
        [plug("sound", lambda: [Sound()]), plug("down", lambda: [Down("down")]), plug("x", _no_license_file)]
    )
    await host.start(lambda key: Callbacks(host, key))
    found = {listing.key: listing for listing in await list_channels(host)}
    version = host.plugins["sound"].version
    names, schema = {"zh": "好", "en": "Sound"}, {"type": "object"}
    assert found["sound"] == ChannelListing("sound", names, version, [], ["CNY"], schema, ChannelHealth.HEALTHY, None)
    assert found["down"] == ChannelListing(
        "down", names, version, [], ["CNY"], schema, ChannelHealth.UNHEALTHY, "it failed with OSError"
    )
    (failed,) = [listing for key, listing in found.items() if key not in ("sound", "down")]
    assert failed == ChannelListing(failed.key, {}, failed.version, [], [], None, ChannelHealth.FAILED, failed.reason)
    assert "RuntimeError, raised in line " in str(failed.reason)


@pytest.mark.parametrize(
    ("named", "also_failed", "refused"),
    [(None, False, False), ("sound", False, False), ("nobody", False, True), ("nobody", True, False)],
)
async def test_the_fallback_of_the_settings_is_to_be_installed(
    plug: Plug, monkeypatch: pytest.MonkeyPatch, named: str | None, also_failed: bool, refused: bool
) -> None:
    monkeypatch.setattr(get_settings(), "fallback_channel", named)
    plugs = [plug("sound", lambda: [Sound(), Sound("second")])]
    host = ChannelHost([*plugs, plug("x", _no_license_file)] if also_failed else plugs)
    if not refused:
        check_named_channels(host)
        return
    with pytest.raises(CannotStart) as told:
        check_named_channels(host)
    assert str(told.value) == "BILLING_FALLBACK_CHANNEL must be one of sound, second, not nobody"


async def test_channels_of_the_same_key_are_told_apart(plug: Plug) -> None:
    host = ChannelHost([plug("a", lambda: [Sound() for _ in range(4)])])
    first, *others = host.plugins
    beside = f"sound ({host.plugins['sound'].distribution})"
    assert (first, others) == ("sound", [beside, f"{beside}'", f"{beside}''"])
    assert host.loaded() == ["sound"]
