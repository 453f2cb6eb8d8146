"""What the wallet asks of a payment provider, whichever it is: a page to pay at, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from settlement_spec import Money


class PaymentState(StrEnum):
    """What can still happen at a page: ``OPEN`` may be paid, or is being paid; the others are for good."""

    OPEN = "OPEN"
    PAID = "PAID"
    LAPSED = "LAPSED"


@dataclass(frozen=True)
class Page:
    """A page to pay at, for a day at the most; ``session_id`` is the provider's name for it."""

    session_id: str
    url: str


@dataclass(frozen=True)
class Payment:
    """What became of a page. A paid one has the provider's ``reference`` of the payment, and what it ``received``."""

    top_up_id: UUID
    state: PaymentState
    reference: str = ""
    received: Money | None = None


@dataclass(frozen=True)
class PageChanged:
    """Something happened at a page: ask the provider what."""

    session_id: str


@dataclass(frozen=True)
class PaymentReversed:
    """The provider gave a payment back, or may have to; ``reference`` names this very step of it."""

    top_up_id: UUID
    reference: str
    details: Mapping[str, Any]


Announcement = PageChanged | PaymentReversed


class ProviderSilent(Exception):
    """The provider did not answer, or not with what was asked for."""


class NotFromProvider(Exception):
    """An announcement is forged, too old, or not one at all."""


class PaymentProvider(Protocol):
    """Takes payments online. Every method may raise ``ProviderSilent``."""

    @property
    def takes_play_money(self) -> bool:
        """Whether it is a stand-in, so that sandbox accounts may use it."""

    async def begin(self, top_up_id: UUID, reference: str, amount: Money) -> Page:
        """Make a page; again for the same top-up answers the same page. Raises ``ChannelRefusal`` for the amount."""

    async def find(self, session_id: str) -> Payment | None:
        """What became of a page; ``None``: it is nothing of ours."""

    async def close(self, session_id: str) -> Payment | None:
        """Let nobody pay at the page any more, unless somebody did or is about to; what became of it."""

    async def read(self, body: bytes, headers: Mapping[str, str]) -> Announcement | None:
        """What the provider announces; ``None``: nothing of ours. Raises ``NotFromProvider``."""

    async def stop(self) -> None:
        """Let go of connections."""
