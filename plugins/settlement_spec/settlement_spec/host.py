"""What the billing center offers a channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from settlement_spec.balance import PaymentIssue
from settlement_spec.money import Money
from settlement_spec.values import BindingEnd


class HostServices(Protocol):
    """Given to ``SettlementChannel.start``, and usable from then on, from routes and ``tick`` above all.

    Every method is idempotent, commits on its own (so call it outside of a transaction of yours, ``card_expired``
    excepted), and may be called for a link that is gone: then nothing happens.
    A link is named by its account and the ``external_reference`` that ``bind`` answered for it, so that news of a
    former one leave its successor alone.
    """

    @property
    def settings(self) -> Mapping[str, str]:
        """The channel's settings: ``BILLING_CHANNEL_<KEY>_*`` without the prefix, in lower case."""

    async def binding_confirmed(self, account_id: UUID, external_reference: str | None) -> None:
        """The provider confirmed a link that ``bind`` left pending: it pays from now on.

        One for which ``bind`` answered no reference yet has this one from now on.
        """

    async def binding_ended(
        self, account_id: UUID, external_reference: str | None, end: BindingEnd, reason: str
    ) -> None:
        """The provider ended the link: what is not collected yet falls back to the enterprise account."""

    async def settle_soon(self, account_id: UUID, external_reference: str | None, until: datetime) -> None:
        """The link is about to end: hand its open charges over at once, and a charge for what was used today so far.

        Those open at ``until`` are no longer for this channel.
        """

    async def top_up_paid(self, top_up_id: UUID, payment_reference: str, received: Money) -> None:
        """An online payment arrived: the channel's ``confirm_top_up`` credits it, in one transaction with our books.

        Raises ``ChannelRefusal`` as that does; then nothing happened.
        """

    async def top_up_lapsed(self, top_up_id: UUID) -> None:
        """Nobody paid, and nobody can any more: the channel's ``cancel_top_up`` withdraws it.

        Raises ``ChannelRefusal`` as that does; then nothing happened.
        """

    async def card_expired(self, account_id: UUID, fund_id: UUID, left: Money, at: datetime) -> None:
        """A stored-value card expired with ``left`` on it, which is income now. Call it in the transaction in which you
        book that."""

    async def payment_issue(
        self, top_up_id: UUID, issue: PaymentIssue, reference: str, details: Mapping[str, Any]
    ) -> None:
        """Let finance staff look into an online payment; ``details`` is JSON, noted once for each ``reference``."""
