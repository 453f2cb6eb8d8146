"""What an upgrade that was begun before is asked when it takes effect: agreement, currency, days served already."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app import clock
from app.accounts.models import StaffRole
from app.api.node import decode_id
from app.billing.ledger import check
from app.bootstrap import Runtime
from app.contracts.models import Contract
from app.journey.channels import confirm
from app.settlement.models import BindingState, ChannelBinding
from app.upgrades.models import Upgrade
from tests.api.driver import PAY_AS_YOU_GO, Api, activate, advance, agreed, license_and_key, registered, upgraded
from tests.api.wallets import DAY, staff
from tests.applications.steps import TODAY, agreed_and_accepted, any_terms, charged, offered, steps, terms
from tests.billing.factory import plan_of
from tests.conftest import TravellingClock

NEW: dict[str, Any] = {"title": {"zh": "新协议", "en": "New"}, "text": {"zh": "一。", "en": "One."}}


@pytest.fixture(autouse=True)
def stand_still(travelling_clock: TravellingClock) -> None:
    """Every test begins on 2026-03-02, 18:30 in Shanghai."""


async def publish(api: Api, **given: Any) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    made = await operator.call("publishAgreement", "agreement { version }", edition=PAY_AS_YOU_GO, **NEW, **given)
    assert made["agreement"]["version"] == 2


async def begun(api: Api) -> tuple[Api, str]:
    """An account that chose its edition, and accepted the agreement."""
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    return mine, account


async def state_of(mine: Api, account: str) -> str:
    return str((await mine.account(account, "upgrade { state }"))["upgrade"]["state"])


async def test_a_channel_is_not_chosen_before_the_agreement_in_force_is_accepted(api: Api) -> None:
    mine, account = await begun(api)
    await publish(api)
    assert await steps(mine, account) == ["ACCEPT_AGREEMENT"]
    refused = await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    assert (refused["code"], "accept agreement" in refused["message"]) == ("STEP_OUT_OF_ORDER", True)
    await agreed(mine, account)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    assert await state_of(mine, account) == "FREE_PERIOD"


async def test_an_agreement_that_came_into_force_while_the_channel_was_pending_is_accepted_first(
    api: Api, runtime: Runtime
) -> None:
    mine, account = await begun(api)
    key = decode_id(account, "Account", "id")
    await ChannelBinding.create(
        account_id=key, channel="guance", state=BindingState.PENDING, configuration={}, created_at=clock.now()
    )
    await publish(api)
    await confirm(runtime.host, key, "guance", None)
    assert (await ChannelBinding.get(account_id=key)).state == BindingState.BOUND
    assert await state_of(mine, account) == "AGREEMENT_PENDING"
    assert (await mine.account(account, "edition"))["edition"] == "COMMUNITY"
    assert await steps(mine, account) == ["ACCEPT_AGREEMENT"]
    await agreed(mine, account)
    assert await state_of(mine, account) == "FREE_PERIOD"


async def test_a_sandbox_that_is_ahead_reads_and_accepts_the_version_in_force_by_its_clock(api: Api) -> None:
    mine, account = await registered(api)
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await publish(api, validFrom="2026-03-10T00:00:00+08:00")
    now = (await mine.data("{ agreement(edition: PAY_AS_YOU_GO) { version } }"))["agreement"]
    await advance(mine, account, 10 * DAY)
    then = (await mine.account(account, "agreement(edition: PAY_AS_YOU_GO) { version }"))["agreement"]
    assert (now["version"], then["version"]) == (1, 2)
    await agreed(mine, account)
    assert await state_of(mine, account) == "CHANNEL_PENDING"


async def test_a_lapsed_upgrade_does_not_come_back_in_a_currency_that_its_channel_cannot_collect(api: Api) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await advance(mine, account, 8 * DAY)
    assert await state_of(mine, account) == "LAPSED"
    await plan_of(2, minimum_quantity=20, currency="USD")
    refused = await activate(mine, text, ak, sk)
    assert (refused["code"], "choose settlement channel" in refused["message"]) == ("STEP_OUT_OF_ORDER", True)
    assert await state_of(mine, account) == "LAPSED"
    assert await charged(mine, account) == []
    await plan_of(3, minimum_quantity=20)
    assert (await activate(mine, text, ak, sk))["account"]["upgrade"]["state"] == "ACTIVE"


@pytest.mark.parametrize(
    ("zone", "first"),
    [("Asia/Shanghai", 1), ("Pacific/Honolulu", 1), ("Pacific/Kiritimati", 2)],
)
async def test_no_hour_that_a_contract_served_is_billed_again_in_another_zone(api: Api, zone: str, first: int) -> None:
    """The contract ends with 31 March in Shanghai: 06:00 of that day in Honolulu, 06:00 of 1 April in Kiritimati."""
    await any_terms()
    mine, account = await upgraded(api)
    last = date(2026, 3, 31)
    _, _, offer = await offered(api, mine, account, **terms(TODAY, 30, (TODAY, "12000.00")))
    contract = (await agreed_and_accepted(mine, account, offer))["contract"]
    assert contract["endsOn"] == last.isoformat()
    await plan_of(2, minimum_quantity=20, time_zone=zone)
    to_end = datetime(2026, 3, 31, 16, tzinfo=UTC) - clock.now()
    await advance(mine, account, int(to_end / timedelta(seconds=1)))
    await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
    await agreed(mine, account)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    done = await activate(mine, *await license_and_key(mine, account))
    assert done["account"]["upgrade"]["firstBilledDay"] == date(2026, 4, first).isoformat()
    await advance(mine, account, 3 * DAY)
    days = [day for day, kind, _ in await charged(mine, account) if kind == "DAILY"]
    assert days[0] == date(2026, 4, first).isoformat()
    assert await check() == []


async def test_a_contract_has_its_days_in_the_zone_of_the_billing_days_that_it_follows(api: Api) -> None:
    await any_terms()
    await plan_of(2, minimum_quantity=20, time_zone="America/New_York")
    mine, account = await upgraded(api)
    await activate(mine, *await license_and_key(mine, account))
    _, _, offer = await offered(api, mine, account, **terms(TODAY, 30, (TODAY, "12000.00")))
    await agreed_and_accepted(mine, account, offer)
    key: UUID = decode_id(account, "Account", "id")
    contract = await Contract.get(account_id=key).select_related("plan")
    assert contract.plan.time_zone == "America/New_York"
    end = clock.day_end(contract.ends_on, "America/New_York")
    await advance(mine, account, int((end - clock.now()).total_seconds()) - 1)
    assert (await mine.account(account, "edition"))["edition"] == "SUBSCRIPTION"
    await advance(mine, account, 1)
    assert (await mine.account(account, "edition"))["edition"] == "COMMUNITY"
    upgrade = await Upgrade.filter(account_id=key).order_by("-id").first()
    assert upgrade is not None
    assert upgrade.last_billed_day == TODAY - timedelta(days=1)
