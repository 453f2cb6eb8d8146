"""Who unsubscribed at a cloud is locked, where the vendor says so for that channel, and loses nothing by it at once."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import pytest
from settlement_spec import BindingEnd

from app.accounts.models import StaffRole
from app.bootstrap import Runtime
from app.errors import CannotStart
from app.settings import get_settings
from app.settlement.links import check_named_channels
from app.settlement.locks import remind_locked
from app.settlement.models import Settlement
from app.settlement.settling import settle_due
from tests.api.driver import Api
from tests.api.wallets import staff, topped_up
from tests.applications.steps import event_types
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing, Scripted

LOCK = "lock { channel deadline finalNoticeAt } nextSteps { action mutation deadline }"


@pytest.fixture(autouse=True)
def locking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor locks who leaves the scripted channel's cloud."""
    monkeypatch.setattr(get_settings(), "locking_channels", "scripted")


async def unsubscribed(owing: Owing, scripted: Scripted) -> tuple[Api, str, UUID]:
    mine, account, key = await owing()
    assert scripted.host is not None
    for _ in range(2):
        await scripted.host.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    return mine, account, key


async def lock(mine: Api, account: str) -> dict[str, Any]:
    return await mine.account(account, LOCK)


async def test_the_account_is_locked_for_a_time_and_its_charges_fall_back(
    owing: Owing, runtime: Runtime, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    mine, account, _ = await unsubscribed(owing, scripted)
    await settle_due(runtime.host)
    assert (await Settlement.get()).channel == "guance"
    found = await lock(mine, account)
    deadline = (travelling_clock().astimezone(UTC) + timedelta(days=14)).isoformat()
    assert found["lock"]["channel"] == "scripted"
    assert found["lock"]["deadline"] == deadline
    step = {"action": "CHOOSE_SETTLEMENT_CHANNEL", "mutation": "chooseSettlementChannel", "deadline": deadline}
    assert found["nextSteps"][0] == step
    assert (await event_types(mine, account)).count("account.locked") == 1


async def test_choosing_a_channel_unlocks_even_the_one_that_charges_fell_back_to(
    owing: Owing, scripted: Scripted
) -> None:
    mine, account, _ = await unsubscribed(owing, scripted)
    chosen = await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    assert chosen["binding"]["state"] == "BOUND"
    assert (await lock(mine, account))["lock"] is None
    assert (await event_types(mine, account))[-1] == "account.unlocked"


async def test_paying_in_unlocks(owing: Owing, scripted: Scripted) -> None:
    mine, account, _ = await unsubscribed(owing, scripted)
    await topped_up(mine, await staff(mine, [StaffRole.FINANCE]), account, "500.00")
    assert (await lock(mine, account))["lock"] is None


async def test_it_is_reminded_once_and_staff_may_end_the_service_after_the_deadline_and_a_notice(
    owing: Owing, scripted: Scripted, travelling_clock: TravellingClock
) -> None:
    mine, account, _ = await unsubscribed(owing, scripted)
    finance = await staff(mine, [StaffRole.FINANCE])
    given: dict[str, Any] = {"accountId": account, "reason": "nobody answers"}
    for days, reminded in ((11, 0), (2, 1)):
        travelling_clock.forward(days=days)
        for _ in range(2):
            await remind_locked()
        assert (await event_types(mine, account)).count("account.lock_ending") == reminded
        assert (await finance.call("sendFinalNotice", "account { id }", **given))["code"] == "STANDING_CONFLICT"
    travelling_clock.forward(days=1)
    refused = await finance.call("endService", "account { id }", **given)
    assert (refused["code"], refused["operations"]) == ("STANDING_CONFLICT", ["sendFinalNotice"])
    assert "code" not in await finance.call("sendFinalNotice", "account { id }", **given)
    assert (await lock(mine, account))["lock"]["finalNoticeAt"]
    ended = await finance.call("endService", "account { edition }", **given)
    assert ended["account"]["edition"] == "COMMUNITY"
    assert (await lock(mine, account))["lock"] is None


@pytest.mark.parametrize(
    ("named", "end"),
    [("", BindingEnd.UNSUBSCRIBED), ("aws, aliyun", BindingEnd.UNSUBSCRIBED), ("scripted", BindingEnd.REFUSED)],
)
async def test_nobody_else_is_locked(
    owing: Owing, scripted: Scripted, monkeypatch: pytest.MonkeyPatch, named: str, end: BindingEnd
) -> None:
    monkeypatch.setattr(get_settings(), "locking_channels", named)
    mine, account, key = await owing()
    assert scripted.host is not None
    await scripted.host.binding_ended(key, "subscription-1", end, "it ended")
    assert (await lock(mine, account))["lock"] is None


async def test_a_channel_that_nobody_has_is_refused_at_the_start(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "locking_channels", "aws, azure")
    with pytest.raises(CannotStart, match=r"BILLING_LOCKING_CHANNELS must be one of .*, not azure"):
        check_named_channels(runtime.host)
