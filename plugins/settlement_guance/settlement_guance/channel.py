"""The enterprise account: a prepaid wallet in CNY with cash, vouchers and stored-value cards."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from settlement_spec import (
    NEWEST,
    AccountBalance,
    BalancePart,
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    ChannelRefusal,
    Charge,
    ChargeBatch,
    Fund,
    Funds,
    FundState,
    Health,
    HealthStatus,
    HostServices,
    Limits,
    Money,
    Movement,
    MovementKind,
    OnlinePayments,
    Outcome,
    Owing,
    Payee,
    ProviderRecord,
    Reconciliation,
    Refund,
    SettlementChannel,
    SettlementResult,
    Source,
    TopUp,
    TopUpState,
    TortoiseApp,
    Window,
)
from tortoise.transactions import in_transaction

from settlement_guance import books, configuration, funds, top_ups
from settlement_guance.models import FundRow, PaymentRow
from settlement_guance.online import OnlineTopUps
from settlement_guance.payments import PaymentProvider
from settlement_guance.wallet import CURRENCY, Wallets, accounts_with_funds

log = logging.getLogger(__name__)


class EnterpriseAccount(SettlementChannel, OnlinePayments, Funds, Reconciliation):
    """Collects charges from a wallet, whose cash may become negative: that is what is owed."""

    def __init__(self) -> None:
        self._provider: PaymentProvider | None = None
        self._online: OnlineTopUps | None = None
        self._payee: Payee | None = None
        self._remark = ""
        self._wallets = Wallets()

    def describe(self) -> ChannelDescription:
        """Prepaid, CNY, no configuration."""
        return ChannelDescription(
            key="guance",
            display_name={"zh": "观测云企业账户", "en": "Enterprise account"},
            currencies=frozenset({CURRENCY}),
            capabilities=frozenset({Capability.CREDIT, Capability.SHARED_BALANCE}),
            limits=Limits(batch_size=100),
            configuration_schema={"type": "object", "properties": {}, "additionalProperties": False},
            tortoise_app=TortoiseApp("settlement_guance", "settlement_guance.models", "settlement_guance.migrations"),
        )

    async def start(self, host: HostServices) -> None:
        """Ask for transfers to the payee that is set, and take payments online, if a payment provider is set up."""
        self._wallets = Wallets(host.card_expired)
        self._payee, transfers = configuration.payee(host.settings)
        settings, online = configuration.stripe(host.settings)
        self._remark = "; ".join(filter(None, (transfers, online)))
        if settings is not None:
            # Only who is paid online waits for the SDK to be loaded.
            from settlement_guance.stripe_checkout import StripeCheckout

            self._provider = StripeCheckout(settings)
            self._online = OnlineTopUps(self._provider, host)

    async def stop(self) -> None:
        """Let go of the payment provider."""
        if self._provider is not None:
            await self._provider.stop()

    async def health(self) -> Health:
        """Healthy: charges need no provider. What keeps payments from coming in is remarked."""
        return Health(HealthStatus.HEALTHY, self._remark)

    def routes(self) -> Sequence[Any]:
        """Where the payment provider announces payments."""
        return self._online.routes() if self._online else ()

    async def bind(self, request: BindRequest) -> BindResult:
        """Opens the wallet; linked at once."""
        async with in_transaction():
            await self._wallets.lock(request.account_id, request.now)
        return BindResult(BindState.BOUND, external_reference=str(request.account_id))

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Takes each charge from the wallet, in a transaction of its own, the earliest first; one may fail alone."""
        results = {}
        for charge in sorted(batch.charges, key=lambda charge: (charge.due_from, charge.amount.minor < 0, charge.day)):
            try:
                results[charge.id] = await self._settle(charge, batch.now)
            except Exception as error:
                log.exception("charge %s was not taken from its wallet", charge.id)
                reason = f"it failed with {type(error).__name__}"
                results[charge.id] = SettlementResult(charge.id, Outcome.UNKNOWN, reason=reason)
        return [results[charge.id] for charge in batch.charges]

    async def settle_from_funds(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Takes from vouchers and cards what they pay whole, in the order of the charges' days."""
        paid = {}
        held = await accounts_with_funds({charge.payer for charge in batch.charges})
        for charge in sorted(batch.charges, key=lambda charge: (charge.due_from, charge.day)):
            if charge.payer in held:
                async with in_transaction():
                    paid[charge.id] = await self._wallets.collect_from_funds(charge, batch.now)
        return [
            SettlementResult(charge.id, Outcome.SETTLED, provider_reference=str(movement.id))
            if (movement := paid.get(charge.id))
            else SettlementResult(charge.id, Outcome.REJECTED, reason="vouchers and cards do not pay it whole")
            for charge in batch.charges
        ]

    async def _settle(self, charge: Charge, now: datetime) -> SettlementResult:
        if charge.amount.currency != CURRENCY:
            reason = f"the enterprise account pays in {CURRENCY}, not in {charge.amount.currency}"
            return SettlementResult(charge.id, Outcome.REJECTED, reason=reason)
        if charge.amount.minor < 0 and charge.corrects is None:
            reason = "it gives money back, and does not say of which charge"
            return SettlementResult(charge.id, Outcome.REJECTED, reason=reason)
        async with in_transaction():
            movement = await self._wallets.collect(charge, now)
        return SettlementResult(charge.id, Outcome.SETTLED, provider_reference=str(movement.id))

    async def tick(self, now: datetime) -> None:
        """Books what has expired, which has paid nothing since; asks after payments that nobody announced."""
        expired = FundRow.filter(left_minor__gt=0, expires_at__lte=now).distinct()
        for account_id in await expired.values_list("account_id", flat=True):
            async with in_transaction():
                await self._wallets.lock(account_id, now)  # type: ignore[arg-type]
        if self._online is not None:
            await self._online.ask(now)

    async def reconcile(self, since: datetime, until: datetime) -> Sequence[ProviderRecord]:
        """Every charge in the books of ``[since, until)``."""
        return await books.collected(since, until)

    async def balance(self, account_id: UUID) -> Money:
        """The wallet's cash."""
        return await books.cash(account_id)

    async def owing(self, account_id: UUID | None = None) -> Sequence[Owing]:
        """The wallets whose cash is negative, since the movement that made it so."""
        return await books.owing(account_id)

    async def movements(
        self,
        account_id: UUID,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: MovementKind | None = None,
        window: Window = NEWEST,
    ) -> Sequence[Movement]:
        """The wallet's books."""
        return await books.movements(books.moved(account_id, since, until, kind), window)

    async def count_movements(
        self,
        account_id: UUID,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: MovementKind | None = None,
    ) -> int:
        """How many the wallet's books have."""
        return await books.moved(account_id, since, until, kind).count()

    async def paid_from(self, charge_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[BalancePart]]:
        """The entries of each charge within the wallet."""
        return await books.paid_from(charge_ids)

    async def balances(self, after: UUID | None = None, limit: int = 1000) -> Sequence[AccountBalance]:
        """Every wallet, and what its entries add up to."""
        return await books.balances(after, limit)

    async def funds(
        self,
        now: datetime,
        account_id: UUID | None = None,
        id: UUID | None = None,
        sources: Collection[Source] | None = None,
        state: FundState | None = None,
        window: Window = NEWEST,
    ) -> Sequence[Fund]:
        """Vouchers and cards as they are at ``now``."""
        return await funds.find(funds.asked(now, account_id, id, sources, state), now, window)

    async def count_funds(
        self,
        now: datetime,
        account_id: UUID | None = None,
        sources: Collection[Source] | None = None,
        state: FundState | None = None,
    ) -> int:
        """How many vouchers and cards there are."""
        return await funds.asked(now, account_id, None, sources, state).count()

    async def funds_left(self, now: datetime, account_id: UUID) -> Money:
        """What the account's vouchers and cards can still pay."""
        return await funds.left(now, account_id)

    async def issue_voucher(
        self, account_id: UUID, source: Source, amount: Money, expires_at: datetime, note: str, by: str, now: datetime
    ) -> Fund:
        """A plain or full-reduction voucher."""
        return await funds.issue(self._wallets, account_id, source, amount, expires_at, note, by, now)

    async def buy_card(self, account_id: UUID, amount: Money, by: str, now: datetime) -> Sequence[Fund]:
        """A card, and the full-reduction voucher that comes with a large one."""
        return await funds.buy_card(self._wallets, account_id, amount, by, now)

    async def void_voucher(self, fund_id: UUID, reason: str, now: datetime) -> Fund:
        """Takes back what is left."""
        return await funds.void(self._wallets, fund_id, reason, now)

    async def request_top_up(self, account_id: UUID, amount: Money, sandbox: bool, now: datetime) -> TopUp:
        """Announces a bank transfer."""
        return self._asked_for(await top_ups.request(account_id, amount, sandbox, now))

    def _asked_for(self, top_up: TopUp) -> TopUp:
        """With the payee, if a transfer is awaited."""
        awaited = top_up.state == TopUpState.REQUESTED and top_up.pay_url is None
        return replace(top_up, payee=self._payee) if awaited else top_up

    async def takes_online_payments(self) -> bool:
        """Whether a payment provider is set up."""
        return self._online is not None

    async def start_online_top_up(self, account_id: UUID, amount: Money, sandbox: bool, now: datetime) -> TopUp:
        """Begins a payment at the payment provider."""
        if self._online is None:
            raise ChannelRefusal(None, "no payment provider is set up", "尚未配置支付服务商")
        return await self._online.start(account_id, amount, sandbox, now)

    async def confirm_top_up(
        self, top_up_id: UUID, bank_reference: str, received: Money, confirmed_by: str, now: datetime
    ) -> TopUp:
        """Credits what arrived to cash, which pays what is owed first."""
        return await top_ups.confirm(self._wallets, top_up_id, bank_reference, received, confirmed_by, now)

    async def refund_top_up(self, top_up_id: UUID, amount: Money, reference: str, by: str, now: datetime) -> Refund:
        """Takes from cash what went back to the payer."""
        return await top_ups.refund(self._wallets, top_up_id, amount, reference, by, now)

    async def cancel_top_up(self, top_up_id: UUID) -> TopUp:
        """Withdraws an announced transfer, or an online payment, which then cannot be made any more."""
        payment = await PaymentRow.get_or_none(top_up_id=top_up_id, top_up__state=TopUpState.REQUESTED)
        if payment is not None:
            if self._online is None:
                raise ChannelRefusal(
                    "topUpId",
                    "it may be paid online, and no payment provider is set up any more",
                    "该笔充值可能已在线支付，而支付服务商已不再配置",
                )
            await self._online.close(payment)
        return await top_ups.cancel(top_up_id)

    async def top_ups(
        self,
        account_id: UUID | None = None,
        state: TopUpState | None = None,
        id: UUID | None = None,
        sandbox: bool | None = None,
        window: Window = NEWEST,
    ) -> Sequence[TopUp]:
        """Transfers and online payments, with the payee of those that are awaited."""
        found = await top_ups.find(top_ups.asked(account_id, state, id, sandbox), window)
        return [self._asked_for(one) for one in found]

    async def count_top_ups(
        self, account_id: UUID | None = None, state: TopUpState | None = None, sandbox: bool | None = None
    ) -> int:
        """How many transfers and online payments there are."""
        return await top_ups.asked(account_id, state, None, sandbox).count()
