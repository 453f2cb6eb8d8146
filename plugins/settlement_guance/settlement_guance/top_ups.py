"""Money on its way in: announced, then confirmed, or cancelled."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from settlement_spec import ChannelRefusal, Money, MovementKind, Refund, TopUp, TopUpState, Window
from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from settlement_guance.kinds import Place
from settlement_guance.lists import given, listed
from settlement_guance.models import PaymentRow, RefundRow, TopUpRow
from settlement_guance.wallet import CURRENCY, Side, Wallets, book

MOST_MINOR = 10_000_000_000
REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

DONE = {
    TopUpState.CONFIRMED: ("it is confirmed already", "已确认到账"),
    TopUpState.CANCELLED: ("it is cancelled already", "已撤回"),
}


async def request(account_id: UUID, amount: Money, sandbox: bool, now: datetime) -> TopUp:
    """Announce a transfer of 0.01 to 100,000,000 CNY.

    Raises:
        ChannelRefusal: another amount, or another currency.
    """
    row = draft(account_id, amount, sandbox, now)
    await row.save()
    return value(row)


def draft(account_id: UUID, amount: Money, sandbox: bool, now: datetime) -> TopUpRow:
    """A top-up that is not written down yet.

    Raises:
        ChannelRefusal: the amount or currency is not allowed.
    """
    _check_amount(amount, "amount")
    return TopUpRow(
        id=uuid7(),
        account_id=account_id,
        sandbox=sandbox,
        amount_minor=amount.minor,
        currency=amount.currency,
        state=TopUpState.REQUESTED,
        reference="TU-" + "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(10)),
        requested_at=now,
    )


async def confirm(
    wallets: Wallets, top_up_id: UUID, bank_reference: str, received: Money, confirmed_by: str, now: datetime
) -> TopUp:
    """Credit what arrived, once; the same bank reference again answers the same top-up.

    Raises:
        ChannelRefusal: no such top-up, not awaited any more, the bank reference was used for another, or an online
            payment that the provider did not announce.
    """
    _check_amount(received, "receivedAmount")
    bank_reference = _reference(bank_reference, "bankReference")
    try:
        return await _confirm(wallets, top_up_id, bank_reference, received, confirmed_by, now)
    except IntegrityError:
        raise _used(bank_reference) from None


async def refund(wallets: Wallets, top_up_id: UUID, amount: Money, reference: str, by: str, now: datetime) -> Refund:
    """Take from the cash what went back to the payer, once; the same reference again answers the same refund.

    Raises:
        ChannelRefusal: no such top-up, not confirmed, more than is left of what was received, or the reference was used
            for another refund.
    """
    _check_amount(amount, "amount")
    reference = _reference(reference, "reference")
    try:
        return await _refund(wallets, top_up_id, amount, reference, by, now)
    except IntegrityError:
        raise _refunded_by(reference) from None


async def cancel(top_up_id: UUID) -> TopUp:
    """Withdraw what was announced; cancelling it again changes nothing.

    Raises:
        ChannelRefusal: no such top-up, or it is confirmed.
    """
    async with in_transaction():
        row = await _locked(top_up_id)
        if row.state == TopUpState.CONFIRMED:
            raise ChannelRefusal("topUpId", *DONE[row.state])
        row.state = TopUpState.CANCELLED
        await row.save(update_fields=["state"])
    return value(row)


def asked(
    account_id: UUID | None, state: TopUpState | None, id: UUID | None, sandbox: bool | None
) -> QuerySet[TopUpRow]:
    """Top-ups that have these values; ``None`` stands for any."""
    return given(TopUpRow.all(), account_id=account_id, state=state, id=id, sandbox=sandbox)


async def find(found: QuerySet[TopUpRow], window: Window) -> Sequence[TopUp]:
    """Those in the window."""
    return [value(row) for row in await listed(found, window)]


async def _confirm(
    wallets: Wallets, top_up_id: UUID, bank_reference: str, received: Money, confirmed_by: str, now: datetime
) -> TopUp:
    async with in_transaction():
        row = await _locked(top_up_id)
        if row.state == TopUpState.CONFIRMED and (row.bank_reference, row.received_minor) == (
            bank_reference,
            received.minor,
        ):
            return value(row)
        if row.state != TopUpState.REQUESTED:
            raise ChannelRefusal("topUpId", *DONE[row.state])
        payment = await PaymentRow.get_or_none(top_up_id=row.id)
        if payment and (payment.reference, payment.received_minor) != (bank_reference, received.minor):
            raise ChannelRefusal(
                "bankReference",
                "it is to be paid online, and the payment provider does not tell of this payment",
                "该笔充值须在线支付，而支付服务商未告知此笔付款",
            )
        if await TopUpRow.exists(bank_reference=bank_reference):
            raise _used(bank_reference)
        row.state = TopUpState.CONFIRMED
        row.bank_reference = bank_reference
        row.received_minor = received.minor
        row.confirmed_by = confirmed_by
        row.confirmed_at = now
        await row.save()
        await wallets.lock(row.account_id, now)
        sides = [Side(Place.BANK, -received.minor), Side(Place.CASH, received.minor)]
        await book(MovementKind.TOP_UP, row.id, row.account_id, sides, now)
    return value(row)


async def _refund(wallets: Wallets, top_up_id: UUID, amount: Money, reference: str, by: str, now: datetime) -> Refund:
    async with in_transaction():
        row = await _locked(top_up_id)
        known = await RefundRow.get_or_none(reference=reference)
        if known is None:
            left = (row.received_minor or 0) - row.refunded_minor
            if row.state != TopUpState.CONFIRMED or amount.minor > left:
                raise ChannelRefusal(
                    "amount",
                    f"of this top-up {Money(left, row.currency)} can be refunded at the most",
                    f"该笔充值最多可退 {Money(left, row.currency)}",
                )
            known = await RefundRow.create(
                top_up_id=row.id, amount_minor=amount.minor, reference=reference, noted_by=by, noted_at=now
            )
            row.refunded_minor += amount.minor
            await row.save(update_fields=["refunded_minor"])
            await wallets.lock(row.account_id, now)
            sides = [Side(Place.CASH, -amount.minor), Side(Place.BANK, amount.minor)]
            await book(MovementKind.REFUND, known.id, row.account_id, sides, now)
        elif (known.top_up_id, known.amount_minor) != (row.id, amount.minor):
            raise _refunded_by(reference)
    return Refund(known.id, value(row), Money(known.amount_minor, row.currency), reference)


def _reference(given: str, field: str) -> str:
    given = given.strip()
    if not 0 < len(given) <= 100 or not given.isprintable():
        raise ChannelRefusal(field, "a reference has 1 to 100 printable characters", "流水号须为 1 到 100 个可打印字符")
    return given


def _refunded_by(reference: str) -> ChannelRefusal:
    return ChannelRefusal(
        "reference",
        f"the reference {reference} was used for another refund",
        f"流水号 {reference} 已用于另一笔退款",
    )


def _used(bank_reference: str) -> ChannelRefusal:
    return ChannelRefusal(
        "bankReference",
        f"the bank reference {bank_reference} was used for another top-up",
        f"银行流水号 {bank_reference} 已用于另一笔充值",
    )


def _check_amount(amount: Money, field: str) -> None:
    if amount.currency != CURRENCY:
        raise ChannelRefusal(
            field,
            f"the enterprise account is in {CURRENCY}, not in {amount.currency}",
            f"企业账户的币种为 {CURRENCY}，而不是 {amount.currency}",
        )
    if not 0 < amount.minor <= MOST_MINOR:
        raise ChannelRefusal(
            field, "the amount must be from 0.01 to 100,000,000.00 CNY", "金额须在 0.01 到 100,000,000.00 CNY 之间"
        )


async def _locked(top_up_id: UUID) -> TopUpRow:
    row = await TopUpRow.filter(id=top_up_id).select_for_update().first()
    if row is None:
        raise ChannelRefusal("topUpId", "there is no such top-up", "没有该笔充值")
    return row


def value(row: TopUpRow) -> TopUp:
    """A top-up as the specification has it."""
    return TopUp(
        id=row.id,
        account_id=row.account_id,
        amount=Money(row.amount_minor, row.currency),
        state=row.state,
        reference=row.reference,
        requested_at=row.requested_at,
        bank_reference=row.bank_reference,
        received=None if row.received_minor is None else Money(row.received_minor, row.currency),
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        pay_url=row.pay_url,
        refunded=Money(row.refunded_minor, row.currency) if row.refunded_minor else None,
    )
