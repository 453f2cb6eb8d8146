"""Vouchers and stored-value cards: granted or bought, and void when they expire or are taken back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from settlement_spec import ChannelRefusal, Fund, FundState, Money, MovementKind, Source, Window
from tortoise.functions import Sum
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from settlement_guance.kinds import BY_SOURCE, CARD, FULL_REDUCTION, Kind, Place, Voucher
from settlement_guance.lists import given, listed
from settlement_guance.models import FundRow
from settlement_guance.wallet import CURRENCY, Side, Wallets, book

MOST_MINOR = 10_000_000_000


async def issue(
    wallets: Wallets,
    account_id: UUID,
    source: Source,
    amount: Money,
    expires_at: datetime,
    note: str,
    by: str,
    now: datetime,
) -> Fund:
    """Grant a voucher.

    Raises:
        ChannelRefusal: not a kind of voucher, an amount that is not allowed, or an end that is not in the future.
    """
    kind = BY_SOURCE.get(source)
    if not isinstance(kind, Voucher):
        raise ChannelRefusal("source", f"{source} is no voucher", f"{source} 不是代金券")
    _check_amount(amount)
    if expires_at <= now:
        raise ChannelRefusal("expiresAt", "the expiry must be in the future", "到期时间必须晚于当前时间")
    async with in_transaction():
        await wallets.lock(account_id, now)
        return await _open(account_id, kind, amount.minor, expires_at, note, by, now)


async def buy_card(wallets: Wallets, account_id: UUID, amount: Money, by: str, now: datetime) -> list[Fund]:
    """Turn cash into a card that is valid for 365 days, with the full-reduction voucher that its amount earns.

    Raises:
        ChannelRefusal: not a multiple of 100 CNY, or more than the cash there is.
    """
    _check_amount(amount)
    CARD.check_amount(amount.minor)
    async with in_transaction():
        locked = await wallets.lock(account_id, now)
        if locked.cash_minor < amount.minor:
            raise ChannelRefusal(
                "amount",
                "a card is bought from cash, and there is not enough: top up first",
                "储值卡须以现金余额购买，余额不足：请先充值",
            )
        expires_at = now + CARD.valid_for
        bought = [await _open(account_id, CARD, amount.minor, expires_at, "", by, now)]
        if gift := CARD.gift(amount.minor):
            note = "with a stored-value card"
            bought.append(await _open(account_id, FULL_REDUCTION, gift, expires_at, note, by, now))
    return bought


async def void(wallets: Wallets, fund_id: UUID, reason: str, now: datetime) -> Fund:
    """Take back what is left of a voucher; taking it back again changes nothing.

    Raises:
        ChannelRefusal: no such voucher, or a card, which the customer has paid for.
    """
    async with in_transaction():
        row = await FundRow.get_or_none(id=fund_id)
        if row is None or not isinstance(BY_SOURCE[row.source], Voucher):
            raise ChannelRefusal("voucherId", "only vouchers can be taken back", "只能作废代金券")
        await wallets.lock(row.account_id, now)
        await row.refresh_from_db()
        if row.voided_at is None:
            sides = [Side(Place(row.source), -row.left_minor, row.id), Side(Place.VOID, row.left_minor, row.id)]
            await book(MovementKind.VOIDED, row.id, row.account_id, sides, now)
            row.voided_at, row.void_reason, row.left_minor = now, reason, 0
            await row.save(update_fields=["voided_at", "void_reason"])
    return value(row, now)


def asked(
    now: datetime,
    account_id: UUID | None,
    id: UUID | None,
    sources: Collection[Source] | None,
    state: FundState | None,
) -> QuerySet[FundRow]:
    """Vouchers and cards that have these values at ``now``; ``None`` stands for any."""
    found = given(FundRow.all(), account_id=account_id, id=id, source__in=sources)
    return found if state is None else found.filter(**_in_state(state, now))


async def find(found: QuerySet[FundRow], now: datetime, window: Window) -> list[Fund]:
    """Those in the window, as they are at ``now``."""
    return [value(row, now) for row in await listed(found, window)]


async def left(now: datetime, account_id: UUID) -> Money:
    """What all of an account's can still pay at ``now``."""
    usable = asked(now, account_id, None, None, FundState.USABLE).annotate(minor=Sum("left_minor"))
    (row,) = await usable.values("minor")
    return Money(int(row["minor"] or 0), CURRENCY)


def _in_state(state: FundState, now: datetime) -> dict[str, Any]:
    """What a row is to have to be in the state, as ``value`` says it."""
    if state == FundState.VOIDED:
        return {"voided_at__isnull": False}
    if state == FundState.EXPIRED:
        return {"voided_at": None, "expires_at__lte": now}
    unspent = {"left_minor__gt": 0} if state == FundState.USABLE else {"left_minor": 0}
    return {"voided_at": None, "expires_at__gt": now, **unspent}


def value(row: FundRow, now: datetime) -> Fund:
    """A voucher or card as it is at ``now``: one that has expired has nothing left, booked or not."""
    if row.voided_at is not None:
        state = FundState.VOIDED
    elif row.expires_at <= now:
        state = FundState.EXPIRED
    else:
        state = FundState.USABLE if row.left_minor else FundState.USED_UP
    return Fund(
        id=row.id,
        account_id=row.account_id,
        source=row.source,
        state=state,
        amount=Money(row.amount_minor, CURRENCY),
        left=Money(row.left_minor if state == FundState.USABLE else 0, CURRENCY),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        issued_by=row.issued_by,
        note=row.note,
        void_reason=row.void_reason,
    )


async def _open(
    account_id: UUID, kind: Kind, minor: int, expires_at: datetime, note: str, by: str, now: datetime
) -> Fund:
    row = await FundRow.create(
        account_id=account_id,
        source=kind.source,
        amount_minor=minor,
        issued_at=now,
        expires_at=expires_at,
        issued_by=by,
        note=note,
    )
    sides = [Side(kind.origin, -minor), Side(Place(kind.source), minor, row.id)]
    await book(kind.movement, row.id, account_id, sides, now)
    row.left_minor = minor
    return value(row, now)


def _check_amount(amount: Money) -> None:
    if amount.currency != CURRENCY or not 0 < amount.minor <= MOST_MINOR:
        raise ChannelRefusal(
            "amount",
            f"the amount must be from 0.01 to 100,000,000.00 {CURRENCY}",
            f"金额须为 0.01 至 100,000,000.00 {CURRENCY}",
        )
