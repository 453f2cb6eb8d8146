"""What paid a charge that a channel collected, in the terms of the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from settlement_spec import BalancePart, Capability, PrepaidBalance, Source

from app.billing.models import Charge, LedgerAccountKind
from app.settlement.host import ChannelHost

Paid = Mapping[LedgerAccountKind, int]
ACCOUNTS = {
    Source.CASH: LedgerAccountKind.PREPAID,
    Source.CARD: LedgerAccountKind.CARDS,
    Source.VOUCHER: LedgerAccountKind.DISCOUNTS,
    Source.FULL_REDUCTION: LedgerAccountKind.DISCOUNTS,
}


async def what_paid(
    host: ChannelHost, channel: str, charges: Sequence[Charge], elsewhere: bool = False
) -> dict[UUID, Paid]:
    """The minor units that each kind of ledger account paid of charges that a channel says it collected, or that were
    collected ``elsewhere``, outside its books.

    Charges for which the channel's answer does not add up are left out.

    Raises:
        ChannelUnavailable: the channel failed.
    """
    if elsewhere or Capability.PREPAID_BALANCE not in host.describe(channel).capabilities:
        return {charge.id: {LedgerAccountKind.CHANNEL: charge.amount_minor} for charge in charges}
    if not charges:
        return {}
    ids = [charge.id for charge in charges]
    parts = await host.ask(channel, PrepaidBalance, lambda there: there.paid_from(ids))
    return {
        charge.id: paid
        for charge in charges
        if charge.id in parts and (paid := _adding_up(charge, parts[charge.id])) is not None
    }


def _adding_up(charge: Charge, parts: Sequence[BalancePart]) -> Paid | None:
    paid: Counter[LedgerAccountKind] = Counter()
    for part in parts:
        lost = part.void and part.source == Source.CARD
        paid[LedgerAccountKind.BREAKAGE if lost else ACCOUNTS[part.source]] -= part.amount.minor
    adds_up = paid.total() == charge.amount_minor and all(part.amount.currency == charge.currency for part in parts)
    return (paid or {LedgerAccountKind.PREPAID: 0}) if adds_up else None
