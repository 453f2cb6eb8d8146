"""Credit notes: finance staff give a charge back, in whole or in part, by a negative charge of its own."""

from __future__ import annotations

from uuid import UUID

from app.accounts.queries import lock_account
from app.billing import ledger
from app.billing.models import Charge, ChargeKind, LineKind
from app.billing.queries import creditable, find_charge
from app.billing.raising import raise_charge
from app.credits.models import CreditNote
from app.errors import CreditLimit, InvalidInput
from app.events.recording import Actor, record
from app.inputs import above_zero, explanation
from app.settlement.credits import enqueue_credit
from app.settlement.host import ChannelHost


async def credit(host: ChannelHost, charge_id: UUID, amount_minor: int, reason: str, actor: Actor) -> CreditNote:
    """Give ``amount_minor`` of a charge back: a charge of that much below zero, for the channel that pays now if it can
    credit, or else for the account's prepaid balance.

    Raises:
        NotFound: there is no such charge.
        InvalidInput: the amount is not above zero, the reason is empty or too long, or the charge is a credit itself.
        CreditLimit: more than is left of the charge, or of its day.
        ChannelUnavailable: no channel can take the credit.
    """
    account = await lock_account((await find_charge(charge_id)).account_id)
    charge = await Charge.get(id=charge_id)
    if charge.amount_minor <= 0:
        raise InvalidInput(
            reason_en="only a charge above zero can be credited",
            reason_zh="只有金额大于零的账单项才能贷记",
            path=("chargeId",),
        )
    above_zero(amount_minor)
    left = await creditable(charge_id)
    if amount_minor > left:
        raise CreditLimit(available_minor=left, currency=charge.currency, path=("amount",))
    reason = explanation(reason)
    units, rest = divmod(amount_minor * charge.units, charge.amount_minor)
    given = await raise_charge(
        account,
        charge.plan_id,
        ChargeKind.CREDIT_NOTE,
        LineKind.CREDIT,
        charge.day,
        -amount_minor,
        quantity=charge.quantity,
        billed_quantity=charge.billed_quantity,
        units=0 if rest else -units,
        corrects=charge,
    )
    await ledger.charges_raised([given.id])
    await enqueue_credit(host, account, given)
    note = await CreditNote.create(
        charge=given,
        account_id=account.id,
        reason=reason,
        issued_by=actor.label,
        issued_at=account.now(),
    )
    after = {"charge": str(given.id), "credits": str(charge.id), "amountMinor": given.amount_minor}
    await record(
        account.id, account.now(), "charge.credited", actor, after={**after, "currency": charge.currency}, reason=reason
    )
    return note
