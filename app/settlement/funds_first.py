"""Vouchers and cards pay before a cloud does: a charge that they cover whole is not handed to it.

A cloud is pushed units, at its own price, and so a charge is paid whole from them, or goes whole to the cloud.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from settlement_spec import Charge as ChannelCharge
from settlement_spec import ChargeBatch, Funds, Outcome, PrepaidBalance, SettlementResult

from app.errors import ChannelUnavailable
from app.settings import get_settings
from app.settlement.collecting import Paid, what_paid
from app.settlement.host import ChannelHost
from app.settlement.links import fallback_channel
from app.settlement.models import Settlement, SettlementState


@dataclass(frozen=True)
class FromFunds:
    """What the prepaid channel answered of charges that another one would collect, by charge: ``SETTLED``, with what
    ``paid`` each, or ``UNKNOWN``, which is not handed to the other before that is known."""

    results: Mapping[UUID, SettlementResult] = field(default_factory=dict)
    paid: Mapping[UUID, Paid] = field(default_factory=dict)

    def settled(self) -> set[UUID]:
        """The charges that vouchers and cards paid."""
        return {id for id, result in self.results.items() if result.outcome == Outcome.SETTLED}


async def paid_from_funds(host: ChannelHost, key: str, charge_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these charges, that the channel ``key`` is to collect, vouchers and cards paid instead.

    Raises:
        ChannelUnavailable: the prepaid channel failed.
    """
    funds = _funds_before(host, key)
    if funds is None or not charge_ids:
        return set()
    return set(await host.ask(funds, PrepaidBalance, lambda there: there.paid_from(charge_ids)))


async def pay_from_funds(
    host: ChannelHost,
    key: str,
    claimed: Sequence[Settlement],
    handed: Mapping[UUID, ChannelCharge],
    doubtful: AbstractSet[UUID],
    now: datetime,
) -> FromFunds:
    """Let vouchers and cards pay what is ``claimed`` for the channel ``key``, as far as they do so whole.

    Of a ``doubtful`` settlement an earlier answer was lost, from the one or from the other: it is paid from them only
    if it was so before, whatever the settings say by now.
    """
    funds = _funds_before(host, key)
    if funds is None:
        return FromFunds()
    owed = [one for one in claimed if one.charge.amount_minor > 0 and one.state == SettlementState.PENDING]
    before = [one.charge_id for one in owed if one.id in doubtful]
    first = get_settings().funds_first
    fresh = tuple(handed[one.charge_id] for one in owed if first and one.id not in doubtful)
    try:
        answers = {id: SettlementResult(id, Outcome.SETTLED) for id in await paid_from_funds(host, key, before)}
        if fresh:
            answered = await host.ask(funds, Funds, lambda there: there.settle_from_funds(ChargeBatch(fresh, now)))
            answers |= _not_refused([charge.id for charge in fresh], answered)
        settled = {id for id, result in answers.items() if result.outcome == Outcome.SETTLED}
        paid = await what_paid(host, funds, [one.charge for one in owed if one.charge_id in settled])
    except ChannelUnavailable as error:
        unknown, ids = error.message("en"), [*before, *(charge.id for charge in fresh)]
        return FromFunds({id: SettlementResult(id, Outcome.UNKNOWN, reason=unknown) for id in ids})
    return FromFunds(answers, paid)


def _funds_before(host: ChannelHost, key: str) -> str | None:
    """The prepaid channel whose vouchers and cards pay before the channel ``key``, if any do."""
    funds = fallback_channel(host)
    return funds if funds in host.implementing(Funds) and key not in host.implementing(PrepaidBalance) else None


def _not_refused(asked: Collection[UUID], answered: Sequence[SettlementResult]) -> dict[UUID, SettlementResult]:
    """Those that are collected, and those of which nobody knows."""
    by_charge = {result.charge_id: result for result in answered}
    nothing = "the prepaid channel did not answer for this charge"
    found = {id: by_charge.get(id) or SettlementResult(id, Outcome.UNKNOWN, reason=nothing) for id in asked}
    return {id: result for id, result in found.items() if result.outcome != Outcome.REJECTED}
