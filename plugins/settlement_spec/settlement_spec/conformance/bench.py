"""The channel under test with everything around it: the part of the billing center that hands charges over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.routing import Mount

from settlement_spec import (
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelRefusal,
    Charge,
    ChargeBatch,
    ChargeKind,
    ChargeLine,
    LineKind,
    Money,
    Outcome,
    SettlementChannel,
    SettlementResult,
)
from settlement_spec.conformance.harness import Account, Callback, Harness
from settlement_spec.conformance.loading import load_channel
from settlement_spec.conformance.recorder import Recorder
from settlement_spec.conformance.skipping import does_not_apply

P = TypeVar("P")
T = TypeVar("T")
DONE = (Outcome.SETTLED, Outcome.REJECTED)


class Bench:
    """Drives one channel as the billing center would: with a time limit, in batches, and again until it is done.

    ``overruns`` names the calls that took longer than the time limit.
    """

    def __init__(self, name: str, harness: Harness) -> None:
        self.name, self.harness = name, harness
        self.services = Recorder(dict(harness.settings))
        self.channel = load_channel(name)
        self.about = self.channel.describe()
        self.now = harness.now()
        self.charges: list[Charge] = []
        self.overruns: list[str] = []
        self._accounts = 0

    @property
    def key(self) -> str:
        """The channel's key."""
        return self.about.key

    @property
    def currency(self) -> str:
        """A currency that the channel takes."""
        return "CNY" if "CNY" in self.about.currencies else min(self.about.currencies)

    def can(self, capability: Capability) -> bool:
        """Whether the channel declares it."""
        return capability in self.about.capabilities

    def implementing(self, protocol: type[P]) -> P:
        """The channel by a protocol of the specification; a check of one that it does not implement is skipped."""
        if not isinstance(self.channel, protocol):
            does_not_apply(f"it does not implement {protocol.__name__}")
        return self.channel

    @property
    def database_port(self) -> int | None:
        """Where the database of a channel with tables listens."""
        if self.about.tortoise_app is None:
            return None
        from tortoise.connection import get_connection

        return getattr(get_connection("default"), "port", None)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """A transaction of the caller's, as the billing center has one open, for a channel with tables.

        At its end it is to be usable still, since the caller goes on in it.
        """
        if self.about.tortoise_app is None:
            yield
            return
        from tortoise.transactions import in_transaction

        async with in_transaction() as connection:
            yield
            await connection.execute_query("SELECT 1")

    def quantity(self, charge: Charge) -> int:
        """What the provider's book is to show for the charge: minor units, or units of usage."""
        return charge.units if self.can(Capability.METERED_PUSH) else charge.amount.minor

    async def start(self) -> None:
        """Start the channel with the harness's settings."""
        await self.call("start", lambda channel: channel.start(self.services))

    async def restart(self, settings: Mapping[str, str] | None = None) -> None:
        """The process died, and another took over: a new instance of the channel on what the old one left behind.

        It has other ``settings`` if they are given.
        """
        if settings is not None:
            self.services = Recorder(dict(settings))
        self.channel = load_channel(self.name)
        await self.start()

    async def call(self, what: str, work: Callable[[SettlementChannel], Awaitable[T]]) -> T:
        """``work`` on the channel, within the time limit."""
        limit = asyncio.timeout(self.harness.time_limit)
        try:
            async with limit:
                return await work(self.channel)
        except TimeoutError:
            if limit.expired():
                self.overruns.append(f"{what} took longer than {self.harness.time_limit} s")
            raise

    async def bind(self, account_id: UUID, configuration: Mapping[str, Any]) -> BindResult:
        """Link an account; ``ChannelRefusal`` passes."""
        request = BindRequest(account_id, "Conformance GmbH 一致性", configuration, self.now)
        return await self.call("bind", lambda channel: channel.bind(request))

    async def account(self) -> Account:
        """Another account, linked, and confirmed by the provider if that is how the channel works."""
        configuration = self.harness.configuration(self._accounts)
        self._accounts += 1
        account_id = uuid4()
        result = await self.bind(account_id, configuration)
        account = Account(account_id, configuration, result.external_reference)
        if result.state == BindState.PENDING:
            async with self.client() as client:
                await self.harness.confirm(account, result, client)
            assert account_id in self.services.references, (
                "the provider confirmed, but binding_confirmed was not called"
            )
            confirmed = self.services.references[account_id]
            assert result.external_reference in (None, confirmed), "binding_confirmed names another link than bind"
            account = replace(account, external_reference=confirmed)
        return account

    async def accounts(self, number: int) -> list[Account]:
        """Several accounts."""
        return [await self.account() for _ in range(number)]

    def charge(
        self,
        account: Account,
        units: int = 20,
        kind: ChargeKind = ChargeKind.DAILY,
        currency: str | None = None,
        corrects: Charge | None = None,
        minor: int | None = None,
    ) -> Charge:
        """A charge that just fell due: of the day that ended with the last full hour, or a correction of that day.

        A unit costs 500 minor units, unless ``minor`` says what all of them cost.
        """
        meter = min(self.about.meters) if self.about.meters else "datakit"
        amount = Money(units * 500 if minor is None else minor, currency or self.currency)
        line = LineKind.CREDIT if kind == ChargeKind.CREDIT_NOTE else LineKind.USAGE if units else LineKind.BASE_FEE
        day_ends_at = self.now.replace(minute=0, second=0, microsecond=0)
        charge = Charge(
            id=uuid4(),
            account_id=account.id,
            external_reference=account.external_reference,
            configuration=account.configuration,
            kind=kind,
            day=(day_ends_at - timedelta(seconds=1)).date(),
            day_ends_at=day_ends_at,
            due_from=day_ends_at if kind == ChargeKind.DAILY else self.now,
            units=units,
            amount=amount,
            corrects=corrects.id if corrects else None,
            meter=meter,
            lines=(ChargeLine(line, units, amount.minor, meter),),
        )
        self.charges.append(charge)
        return charge

    def charge_of_nobody(self) -> Charge:
        """A charge of an account that was never linked."""
        return self.charge(Account(uuid4(), self.harness.configuration(0), None))

    async def hand_over(self, *charges: Charge, to: SettlementChannel | None = None) -> dict[UUID, SettlementResult]:
        """One call of ``settle``; ``UNKNOWN`` for all if it raises or takes too long, as the host counts it."""
        batch = ChargeBatch(charges, self.now)
        try:
            results = await self.call("settle", lambda channel: (to or channel).settle(batch))
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            return {charge.id: SettlementResult(charge.id, Outcome.UNKNOWN, reason=reason) for charge in charges}
        answered = [result.charge_id for result in results]
        assert len(answered) == len(set(answered)), "a charge has two results"
        unknown = {charge.id: SettlementResult(charge.id, Outcome.UNKNOWN, reason="no result") for charge in charges}
        return unknown | {result.charge_id: result for result in results}

    async def settle(self, *charges: Charge) -> dict[UUID, SettlementResult]:
        """Hand charges over in batches until each is settled or rejected, or is tried no more; the last results."""
        answers = {charge.id: SettlementResult(charge.id, Outcome.UNKNOWN) for charge in charges}
        waiting = list(charges)
        for attempt in range(self.harness.rounds):
            size = self.about.limits.batch_size
            for start in range(0, len(waiting), size):
                answers |= await self.hand_over(*waiting[start : start + size])
            accepted = [charge for charge in waiting if answers[charge.id].outcome == Outcome.ACCEPTED]
            waiting = [charge for charge in waiting if answers[charge.id].outcome not in DONE]
            if not waiting:
                break
            if accepted:
                async with self.client() as client:
                    await self.harness.complete(accepted, client)
            again = [moment for charge in waiting if (moment := answers[charge.id].retry_at)]
            await self.travel(max([self.now + timedelta(seconds=2**attempt), *again]))
            await self.call("tick", lambda channel: channel.tick(self.now))
        return answers

    async def travel(self, now: datetime) -> None:
        """Let time pass."""
        self.now = max(now, self.now)
        await self.harness.travel(self.now)

    async def collected(self) -> dict[UUID, int]:
        """The provider's book by charge, without zeros; what was collected twice counts twice."""
        sums: dict[UUID, int] = {}
        for entry in await self.harness.collected(self.channel, self.charges):
            sums[entry.charge_id] = sums.get(entry.charge_id, 0) + entry.quantity
        return {charge_id: quantity for charge_id, quantity in sums.items() if quantity}

    def owed(self, *charges: Charge) -> dict[UUID, int]:
        """What ``collected`` is to answer when these, and no others, were collected once."""
        return {charge.id: self.quantity(charge) for charge in charges if self.quantity(charge)}

    def client(self) -> httpx.AsyncClient:
        """A client of the channel's routes, mounted as the billing center mounts them."""
        app = Starlette(routes=[Mount(f"/channels/{self.key}", routes=list(self.channel.routes()))])
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"http://billing.invalid/channels/{self.key}/")

    async def send(self, callback: Callback) -> int:
        """Send a callback; the status of the answer."""
        async with self.client() as client:
            url = f"{str(client.base_url).rstrip('/')}/{callback.path.lstrip('/')}"
            answer = await client.request(
                callback.method, url, headers=dict(callback.headers), content=callback.content
            )
        return answer.status_code

    def fits(self, configuration: Mapping[str, Any]) -> bool:
        """Whether the channel's schema lets a configuration through."""
        return bool(Draft202012Validator(dict(self.about.configuration_schema)).is_valid(dict(configuration)))

    async def refusal(self, configuration: Mapping[str, Any]) -> ChannelRefusal | None:
        """Why ``bind`` refuses a configuration; None if it takes it, or never sees it since the schema refuses it."""
        if not self.fits(configuration):
            return None
        try:
            await self.bind(uuid4(), configuration)
        except ChannelRefusal as error:
            return error
        return None
