"""Vouchers that staff grant, and stored-value cards that customers buy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from settlement_spec import Fund, Funds, Money, Source
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import Account
from app.billing import ledger
from app.db.locking import lock_name
from app.errors import FundRefused, NotFound
from app.events.recording import Actor, record
from app.inputs import explanation
from app.settlement.host import ChannelHost
from app.settlement.refusals import refused_as
from app.settlement.wallets import amount_there


async def issue_voucher(
    host: ChannelHost,
    account: Account,
    source: Source,
    how_much: Decimal,
    expires_at: datetime,
    note: str,
    actor: Actor,
    currency: str | None = None,
) -> Fund:
    """Grant the account a voucher, of the balance's currency, which must be ``currency`` where one is given.

    Raises:
        StepOutOfOrder: the account has no prepaid balance.
        FundRefused: the channel refuses the amount or the end, or the balance is in another currency.
        InvalidInput: the amount is none in the balance's currency, or the note is empty or too long.
    """
    key, amount = await amount_there(host, account, how_much)
    if currency not in (None, amount.currency):
        raise FundRefused(
            reason_en=f"it is in {currency}, and the balance in {amount.currency}",
            reason_zh=f"币种为 {currency}，而余额币种为 {amount.currency}",
        )
    note = explanation(note, "note")
    with refused_as(FundRefused):
        voucher = await host.ask(
            key,
            Funds,
            lambda channel: channel.issue_voucher(
                account.id, source, amount, expires_at, note, actor.label, account.now()
            ),
            may_refuse=True,
        )
    await record(
        account.id,
        account.now(),
        "voucher.issued",
        actor,
        after={"voucher": str(voucher.id), "source": source, "amountMinor": amount.minor},
        reason=note,
    )
    return voucher


async def purchase_card(host: ChannelHost, account: Account, how_much: Decimal, actor: Actor) -> Sequence[Fund]:
    """Buy a stored-value card from cash; the card, and after it the voucher that comes with it, if one does.

    Raises:
        StepOutOfOrder: the account has no prepaid balance.
        FundRefused: the channel refuses the amount, or there is not enough cash.
        InvalidInput: the amount is none in the balance's currency.
    """
    key, amount = await amount_there(host, account, how_much)
    with refused_as(FundRefused):
        bought = await host.ask(
            key,
            Funds,
            lambda channel: channel.buy_card(account.id, amount, actor.label, account.now()),
            may_refuse=True,
        )
    card = bought[0]
    await ledger.card_purchased(account.id, card.id, key, card.amount, account.now())
    await record(
        account.id,
        account.now(),
        "card.purchased",
        actor,
        after={
            "card": str(card.id),
            "amountMinor": amount.minor,
            "vouchers": [str(fund.id) for fund in bought[1:]],
        },
    )
    return bought


async def card_expired(account_id: UUID, channel: str, card_id: UUID, left: Money, at: datetime) -> None:
    """What was left on a card that expired is income; noting it again changes nothing."""
    async with in_transaction():
        await lock_name(f"card {card_id}")
        await ledger.card_expired(account_id, card_id, channel, left, at)


async def find_fund(host: ChannelHost, fund_id: UUID) -> tuple[str, Fund]:
    """A voucher or card as it is now on its account's clock, and the channel that has it.

    Raises:
        NotFound: no channel has it.
    """
    for key in host.implementing(Funds):
        for found in await _funds(host, key, clock.now(), fund_id):
            now = (await Account.get(id=found.account_id)).now()
            return key, (await _funds(host, key, now, fund_id))[0]
    raise NotFound(what="voucher", path=("voucherId",))


async def void_voucher(
    host: ChannelHost, account: Account, voucher: Fund, channel: str, reason: str, actor: Actor
) -> Fund:
    """Take back what is left of a voucher; taking it back again changes nothing.

    Raises:
        FundRefused: it is a card.
        InvalidInput: the reason is empty or too long.
    """
    reason = explanation(reason)
    with refused_as(FundRefused):
        voided = await host.ask(
            channel, Funds, lambda there: there.void_voucher(voucher.id, reason, account.now()), may_refuse=True
        )
    if voided.state != voucher.state:
        await record(
            account.id,
            account.now(),
            "voucher.voided",
            actor,
            before={"voucher": str(voucher.id), "leftMinor": voucher.left.minor},
            after={"state": voided.state},
            reason=reason,
        )
    return voided


async def _funds(host: ChannelHost, key: str, now: datetime, fund_id: UUID) -> Sequence[Fund]:
    return await host.ask(key, Funds, lambda channel: channel.funds(now, id=fund_id))
