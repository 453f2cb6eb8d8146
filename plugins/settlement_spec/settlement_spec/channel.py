"""What a settlement channel is, and the protocols that it may implement besides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from settlement_spec.balance import (
    NEWEST,
    AccountBalance,
    BalancePart,
    Fund,
    FundState,
    Movement,
    MovementKind,
    Owing,
    Refund,
    Source,
    TopUp,
    TopUpState,
    Window,
)
from settlement_spec.host import HostServices
from settlement_spec.money import Money
from settlement_spec.values import (
    BindRequest,
    BindResult,
    Capability,
    ChannelDescription,
    ChargeBatch,
    Health,
    HealthStatus,
    ProviderRecord,
    SettlementResult,
)


class SettlementChannel(ABC):
    """One way to pay. The host calls every method with a time limit."""

    @abstractmethod
    def describe(self) -> ChannelDescription:
        """What the channel is and can do; the answer never changes while the process lives."""

    async def start(self, host: HostServices) -> None:
        """Get ready; do not raise for a missing setting."""

    async def stop(self) -> None:
        """Let go of what ``start`` took."""

    async def purchase_url(self) -> str | None:
        """Where a customer buys what ``bind`` asks for (https), as a marketplace's page of the product; ``None``: they
        buy nothing. Asked after ``start``."""
        return None

    @abstractmethod
    async def bind(self, request: BindRequest) -> BindResult:
        """Link an account; again answers the same link. Raises ``ChannelRefusal`` for a wrong configuration.

        A channel that others fall back to must do this with its own tables alone, without any call over the network:
        it happens while another provider's notification is answered, and keeps the account locked. Any
        ``PrepaidBalance`` can be the fallback, and so can the channel that ``BILLING_FALLBACK_CHANNEL`` names.
        """

    async def unbind(self, account_id: UUID) -> None:
        """Undo a link that the customer gave up; charges already raised for the channel still come."""

    @abstractmethod
    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Collect charges, each once whatever happens: the same charge id again answers the same result.

        One result for each charge; a charge without one counts as ``UNKNOWN``, and so does the whole batch when this
        raises or takes too long. ``UNKNOWN`` and ``RETRY_LATER`` are handed over again.
        """

    async def tick(self, now: datetime) -> None:
        """Do what the channel does by itself."""

    async def health(self) -> Health:
        """Whether the channel can work now."""
        return Health(HealthStatus.HEALTHY)

    def routes(self) -> Sequence[Any]:
        """Starlette routes that the provider calls, mounted under ``/channels/<key>``.

        The channel checks who calls: a forged or replayed call changes nothing.
        """
        return ()


class Reconciliation(ABC):
    """The provider can say what it collected (capability ``RECONCILIATION``)."""

    @abstractmethod
    async def reconcile(self, since: datetime, until: datetime) -> Sequence[ProviderRecord]:
        """What the provider collected in ``[since, until)``, one record for each charge."""


class PrepaidBalance(ABC):
    """The channel keeps a balance for each account, which ``settle`` takes from (capability ``PREPAID_BALANCE``)."""

    @abstractmethod
    async def balance(self, account_id: UUID) -> Money:
        """The cash that is left; negative when more was collected than was there."""

    @abstractmethod
    async def owing(self, account_id: UUID | None = None) -> Sequence[Owing]:
        """Who owes what, of one account or of all: those whose balance is negative."""

    @abstractmethod
    async def movements(
        self,
        account_id: UUID,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: MovementKind | None = None,
        window: Window = NEWEST,
    ) -> Sequence[Movement]:
        """Changes of the balance in ``[since, until)``, of a kind or of all: those in the window."""

    @abstractmethod
    async def count_movements(
        self,
        account_id: UUID,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: MovementKind | None = None,
    ) -> int:
        """How many ``movements`` there are, in any window."""

    @abstractmethod
    async def paid_from(self, charge_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[BalancePart]]:
        """What paid each of these charges, of those that were collected: parts that add up to it, with negative
        amounts; positive ones where it was paid back."""

    @abstractmethod
    async def balances(self, after: UUID | None = None, limit: int = 1000) -> Sequence[AccountBalance]:
        """What every account has, by account id, from the one after ``after`` on; the books are checked with it."""


class TopUps(PrepaidBalance):
    """The balance is topped up by bank transfer, announced by a customer and confirmed by staff."""

    @abstractmethod
    async def request_top_up(self, account_id: UUID, amount: Money, sandbox: bool, now: datetime) -> TopUp:
        """Announce a transfer, of play money for a sandbox account. Raises ``ChannelRefusal`` for an amount that is not
        allowed."""

    @abstractmethod
    async def confirm_top_up(
        self, top_up_id: UUID, bank_reference: str, received: Money, confirmed_by: str, now: datetime
    ) -> TopUp:
        """The money arrived: credit what was received, once; the same again answers the same top-up.

        Raises ``ChannelRefusal`` if it cannot be: for a top-up that is cancelled, or confirmed otherwise, say.
        """

    @abstractmethod
    async def cancel_top_up(self, top_up_id: UUID) -> TopUp:
        """The money will not come; again changes nothing.

        Raises ``ChannelRefusal`` if it is confirmed, or may have been paid online.
        """

    @abstractmethod
    async def refund_top_up(self, top_up_id: UUID, amount: Money, reference: str, by: str, now: datetime) -> Refund:
        """Money of a confirmed top-up went back to the payer: take it from the cash, which may become negative, once
        for each ``reference``; the same again answers the same refund.

        Raises ``ChannelRefusal`` for more than was received, or if the reference was used for another refund.
        """

    @abstractmethod
    async def top_ups(
        self,
        account_id: UUID | None = None,
        state: TopUpState | None = None,
        id: UUID | None = None,
        sandbox: bool | None = None,
        window: Window = NEWEST,
    ) -> Sequence[TopUp]:
        """Top-ups of one account or of all, of sandbox accounts, of others, or of both: those in the window."""

    @abstractmethod
    async def count_top_ups(
        self, account_id: UUID | None = None, state: TopUpState | None = None, sandbox: bool | None = None
    ) -> int:
        """How many ``top_ups`` there are, in any window."""


class OnlinePayments(TopUps):
    """The balance is topped up at a payment provider's page, too, where one is set up."""

    @abstractmethod
    async def takes_online_payments(self) -> bool:
        """Whether a payment provider is set up."""

    @abstractmethod
    async def start_online_top_up(self, account_id: UUID, amount: Money, sandbox: bool, now: datetime) -> TopUp:
        """Answer with a ``pay_url`` where ``amount`` can be paid; ``HostServices.top_up_paid`` says that it was.

        Raises ``ChannelRefusal``: of the ``amount``, or, with no field, because nobody can pay online now or this
        account cannot.
        """


class Funds(PrepaidBalance):
    """Vouchers and stored-value cards pay before cash does."""

    @abstractmethod
    async def funds(
        self,
        now: datetime,
        account_id: UUID | None = None,
        id: UUID | None = None,
        sources: Collection[Source] | None = None,
        state: FundState | None = None,
        window: Window = NEWEST,
    ) -> Sequence[Fund]:
        """Vouchers and cards as they are at ``now``, of one account or of all: those in the window."""

    @abstractmethod
    async def count_funds(
        self,
        now: datetime,
        account_id: UUID | None = None,
        sources: Collection[Source] | None = None,
        state: FundState | None = None,
    ) -> int:
        """How many ``funds`` there are, in any window."""

    @abstractmethod
    async def funds_left(self, now: datetime, account_id: UUID) -> Money:
        """What all vouchers and cards of an account can still pay at ``now``."""

    @abstractmethod
    async def settle_from_funds(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Collect those of these charges that vouchers and cards pay whole, each once; cash pays nothing.

        A provider that prices units by itself collects whole charges: what its channel would be handed is asked for
        here first. ``SETTLED`` for each that is collected, now or before, ``REJECTED`` for each that is not.
        """

    @abstractmethod
    async def issue_voucher(
        self, account_id: UUID, source: Source, amount: Money, expires_at: datetime, note: str, by: str, now: datetime
    ) -> Fund:
        """Grant a voucher. Raises ``ChannelRefusal`` where it cannot be."""

    @abstractmethod
    async def buy_card(self, account_id: UUID, amount: Money, by: str, now: datetime) -> Sequence[Fund]:
        """Buy a stored-value card from cash; answers with it and what comes with it. Raises ``ChannelRefusal``."""

    @abstractmethod
    async def void_voucher(self, fund_id: UUID, reason: str, now: datetime) -> Fund:
        """Take back what is left of a voucher; again changes nothing. Raises ``ChannelRefusal`` where it cannot be."""


PROTOCOLS: tuple[type, ...] = (Reconciliation, PrepaidBalance, TopUps, OnlinePayments, Funds)
IMPLIED: dict[Capability, type] = {
    Capability.RECONCILIATION: Reconciliation,
    Capability.PREPAID_BALANCE: PrepaidBalance,
}


def capabilities_of(channel: SettlementChannel) -> frozenset[Capability]:
    """What a channel can do: what its description declares, and what follows from the protocols that it implements.

    Raises:
        TypeError: it declares a capability without the protocol that goes with it, or has a method of a protocol that
            it does not implement.
    """
    declared = channel.describe().capabilities
    implied = {capability for capability, protocol in IMPLIED.items() if isinstance(channel, protocol)}
    for capability in sorted(declared & IMPLIED.keys() - implied):
        raise TypeError(f"it declares {capability}, and does not implement {IMPLIED[capability].__name__}")
    for protocol in PROTOCOLS:
        stray = (
            [] if isinstance(channel, protocol) else [name for name in methods_of(protocol) if hasattr(channel, name)]
        )
        if stray:
            raise TypeError(f"it has {', '.join(stray)}, and does not implement {protocol.__name__}")
    return declared | implied


def methods_of(protocol: type) -> list[str]:
    """The methods that a class of this module adds to those of its bases."""
    return [name for name in vars(protocol) if not name.startswith("_")]
