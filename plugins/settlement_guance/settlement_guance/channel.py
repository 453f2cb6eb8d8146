"""The enterprise account: prepaid in CNY, topped up by bank transfers that finance staff confirm."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from settlement_spec import (
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    ChargeBatch,
    Limits,
    Money,
    Outcome,
    PrepaidChannel,
    SettlementResult,
    TopUp,
    TopUpRejected,
    TopUpState,
    TortoiseApp,
)
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from settlement_guance import wallet
from settlement_guance.models import TopUpRow

CURRENCY = "CNY"
MOST_MINOR = 10_000_000_000
REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class EnterpriseAccount(PrepaidChannel):
    """Collects charges from a wallet, whose balance may become negative: that is what is owed."""

    def describe(self) -> ChannelDescription:
        """Prepaid, CNY, no configuration."""
        return ChannelDescription(
            key="guance",
            display_name={"zh": "观测云企业账户", "en": "Enterprise account"},
            currencies=frozenset({CURRENCY}),
            capabilities=frozenset({Capability.PREPAID_BALANCE}),
            limits=Limits(batch_size=500),
            configuration_schema={"type": "object", "properties": {}, "additionalProperties": False},
            tortoise_app=TortoiseApp("settlement_guance", "settlement_guance.models", "settlement_guance.migrations"),
        )

    async def bind(self, request: BindRequest) -> BindResult:
        """Opens the wallet; linked at once."""
        async with in_transaction():
            await wallet.lock(request.account_id, request.now)
        return BindResult(BindState.BOUND, external_reference=str(request.account_id))

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Takes each charge from the wallet, in a transaction of its own; a negative charge is paid back."""
        results = []
        for charge in batch.charges:
            if charge.amount.currency != CURRENCY:
                reason = f"the enterprise account pays in {CURRENCY}, not in {charge.amount.currency}"
                results.append(SettlementResult(charge.id, Outcome.REJECTED, reason=reason))
                continue
            async with in_transaction():
                await wallet.lock(charge.account_id, batch.now)
                movement = await wallet.move(
                    "charge", charge.id, charge.account_id, charge.amount, wallet.CASH, wallet.VENDOR, batch.now
                )
            results.append(SettlementResult(charge.id, Outcome.SETTLED, provider_reference=str(movement)))
        return results

    async def balance(self, account_id: UUID) -> Money:
        """The wallet's cash."""
        return await wallet.balance(account_id, CURRENCY)

    async def request_top_up(self, account_id: UUID, amount: Money, now: datetime) -> TopUp:
        """Announces a transfer of 0.01 to 100,000,000 CNY."""
        _check_amount(amount)
        reference = "TU-" + "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(10))
        row = await TopUpRow.create(
            account_id=account_id,
            amount_minor=amount.minor,
            currency=amount.currency,
            state=TopUpState.REQUESTED,
            reference=reference,
            requested_at=now,
        )
        return _value(row)

    async def confirm_top_up(
        self, top_up_id: UUID, bank_reference: str, received: Money, confirmed_by: str, now: datetime
    ) -> TopUp:
        """Credits what the bank received, once; the same bank reference again answers the same top-up."""
        _check_amount(received)
        bank_reference = bank_reference.strip()
        if not 0 < len(bank_reference) <= 100 or not bank_reference.isprintable():
            raise TopUpRejected("bankReference must have 1 to 100 printable characters")
        try:
            return await self._confirm(top_up_id, bank_reference, received, confirmed_by, now)
        except IntegrityError:
            raise TopUpRejected(f"the bank reference {bank_reference} was used for another top-up") from None

    async def _confirm(
        self, top_up_id: UUID, bank_reference: str, received: Money, confirmed_by: str, now: datetime
    ) -> TopUp:
        async with in_transaction():
            row = await _locked(top_up_id)
            if row.state == TopUpState.CONFIRMED and (row.bank_reference, row.received_minor) == (
                bank_reference,
                received.minor,
            ):
                return _value(row)
            if row.state != TopUpState.REQUESTED:
                raise TopUpRejected(f"it is {row.state} already")
            if await TopUpRow.exists(bank_reference=bank_reference):
                raise TopUpRejected(f"the bank reference {bank_reference} was used for another top-up")
            row.state = TopUpState.CONFIRMED
            row.bank_reference = bank_reference
            row.received_minor = received.minor
            row.confirmed_by = confirmed_by
            row.confirmed_at = now
            await row.save()
            await wallet.lock(row.account_id, now)
            await wallet.move("top-up", row.id, row.account_id, received, wallet.BANK, wallet.CASH, now)
        return _value(row)

    async def cancel_top_up(self, top_up_id: UUID) -> TopUp:
        """Withdraws an announced transfer; cancelling it again changes nothing."""
        async with in_transaction():
            row = await _locked(top_up_id)
            if row.state == TopUpState.CONFIRMED:
                raise TopUpRejected("it is CONFIRMED already")
            row.state = TopUpState.CANCELLED
            await row.save(update_fields=["state"])
        return _value(row)

    async def top_ups(
        self, account_id: UUID | None = None, state: TopUpState | None = None, id: UUID | None = None
    ) -> Sequence[TopUp]:
        """The newest 500."""
        asked = {"account_id": account_id, "state": state, "id": id}
        rows = TopUpRow.filter(**{name: value for name, value in asked.items() if value is not None})
        return [_value(row) for row in await rows.order_by("-id").limit(500)]


def _check_amount(amount: Money) -> None:
    if amount.currency != CURRENCY:
        raise TopUpRejected(f"the enterprise account is in {CURRENCY}, not in {amount.currency}")
    if not 0 < amount.minor <= MOST_MINOR:
        raise TopUpRejected("the amount must be from 0.01 to 100,000,000.00 CNY")


async def _locked(top_up_id: UUID) -> TopUpRow:
    row = await TopUpRow.filter(id=top_up_id).select_for_update().first()
    if row is None:
        raise TopUpRejected("there is no such top-up")
    return row


def _value(row: TopUpRow) -> TopUp:
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
    )
