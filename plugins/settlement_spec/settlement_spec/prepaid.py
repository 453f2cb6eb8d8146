"""A channel whose balance is paid in beforehand."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from settlement_spec.channel import SettlementChannel
from settlement_spec.funds import Fund, FundRejected, Movement, Owing, Part, Source
from settlement_spec.money import Money
from settlement_spec.values import OnlinePaymentUnavailable, TopUp, TopUpState


class PrepaidChannel(SettlementChannel):
    """A channel with a balance that is topped up beforehand (capability ``PREPAID_BALANCE``)."""

    @abstractmethod
    async def balance(self, account_id: UUID) -> Money:
        """What is left; negative when more was collected than topped up."""

    @abstractmethod
    async def request_top_up(self, account_id: UUID, amount: Money, now: datetime) -> TopUp:
        """Announce a bank transfer. Raises ``TopUpRejected`` for an amount that is not allowed."""

    @abstractmethod
    async def confirm_top_up(
        self, top_up_id: UUID, bank_reference: str, received: Money, confirmed_by: str, now: datetime
    ) -> TopUp:
        """The transfer arrived: credit what was received, once. Raises ``TopUpRejected`` if it cannot be."""

    @abstractmethod
    async def cancel_top_up(self, top_up_id: UUID) -> TopUp:
        """The money will not come. Raises ``TopUpRejected`` if it is confirmed, or may have been paid online."""

    @abstractmethod
    async def top_ups(
        self, account_id: UUID | None = None, state: TopUpState | None = None, id: UUID | None = None
    ) -> Sequence[TopUp]:
        """Top-ups, newest first (500 at most), of one account or of all."""

    async def takes_online_payments(self) -> bool:
        """Whether ``start_online_top_up`` is possible: a payment provider is set up."""
        return False

    async def start_online_top_up(self, account_id: UUID, amount: Money, sandbox: bool, now: datetime) -> TopUp:
        """Answer with a ``pay_url`` where ``amount`` can be paid; ``HostServices.top_up_paid`` says that it was.

        Raises ``TopUpRejected`` for an amount that is not allowed, and ``OnlinePaymentUnavailable``.
        """
        raise OnlinePaymentUnavailable("the settlement channel takes no online payments", "该结算方式不支持在线支付")

    async def owing(self, account_id: UUID | None = None) -> Sequence[Owing]:
        """Who owes what, of one account or of all; nobody, where the channel collects no more than there is."""
        return ()

    async def funds(self, now: datetime, account_id: UUID | None = None, id: UUID | None = None) -> Sequence[Fund]:
        """Vouchers and cards as they are at ``now``, newest first (500 at most), of one account or of all."""
        return ()

    async def issue_voucher(
        self, account_id: UUID, source: Source, amount: Money, expires_at: datetime, note: str, by: str, now: datetime
    ) -> Fund:
        """Grant a voucher. Raises ``FundRejected`` where it cannot be."""
        raise _no_funds()

    async def buy_card(self, account_id: UUID, amount: Money, by: str, now: datetime) -> Sequence[Fund]:
        """Buy a stored-value card from cash; answers with it and what comes with it. Raises ``FundRejected``."""
        raise _no_funds()

    async def void_voucher(self, fund_id: UUID, reason: str, now: datetime) -> Fund:
        """Take back what is left of a voucher; again changes nothing. Raises ``FundRejected`` where it cannot be."""
        raise _no_funds()

    async def movements(
        self,
        account_id: UUID,
        since: datetime | None = None,
        until: datetime | None = None,
        before: UUID | None = None,
        limit: int = 100,
    ) -> Sequence[Movement]:
        """Changes of the balance in ``[since, until)``, newest first, from the one before ``before`` on."""
        return ()

    async def paid_from(self, charge_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Part]]:
        """What paid each of these charges: parts with negative amounts, positive where it was paid back."""
        return {}


def _no_funds() -> FundRejected:
    return FundRejected("accountId", "the settlement channel has no vouchers or cards", "该结算方式没有代金券或储值卡")
