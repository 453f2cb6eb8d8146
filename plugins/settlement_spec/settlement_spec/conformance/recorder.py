"""The billing center's side of a channel, which writes down what it hears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from settlement_spec import BindingEnd, Money, PaymentIssue


@dataclass
class Recorder:
    """Implements ``settlement_spec.HostServices``; ``calls`` holds each call's name and arguments."""

    settings: Mapping[str, str]
    calls: list[tuple[object, ...]] = field(default_factory=list)
    references: dict[UUID, str | None] = field(default_factory=dict)

    async def binding_confirmed(self, account_id: UUID, external_reference: str | None) -> None:
        """Noted, with the reference."""
        self.calls.append(("binding_confirmed", account_id, external_reference))
        self.references[account_id] = external_reference

    async def binding_ended(
        self, account_id: UUID, external_reference: str | None, end: BindingEnd, reason: str
    ) -> None:
        """Noted."""
        self.calls.append(("binding_ended", account_id, external_reference, end, reason))

    async def settle_soon(self, account_id: UUID, external_reference: str | None, until: datetime) -> None:
        """Noted."""
        self.calls.append(("settle_soon", account_id, external_reference, until))

    async def top_up_paid(self, top_up_id: UUID, payment_reference: str, received: Money) -> None:
        """Noted."""
        self.calls.append(("top_up_paid", top_up_id, payment_reference, received))

    async def top_up_lapsed(self, top_up_id: UUID) -> None:
        """Noted."""
        self.calls.append(("top_up_lapsed", top_up_id))

    async def card_expired(self, account_id: UUID, fund_id: UUID, left: Money, at: datetime) -> None:
        """Noted."""
        self.calls.append(("card_expired", account_id, fund_id, left, at))

    async def payment_issue(
        self, top_up_id: UUID, issue: PaymentIssue, reference: str, details: Mapping[str, Any]
    ) -> None:
        """Noted, without the details."""
        self.calls.append(("payment_issue", top_up_id, issue, reference))
