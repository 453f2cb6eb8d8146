"""A sound channel whose provider lives in memory, and the provider, which misbehaves on request."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from settlement_spec import (
    NEWEST,
    AccountBalance,
    BalancePart,
    BindingEnd,
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    ChannelRefusal,
    Charge,
    ChargeBatch,
    Health,
    HealthStatus,
    HostServices,
    Limits,
    Money,
    Movement,
    MovementKind,
    Outcome,
    Owing,
    ProviderRecord,
    Reconciliation,
    Refund,
    SettlementChannel,
    SettlementResult,
    Source,
    TopUp,
    TopUps,
    TopUpState,
    Window,
    hookimpl,
)
from settlement_spec.conformance import Account, Callback, Collected, Harness, Misbehaviour
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uuid_utils.compat import uuid7

log = logging.getLogger("reference")
L = TypeVar("L", TopUp, Movement)
API_KEY = "s3cr3t-of-the-reference"
TIME_OUT = 0.01
PROVIDER_TAKES = 4


class Unavailable(Exception):
    """The provider said that it failed, or said nothing."""


class Throttled(Exception):
    """The provider wants to be left alone for a while."""


@dataclass(frozen=True)
class Entry:
    """One collection in the provider's book."""

    key: str
    payer: str
    amount: Money
    at: datetime
    id: UUID = field(default_factory=uuid7)


@dataclass
class Provider:
    """Collects each key once, at most ``PROVIDER_TAKES`` a call; outlives the channel."""

    trouble: Misbehaviour | None = None
    book: list[Entry] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    payers: dict[UUID, str] = field(default_factory=dict)
    top_ups: dict[UUID, TopUp] = field(default_factory=dict)
    confirmed: dict[UUID, UUID] = field(default_factory=dict)
    sandboxes: set[UUID] = field(default_factory=set)
    refunds: dict[str, tuple[Refund, datetime]] = field(default_factory=dict)

    async def collect(self, entries: Sequence[Entry]) -> list[bool]:
        """Collect; whether each was."""
        if len(entries) > PROVIDER_TAKES:
            self.violations.append(f"{len(entries)} entries in a call")
        await asyncio.sleep(0)
        match self.trouble:
            case Misbehaviour.ERROR | Misbehaviour.DROP:
                raise Unavailable
            case Misbehaviour.THROTTLE:
                raise Throttled
        taken = [self.trouble != Misbehaviour.PARTIAL_FAILURE or number % 2 == 0 for number in range(len(entries))]
        known = {entry.key for entry in self.book}
        self.book += [entry for entry, yes in zip(entries, taken, strict=True) if yes and entry.key not in known]
        if self.trouble == Misbehaviour.ACCEPT_THEN_TIME_OUT:
            await asyncio.Event().wait()
        return taken


PROVIDER = Provider()


def sign(body: bytes, key: str = API_KEY) -> str:
    """The signature that the provider puts on what it sends."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


class Reference(SettlementChannel, TopUps, Reconciliation):
    """Sound in every way that the kit looks at; the mutants are made of it."""

    key = "sound"

    def __init__(self) -> None:
        self.host: HostServices | None = None

    @property
    def settings(self) -> Mapping[str, str]:
        return self.host.settings if self.host else {}

    def describe(self) -> ChannelDescription:
        return ChannelDescription(
            key=self.key,
            display_name={"zh": "参照", "en": "Reference"},
            currencies=frozenset({"CNY"}),
            capabilities=frozenset({Capability.CREDIT, Capability.EXTERNAL_SUBSCRIPTION, Capability.SHARED_BALANCE}),
            limits=Limits(batch_size=10, push_within=timedelta(hours=6)),
            configuration_schema={
                "type": "object",
                "properties": {"payer": {"type": "string", "title": "Payer", "x-zh": {"title": "付款方"}}},
                "required": ["payer"],
                "additionalProperties": False,
            },
        )

    async def start(self, host: HostServices) -> None:
        self.host = host

    async def purchase_url(self) -> str | None:
        return "https://provider.example/buy"

    async def health(self) -> Health:
        if "api_key" not in self.settings:
            return Health(HealthStatus.NOT_CONFIGURED, "set api_key")
        return Health(HealthStatus.HEALTHY)

    async def bind(self, request: BindRequest) -> BindResult:
        payer = str(request.configuration["payer"])
        if not payer.startswith("P-"):
            raise ChannelRefusal("payer", "payer must begin with P-.", "payer 须以 P- 开头。")
        PROVIDER.payers[request.account_id] = payer
        return BindResult(BindState.PENDING, payer)

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        if "api_key" not in self.settings:
            return [SettlementResult(charge.id, Outcome.RETRY_LATER) for charge in batch.charges]
        results = [refusal for charge in batch.charges if (refusal := self.refuse(charge))]
        open_charges = [charge for charge in batch.charges if not self.refuse(charge)]
        for start in range(0, len(open_charges), self.portion()):
            results += await self.push(open_charges[start : start + self.portion()], batch.now)
        return results

    def portion(self) -> int:
        return PROVIDER_TAKES

    def refuse(self, charge: Charge) -> SettlementResult | None:
        if charge.sandbox:
            return SettlementResult(charge.id, Outcome.REJECTED, reason="play money")
        if charge.amount.currency == "CNY":
            return None
        return SettlementResult(charge.id, Outcome.REJECTED, reason="it takes CNY only")

    def entry(self, charge: Charge, now: datetime) -> Entry:
        payer = PROVIDER.payers.get(charge.payer, "") if charge.paid_by else charge.external_reference
        return Entry(str(charge.id), payer or "", charge.amount, now)

    async def push(self, charges: Sequence[Charge], now: datetime) -> list[SettlementResult]:
        try:
            async with asyncio.timeout(TIME_OUT):
                taken = await PROVIDER.collect([self.entry(charge, now) for charge in charges])
        except (Unavailable, TimeoutError):
            return [self.unknown(charge) for charge in charges]
        except Throttled:
            return [self.later(charge, now) for charge in charges]
        return [
            self.settled(charge) if yes else self.later(charge, now) for charge, yes in zip(charges, taken, strict=True)
        ]

    def settled(self, charge: Charge) -> SettlementResult:
        return SettlementResult(charge.id, Outcome.SETTLED, provider_reference=f"R-{charge.id}")

    def later(self, charge: Charge, now: datetime) -> SettlementResult:
        return SettlementResult(charge.id, Outcome.RETRY_LATER, retry_at=now + timedelta(minutes=1))

    def unknown(self, charge: Charge) -> SettlementResult:
        log.warning("the answer for %s was lost", charge.id)
        return SettlementResult(charge.id, Outcome.UNKNOWN)

    async def reconcile(self, since: datetime, until: datetime) -> Sequence[ProviderRecord]:
        return [
            ProviderRecord(UUID(entry.key), f"R-{entry.key}", entry.amount.minor // 500, entry.amount, entry.at)
            for entry in PROVIDER.book
            if since <= entry.at < until and entry.amount.minor
        ]

    async def balance(self, account_id: UUID) -> Money:
        return Money(sum(part.amount.minor for one in _movements(account_id) for part in one.parts), "CNY")

    async def owing(self, account_id: UUID | None = None) -> Sequence[Owing]:
        found = []
        for one in [account_id] if account_id else list(PROVIDER.payers):
            if (balance := await self.balance(one)).minor < 0:
                found.append(Owing(one, Money(-balance.minor, "CNY"), _movements(one)[-1].at))
        return found

    async def movements(
        self,
        account_id: UUID,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: MovementKind | None = None,
        window: Window = NEWEST,
    ) -> Sequence[Movement]:
        return cut(self.moved(account_id, since, until, kind), window)

    async def count_movements(
        self,
        account_id: UUID,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: MovementKind | None = None,
    ) -> int:
        return len(self.moved(account_id, since, until, kind))

    def moved(
        self, account_id: UUID, since: datetime | None, until: datetime | None, kind: MovementKind | None
    ) -> list[Movement]:
        return [
            one
            for one in _movements(account_id)
            if kind in (None, one.kind) and (not since or one.at >= since) and (not until or one.at < until)
        ]

    async def paid_from(self, charge_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[BalancePart]]:
        movements = [movement for account_id in PROVIDER.payers for movement in _movements(account_id)]
        return {movement.reference: movement.parts for movement in movements if movement.reference in charge_ids}

    async def balances(self, after: UUID | None = None, limit: int = 1000) -> Sequence[AccountBalance]:
        found = []
        for account_id in sorted(PROVIDER.payers):
            if after is None or account_id > after:
                moved = sum(part.amount.minor for one in _movements(account_id) for part in one.parts)
                none = Money(0, "CNY")
                found.append(
                    AccountBalance(account_id, await self.balance(account_id), none, Money(moved, "CNY"), none)
                )
        return found[:limit]

    async def request_top_up(self, account_id: UUID, amount: Money, sandbox: bool, now: datetime) -> TopUp:
        made = TopUp(uuid7(), account_id, amount, TopUpState.REQUESTED, f"T-{len(PROVIDER.top_ups)}", now)
        PROVIDER.top_ups[made.id] = made
        if sandbox:
            PROVIDER.sandboxes.add(made.id)
        return made

    async def confirm_top_up(
        self, top_up_id: UUID, bank_reference: str, received: Money, confirmed_by: str, now: datetime
    ) -> TopUp:
        known = PROVIDER.top_ups[top_up_id]
        if known.state == TopUpState.CANCELLED:
            raise ChannelRefusal("topUpId", "it is cancelled", "已取消")
        if any(one.bank_reference == bank_reference for one in PROVIDER.top_ups.values() if one is not known):
            raise ChannelRefusal("bankReference", "it was used before", "已使用过")
        PROVIDER.confirmed.setdefault(top_up_id, uuid7())
        made = replace(known, state=TopUpState.CONFIRMED, bank_reference=bank_reference, received=received)
        PROVIDER.top_ups[top_up_id] = replace(made, confirmed_by=confirmed_by, confirmed_at=now)
        return PROVIDER.top_ups[top_up_id]

    async def refund_top_up(self, top_up_id: UUID, amount: Money, reference: str, by: str, now: datetime) -> Refund:
        top_up = PROVIDER.top_ups[top_up_id]
        if reference in PROVIDER.refunds:
            known, _ = PROVIDER.refunds[reference]
            if (known.top_up.id, known.amount) != (top_up_id, amount):
                raise ChannelRefusal("reference", "it was used before", "已使用过")
            return known
        refunded = top_up.refunded.minor if top_up.refunded else 0
        if top_up.received is None or refunded + amount.minor > top_up.received.minor:
            raise ChannelRefusal("amount", "it is more than was received", "超出已收金额")
        PROVIDER.top_ups[top_up_id] = replace(top_up, refunded=Money(refunded + amount.minor, "CNY"))
        made = Refund(uuid7(), PROVIDER.top_ups[top_up_id], amount, reference)
        PROVIDER.refunds[reference] = made, now
        return made

    async def cancel_top_up(self, top_up_id: UUID) -> TopUp:
        known = PROVIDER.top_ups[top_up_id]
        if known.state == TopUpState.CONFIRMED:
            raise ChannelRefusal("topUpId", "it is confirmed", "已确认")
        PROVIDER.top_ups[top_up_id] = replace(known, state=TopUpState.CANCELLED)
        return PROVIDER.top_ups[top_up_id]

    async def top_ups(
        self,
        account_id: UUID | None = None,
        state: TopUpState | None = None,
        id: UUID | None = None,
        sandbox: bool | None = None,
        window: Window = NEWEST,
    ) -> Sequence[TopUp]:
        return cut([one for one in self.asked(account_id, state, sandbox) if id in (None, one.id)], window)

    async def count_top_ups(
        self, account_id: UUID | None = None, state: TopUpState | None = None, sandbox: bool | None = None
    ) -> int:
        return len(self.asked(account_id, state, sandbox))

    def asked(self, account_id: UUID | None, state: TopUpState | None, sandbox: bool | None) -> list[TopUp]:
        return [
            one
            for one in PROVIDER.top_ups.values()
            if account_id in (None, one.account_id)
            and state in (None, one.state)
            and sandbox in (None, one.id in PROVIDER.sandboxes)
        ]

    def routes(self) -> Sequence[Any]:
        return [Route("/notify/{number}/{event}/{account}", self.notified, methods=["POST"])]

    def genuine(self, request: Request, body: bytes) -> bool:
        return hmac.compare_digest(request.headers.get("x-signature", ""), sign(body))

    def replayed(self, number: str) -> bool:
        return number in PROVIDER.seen

    async def notified(self, request: Request) -> Response:
        number, event, account = (request.path_params[name] for name in ("number", "event", "account"))
        if not self.genuine(request, request.url.path.partition("/notify/")[2].encode()):
            return Response(status_code=403)
        if self.host and not self.replayed(number):
            PROVIDER.seen.add(number)
            if event == "confirmed":
                await self.host.binding_confirmed(UUID(account), PROVIDER.payers[UUID(account)])
            else:
                await self.ended(UUID(account))
        return Response(status_code=204)

    async def ended(self, account: UUID) -> None:
        if self.host:
            await self.host.binding_ended(account, PROVIDER.payers[account], BindingEnd.UNSUBSCRIBED, "unsubscribed")


def cut(found: Iterable[L], window: Window) -> list[L]:
    """Those in the window."""
    first, last = window.after or UUID(int=0), window.before or UUID(int=2**128 - 1)
    kept = sorted((one for one in found if first < one.id < last), key=lambda one: one.id)
    return (kept if window.oldest_first else kept[::-1])[: window.limit]


def _movements(account_id: UUID) -> list[Movement]:
    """What the provider's book and the top-ups say of an account's balance, newest first."""

    def movement(id: UUID, kind: MovementKind, reference: UUID, at: datetime, minor: int) -> Movement:
        part = BalancePart(Source.CASH, Money(minor, "CNY"))
        return Movement(id, account_id, kind, reference, at, (part,))

    charged = [
        movement(entry.id, MovementKind.CHARGE, UUID(entry.key.partition("/")[0]), entry.at, -entry.amount.minor)
        for entry in PROVIDER.book
        if entry.payer == PROVIDER.payers[account_id]
    ]
    paid_in = [
        movement(
            PROVIDER.confirmed.get(one.id, one.id), MovementKind.TOP_UP, one.id, one.confirmed_at, one.received.minor
        )
        for one in PROVIDER.top_ups.values()
        if one.account_id == account_id and one.received and one.confirmed_at
    ]
    paid_out = [
        movement(refund.id, MovementKind.REFUND, refund.top_up.id, at, -refund.amount.minor)
        for refund, at in PROVIDER.refunds.values()
        if refund.top_up.account_id == account_id
    ]
    return sorted(charged + paid_in + paid_out, key=lambda movement: movement.id, reverse=True)


class ReferenceHarness(Harness):
    """Around a reference channel: its provider, emptied."""

    settings = {"api_key": API_KEY}
    wrong_configurations = ({"payer": "nobody"}, {})
    misbehaviours = frozenset(Misbehaviour)
    time_limit = 0.5

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)

    async def start(self) -> None:
        PROVIDER.__init__()  # type: ignore[misc]

    def now(self) -> datetime:
        return self.at

    def configuration(self, number: int) -> Mapping[str, Any]:
        return {"payer": f"P-{number}"}

    async def confirm(self, account: Account, result: BindResult, client: Any) -> None:
        callback = notification(f"confirm-{account.id}", "confirmed", account.id)
        answer = await client.post(callback.path, headers=callback.headers)
        assert answer.status_code == 204

    async def collected(self, channel: SettlementChannel, charges: Sequence[Charge]) -> Iterable[Collected]:
        return [
            Collected(UUID(entry.key.partition("/")[0]), entry.amount.minor, entry.payer) for entry in PROVIDER.book
        ]

    async def misbehave(self, how: Misbehaviour) -> None:
        PROVIDER.trouble = how

    async def recover(self) -> None:
        PROVIDER.trouble = None

    async def violations(self) -> Sequence[str]:
        return PROVIDER.violations

    async def genuine_callbacks(self, account: Account) -> Sequence[Callback]:
        return [notification(f"end-{account.id}", "ended", account.id)]

    async def forged_callbacks(self, account: Account) -> Sequence[Callback]:
        genuine = notification(f"end-{account.id}", "ended", account.id)
        return [
            Callback(genuine.path),
            Callback(genuine.path, headers={"x-signature": sign(b"another body")}),
            notification(f"end-{account.id}", "ended", account.id, key="another key"),
        ]


def notification(number: str, event: str, account: UUID, key: str = API_KEY) -> Callback:
    """What the provider sends, with its signature over the path."""
    path = f"{number}/{event}/{account}"
    return Callback(f"notify/{path}", headers={"x-signature": sign(path.encode(), key)})


class Plugin:
    """What an entry point names: registers new channels of one kind."""

    def __init__(self, kind: type[SettlementChannel]) -> None:
        self.kind = kind

    @hookimpl
    def register_settlement_channels(self, spec_version: int) -> list[SettlementChannel]:
        return [self.kind()]


sound = Plugin(Reference)
