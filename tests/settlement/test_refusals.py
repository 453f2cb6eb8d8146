"""What channels refuse, and what they cannot do at all, as the API says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from uuid import UUID

import httpx
import pytest
from settlement_spec import AccountBalance, BalancePart, ChannelRefusal, Money, Movement, Owing, PrepaidBalance

from app.bootstrap import Runtime
from app.db.connection import tortoise_config
from app.errors import BillingError, BindingRejected, FundRefused, InvalidInput, OnlineTopUpUnavailable
from app.journey.callbacks import Callbacks
from app.main import create_app
from app.settings import get_settings
from app.settlement.host import ChannelHost
from app.settlement.refusals import refused_as
from tests.api.driver import PAY_AS_YOU_GO, Api, agreed, registered
from tests.settlement.conftest import Plug
from tests.settlement.sound import Sound


class BalanceAlone(Sound, PrepaidBalance):
    """A channel with a balance that nobody can top up."""

    async def balance(self, account_id: UUID) -> Money:
        return Money(700, "CNY")

    async def owing(self, account_id: UUID | None = None) -> Sequence[Owing]:
        return ()

    async def movements(self, account_id: UUID, *asked: object, **more: object) -> Sequence[Movement]:
        return ()

    async def count_movements(self, account_id: UUID, *asked: object, **more: object) -> int:
        return 0

    async def balances(self, after: UUID | None = None, limit: int = 1000) -> Sequence[AccountBalance]:
        return ()

    async def paid_from(self, charge_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[BalancePart]]:
        return {}


def test_the_error_points_at_the_field_at_fault() -> None:
    with pytest.raises(BindingRejected, match="wrong") as bound, refused_as(BindingRejected, "configuration"):
        raise ChannelRefusal("payer", "payer is wrong.", "payer 有误。")
    assert bound.value.path == ("configuration", "payer")
    assert "payer 有误" in bound.value.message("zh")
    with pytest.raises(FundRefused) as refused, refused_as(FundRefused):
        raise ChannelRefusal("expiresAt", "it has passed", "已过期")
    assert refused.value.path == ("expiresAt",)


@pytest.mark.parametrize(
    ("field", "error", "path"),
    [("amount", InvalidInput, ("amount",)), (None, OnlineTopUpUnavailable, ("accountId",))],
)
def test_what_is_not_possible_at_all_is_another_error(
    field: str | None, error: type[BillingError], path: tuple[str, ...]
) -> None:
    with pytest.raises(error) as refused, refused_as(InvalidInput, unavailable=OnlineTopUpUnavailable):
        raise ChannelRefusal(field, "not now", "暂不可用")
    assert refused.value.path == path


async def test_a_balance_without_top_ups_online_payments_and_vouchers_says_so(database: str, plug: Plug) -> None:
    points: list[EntryPoint] = [plug("sound", lambda: [BalanceAlone()])]
    host = ChannelHost(points)
    assert [plugin.failure for plugin in host.plugins.values()] == [None]
    await host.start(lambda key: Callbacks(host, key))
    app = create_app(Runtime(get_settings(), database, tortoise_config(database, []), host, database))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http:
        mine, account = await registered(Api(http))
        await mine.call("upgradeEdition", "account { id }", accountId=account, edition=PAY_AS_YOU_GO)
        await agreed(mine, account)
        await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="sound")
        seen = await mine.account(
            account,
            "wallet { balance { amount } takesOnlinePayments vouchers { nodes { id } totalCount } } "
            "topUps { totalCount }",
        )
        shown = {
            "balance": {"amount": "7.00"},
            "takesOnlinePayments": False,
            "vouchers": {"nodes": [], "totalCount": 0},
        }
        assert seen == {"wallet": shown, "topUps": {"totalCount": 0}}
        listed = await mine.data("{ settlementChannels { key capabilities } }")
        assert listed["settlementChannels"] == [{"key": "sound", "capabilities": ["PREPAID_BALANCE"]}]
        for name, kind in [
            ("requestTopUp", "InvalidInputError"),
            ("startOnlineTopUp", "OnlineTopUpUnavailableError"),
            ("purchaseCard", "FundRefusedError"),
        ]:
            refused = await mine.call(name, "__typename", accountId=account, amount="100.00")
            assert (refused["__typename"], refused["path"]) == (kind, ["accountId"])
    await host.stop()
