"""Prepaid balances: what is there, what paid, what is owed. The channels keep the books."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from settlement_spec import (
    NEWEST,
    BalancePart,
    Capability,
    Fund,
    Funds,
    FundState,
    Money,
    Movement,
    MovementKind,
    OnlinePayments,
    Owing,
    PrepaidBalance,
    Source,
    Window,
)

from app.accounts.models import Account
from app.db.together import together
from app.errors import ChannelUnavailable, StepOutOfOrder
from app.inputs import minor_units
from app.settlement.host import NOT_LOADED, ChannelHost
from app.settlement.links import prepaid_link
from app.settlement.models import BindingState
from app.settlement.queries import links_of, paying_link
from app.settlement.sharing import payers
from app.steps import NextAction


@dataclass(frozen=True)
class Wallet:
    """A prepaid balance at one instant of the account's clock: cash, negative when more was collected than was there,
    and what vouchers and cards can still pay."""

    channel: str
    account_id: UUID
    now: datetime
    balance: Money
    left: Money

    @property
    def owed(self) -> Money:
        """What a top-up pays first."""
        return Money(max(0, -self.balance.minor), self.balance.currency)

    @property
    def available(self) -> Money:
        """What the next charges can be paid from: cash, vouchers and cards."""
        return Money(max(0, self.balance.minor) + self.left.minor, self.balance.currency)


async def wallet(host: ChannelHost, account: Account, paying: bool = False) -> Wallet | None:
    """The account's prepaid balance now; ``None`` where no prepaid channel pays, or (unless ``paying``) ever did."""
    key = await _wallet_channel(host, account.id, paying)
    if key is None:
        return None
    return await _balance((host, key, account))


@together
async def _balance(
    asked: Sequence[tuple[ChannelHost, str, Account]],
) -> dict[tuple[ChannelHost, str, Account], Wallet | BaseException]:
    found = await asyncio.gather(*(_balance_there(*one) for one in asked), return_exceptions=True)
    return dict(zip(asked, found, strict=True))


async def _balance_there(host: ChannelHost, key: str, account: Account) -> Wallet:
    now = account.now()
    balance = await host.ask(key, PrepaidBalance, lambda channel: channel.balance(account.id))
    left = Money(0, balance.currency)
    if key in host.implementing(Funds):
        left = await host.ask(key, Funds, lambda channel: channel.funds_left(now, account.id))
    return Wallet(key, account.id, now, balance, left)


@dataclass(frozen=True)
class Moved:
    """The changes of a balance: in ``[since, until)``, of a kind or of all."""

    host: ChannelHost
    of: Wallet
    since: datetime | None = None
    until: datetime | None = None
    kind: MovementKind | None = None

    async def part(self, window: Window = NEWEST) -> Sequence[Movement]:
        """Those in the window."""
        return await self.host.ask(
            self.of.channel,
            PrepaidBalance,
            lambda channel: channel.movements(self.of.account_id, self.since, self.until, self.kind, window),
        )

    async def count(self) -> int:
        """How many there are."""
        return await self.host.ask(
            self.of.channel,
            PrepaidBalance,
            lambda channel: channel.count_movements(self.of.account_id, self.since, self.until, self.kind),
        )


@dataclass(frozen=True)
class Held:
    """The vouchers and cards in a balance: of these kinds, in a state or in any."""

    host: ChannelHost
    of: Wallet
    sources: Sequence[Source]
    state: FundState | None = None

    async def part(self, window: Window = NEWEST) -> Sequence[Fund]:
        """Those in the window."""
        if self.of.channel not in self.host.implementing(Funds):
            return ()
        return await self.host.ask(
            self.of.channel,
            Funds,
            lambda channel: channel.funds(
                self.of.now, self.of.account_id, sources=self.sources, state=self.state, window=window
            ),
        )

    async def count(self) -> int:
        """How many there are."""
        if self.of.channel not in self.host.implementing(Funds):
            return 0
        return await self.host.ask(
            self.of.channel,
            Funds,
            lambda channel: channel.count_funds(self.of.now, self.of.account_id, self.sources, self.state),
        )


async def takes_online_payments(host: ChannelHost, of: Wallet) -> bool:
    """Whether the balance can be topped up online."""
    if of.channel not in host.implementing(OnlinePayments):
        return False
    return await host.ask(of.channel, OnlinePayments, lambda channel: channel.takes_online_payments())


async def paid_from(host: ChannelHost, charge_ids: Sequence[UUID]) -> dict[UUID, Sequence[BalancePart]]:
    """What paid each of these charges, of those that a prepaid channel collected."""
    found: dict[UUID, Sequence[BalancePart]] = {}
    for key in host.implementing(PrepaidBalance):
        found |= await host.ask(key, PrepaidBalance, lambda channel: channel.paid_from(charge_ids))
    return found


async def debts(host: ChannelHost, *account_ids: UUID | None) -> dict[UUID, list[Owing]]:
    """What each of these accounts owes by its own balances, or, for None, every account; each debt once."""
    found: dict[UUID, list[Owing]] = {}
    for one in account_ids:
        for key in host.implementing(PrepaidBalance):
            for owed in await host.ask(key, PrepaidBalance, lambda channel, one=one: channel.owing(one)):  # type: ignore[misc]
                found.setdefault(owed.account_id, []).append(owed)
    return found


async def owing(host: ChannelHost, account_id: UUID | None = None) -> dict[UUID, list[Owing]]:
    """Who owes what, of one account or of all, over every prepaid channel. An account that another's balance pays for
    owes what is owed there, too, though not for longer than it is paid for."""
    paid_for = await payers(account_id)
    owners = [share.owner_id for share in paid_for.values()]
    found = await debts(host, *((account_id, *owners) if account_id else (None,)))
    for member, share in paid_for.items():
        for owed in tuple(found.get(share.owner_id, ())):
            since = max(owed.since, share.began_at or owed.since)
            found.setdefault(member, []).append(replace(owed, since=since))
    return found


async def _wallet_channel(host: ChannelHost, account_id: UUID, paying: bool = False) -> str | None:
    """The prepaid channel that pays for the account, or else the last that did: what is left or owed there stays.

    Raises:
        ChannelUnavailable: a channel pays for the account whose plugin is missing, or does not work.
    """
    for binding in await links_of(account_id):
        if binding.state == BindingState.PENDING:
            continue
        pays = binding.state == BindingState.BOUND
        if pays and binding.channel not in host.loaded():
            raise ChannelUnavailable(channel=binding.channel, reason=NOT_LOADED)
        asked = pays or (not paying and binding.channel in host.loaded())
        if asked and Capability.PREPAID_BALANCE in host.describe(binding.channel).capabilities:
            return binding.channel
    return None


async def amount_there(host: ChannelHost, account: Account, amount: Decimal) -> tuple[str, Money]:
    """The channel that keeps a locked account's balance, and an amount in its currency; where a cloud pays, a balance
    is opened, whose vouchers and cards pay first.

    Raises:
        StepOutOfOrder: no channel pays for the account.
        ChannelUnavailable: none keeps balances.
        InvalidInput: the amount has more decimals than the currency, or is beyond a hundred million.
    """
    key = await _wallet_channel(host, account.id)
    if key is None and await paying_link(account.id) is not None:
        key = (await prepaid_link(host, account)).channel
    if key is None:
        raise StepOutOfOrder(missing_step=NextAction.CHOOSE_SETTLEMENT_CHANNEL)
    currency = sorted(host.describe(key).currencies)[0]
    return key, Money(minor_units(amount, currency, "amount"), currency)
