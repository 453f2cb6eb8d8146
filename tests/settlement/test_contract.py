"""The table at the top of the specification: in which transaction, and under which lock, each method is called."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from settlement_spec import BindingEnd, Money, SettlementChannel
from settlement_spec.channel import PROTOCOLS, methods_of
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection

from app import clock
from app.accounts.models import StaffRole
from app.alerts.watching import check_alerts
from app.api.node import decode_id
from app.bootstrap import Runtime
from app.db.connection import credentials
from app.journey.callbacks import Callbacks
from app.settlement.arrears import update_standings
from app.settlement.audit import check
from app.settlement.models import Settlement, SettlementState
from app.settlement.reconciliation import reconcile
from app.settlement.settling import settle_due
from app.settlement.ticking import tick_due
from tests.api.driver import Api, Enum
from tests.api.wallets import staff
from tests.docs.contract import table
from tests.settlement.conftest import Owing, Scripted

IN_TRANSACTION = {"none": {False}, "any": {False, True}, "the mutation's": {True}, "the caller's": {True}}
LOCKED = {"none": {False}, "any": {False, True}, "account": {True}}
OUTSIDE = {"describe", "routes", "start", "stop"}


class Observer:
    """Notes for each method of a channel whether it was called in a transaction, and with an account locked."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection, self._one_at_a_time = connection, asyncio.Lock()
        self.seen: defaultdict[str, set[tuple[bool, bool]]] = defaultdict(set)

    def watch(self, channel: SettlementChannel, monkeypatch: pytest.MonkeyPatch) -> None:
        """Note the calls of a channel from now on."""
        for kind in (SettlementChannel, *PROTOCOLS):
            for name in set(methods_of(kind)) - OUTSIDE:
                if hasattr(channel, name):
                    monkeypatch.setattr(channel, name, self._noting(name, getattr(channel, name)))

    def _noting(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        async def noted(*given: Any, **named: Any) -> Any:
            in_transaction = isinstance(get_connection("default"), TransactionalDBClient)
            async with self._one_at_a_time:
                free = await self._connection.fetch("SELECT FROM account FOR NO KEY UPDATE SKIP LOCKED")
                locked = len(free) < await self._connection.fetchval("SELECT count(*) FROM account")
            self.seen[name].add((in_transaction, locked))
            return await method(*given, **named)

        return noted


@pytest.fixture
async def observer(runtime: Runtime, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Observer]:
    """One that watches the enterprise account and the scripted channel."""
    connection = await asyncpg.connect(**credentials(runtime.url))
    observer = Observer(connection)
    for channel in (runtime.host.channel("guance"), scripted):
        observer.watch(channel, monkeypatch)
    yield observer
    await connection.close()


async def use_everything(api: Api, runtime: Runtime, owing: Owing) -> None:
    """Everything in a channel's life that calls one of its methods."""
    host, finance = runtime.host, await staff(api, [StaffRole.FINANCE, StaffRole.ACCOUNT_MANAGER])
    mine, account, key = await owing("scripted")
    own, provider = Callbacks(host, "guance"), Callbacks(host, "scripted")
    await provider.binding_ended(key, "subscription-1", BindingEnd.UNSUBSCRIBED, "unsubscribed")
    await settle_due(host)
    await tick_due(host)
    await update_standings(host)
    await mine.call("setBalanceAlert", "__typename", accountId=account, days=30)
    await check_alerts(host)
    await wallet(mine, finance, account, own)
    await mine.account(
        account,
        "wallet { takesOnlinePayments movements { nodes { kind } totalCount } vouchers { nodes { id } totalCount } } "
        "topUps { nodes { id } totalCount } standing { state } "
        "charges { nodes { settlement { paidFrom { source } } } }",
    )
    now = clock.now()
    await reconcile(host, "guance", now, now)
    span: dict[str, Any] = {"since": now.isoformat(), "until": now.isoformat()}
    await finance.call("reconcileChannel", "__typename", channel="guance", **span)
    await api.data("{ settlementChannels { health } }")
    assert await check(host) == []
    for channel in ("scripted", "guance"):
        await finance.call("allowChannelChange", "__typename", accountId=account)
        chosen = await mine.call("chooseSettlementChannel", "__typename", accountId=account, channel=channel)
        assert chosen["__typename"] == "ChooseSettlementChannelSuccess", chosen
    await owing("scripted")
    await settle_due(host)
    _, _, other = await owing("guance")
    await Settlement.filter(account_id=other).update(state=SettlementState.NEEDS_ATTENTION)
    unpaid = await Settlement.get(account_id=other)
    by_hand: dict[str, Any] = {"settlementId": str(unpaid.id), "providerReference": "R", "reason": "found it"}
    refused = await finance.call("settleByHand", "__typename", **by_hand)
    assert (refused["code"], refused["path"]) == ("SETTLEMENT_CONFLICT", ["settlementId"])


async def wallet(mine: Api, finance: Api, account: str, own: Callbacks) -> None:
    """Pay in, by every way, and grant, buy and take back."""
    top_ups = []
    for _ in range(4):
        asked = await mine.call("requestTopUp", "topUp { id }", accountId=account, amount="500.00")
        top_ups.append(asked["topUp"]["id"])
    confirmed: dict[str, Any] = {"topUpId": top_ups[0], "bankReference": "B-1", "receivedAmount": "500.00"}
    await finance.call("confirmTopUp", "__typename", **confirmed)
    await finance.call(
        "refundTopUp", "__typename", topUpId=top_ups[0], amount="0.01", reference="R-1", reason="paid twice"
    )
    await mine.call("cancelTopUp", "__typename", topUpId=top_ups[1])
    await own.top_up_paid(keyed(top_ups[2]), "P-1", Money(50_000, "CNY"))
    await own.top_up_lapsed(keyed(top_ups[3]))
    await mine.call("startOnlineTopUp", "__typename", accountId=account, amount="500.00")
    granted = await finance.call(
        "issueVoucher",
        "voucher { id }",
        accountId=account,
        amount="5.00",
        expiresAt="2027-12-31T00:00:00+08:00",
        note="welcome",
        source=Enum("VOUCHER"),
    )
    await finance.call("voidVoucher", "__typename", voucherId=granted["voucher"]["id"], reason="granted twice")
    bought = await mine.call("purchaseCard", "__typename", accountId=account, amount="100.00")
    assert bought["__typename"] == "PurchaseCardSuccess", bought


def keyed(top_up: str) -> UUID:
    """The top-up's key."""
    return decode_id(top_up, "TopUp", "topUpId")


async def test_each_method_is_called_as_the_table_says(
    api: Api, runtime: Runtime, owing: Owing, observer: Observer
) -> None:
    await use_everything(api, runtime, owing)
    promised: defaultdict[str, tuple[set[bool], set[bool]]] = defaultdict(lambda: (set(), set()))
    for row in table().splitlines()[2:]:
        names, _, transaction, lock, _ = (cell.strip() for cell in row.strip("| ").split(" | "))
        for name in names.replace(" of a fallback", "").replace("`", "").split(", "):
            for told, more in zip(promised[name], (IN_TRANSACTION[transaction], LOCKED[lock]), strict=True):
                told |= more
    seen = {
        name: ({in_transaction for in_transaction, _ in calls}, {locked for _, locked in calls})
        for name, calls in observer.seen.items()
    }
    assert seen == {name: how for name, how in promised.items() if name not in OUTSIDE}
