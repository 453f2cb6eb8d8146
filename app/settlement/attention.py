"""What staff do about charges that were not collected: try again, move to another channel, or settle by hand."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.billing import ledger
from app.billing.models import Charge
from app.db.locking import lock_accounts
from app.errors import NotFound, SettlementConflict
from app.events.recording import Actor, record
from app.inputs import explanation, text
from app.settlement.carrying import uncarried_charge
from app.settlement.collecting import what_paid
from app.settlement.funds_first import paid_from_funds
from app.settlement.host import ChannelHost
from app.settlement.links import collected_by, move, prepaid_link
from app.settlement.models import ChannelBinding, Settlement, SettlementState
from app.settlement.queries import paying_link


async def lock_accounts_of(settlement_ids: Collection[UUID]) -> None:
    """Lock the accounts of settlements that are to be changed one after the other, in the order in which everybody
    does."""
    sides = await Settlement.filter(id__in=settlement_ids).values_list("account_id", "payer_id")
    await lock_accounts({account_id for both in sides for account_id in both})


async def retry(settlement_id: UUID, actor: Actor) -> Settlement:
    """Hand a charge that needs attention to its channel once more; the channel's deadline still holds.

    Raises:
        NotFound: there is no such settlement.
        SettlementConflict: it does not need attention.
    """
    settlement, account = await _needing_attention(settlement_id)
    settlement.state, settlement.next_attempt_at = SettlementState.PENDING, clock.now()
    await settlement.save(update_fields=["state", "next_attempt_at"])
    await _record(account, settlement, "settlement.retried", actor, SettlementState.NEEDS_ATTENTION)
    return settlement


async def move_to_paying_channel(
    host: ChannelHost, settlement_id: UUID, confirm_uncollected: bool, reason: str, actor: Actor
) -> Settlement:
    """Let the channel that pays for the account now collect a charge that another could not; where that cannot collect
    it either, the account's prepaid balance.

    Raises:
        NotFound: there is no such settlement.
        SettlementConflict: it does not need attention; it was raised for the channel that pays now; vouchers and cards
            paid it; or it may have been collected, and ``confirm_uncollected`` does not say that somebody made sure it
            was not.
        InvalidInput: the reason is empty or too long.
        UnknownChannel, ChannelUnavailable: the channel is not there, or failed.
    """
    settlement, account = await _needing_attention(settlement_id)
    if settlement.uncertain and await paid_from_funds(host, settlement.channel, [settlement.charge_id]):
        raise SettlementConflict(
            reason_en="vouchers and cards of the account paid it already: note that instead",
            reason_zh="该账户的代金券或储值卡已支付该账单：请改为登记收款",
            operations=("settleByHand",),
            path=("settlementId",),
        )
    link = await paying_link(account.id)
    if link is None or not _collects(host, link, settlement.charge):
        link = await prepaid_link(host, account)
    if link.id == settlement.binding_id or not _collects(host, link, settlement.charge):
        raise SettlementConflict(
            reason_en="no other channel can collect it from the account now",
            reason_zh="该账户目前没有其他可收取该账单的结算方式",
            path=("settlementId",),
        )
    if settlement.uncertain and not confirm_uncollected:
        raise SettlementConflict(
            reason_en="it may have been collected: look at the provider's record, then confirm that it was not",
            reason_zh="该账单可能已被扣收：请先核对服务商记录，再确认未扣收",
            path=("confirmUncollected",),
        )
    settlement.uncertain = False
    await move(settlement, link, actor, explanation(reason))
    return settlement


async def settle_by_hand(
    host: ChannelHost, settlement_id: UUID, provider_reference: str, reason: str, actor: Actor
) -> Settlement:
    """Note that a charge that needs attention was collected, with the record that proves it: by its channel, or, where
    an answer was lost, by vouchers and cards instead of it.

    Raises:
        NotFound: there is no such settlement.
        SettlementConflict: it does not need attention, or is of a prepaid balance, which could pay it and did not.
        InvalidInput: the reference or the reason is empty or too long.
        UnknownChannel, ChannelUnavailable: the channel is not there, or failed.
    """
    settlement, account = await _needing_attention(settlement_id)
    if settlement.uncertain and await paid_from_funds(host, settlement.channel, [settlement.charge_id]):
        await collected_by(settlement, await prepaid_link(host, account))
    elsewhere = uncarried_charge(host, settlement.channel, settlement.charge) is not None
    paid = await what_paid(host, settlement.channel, [settlement.charge], elsewhere)
    if settlement.charge_id not in paid:
        raise SettlementConflict(
            reason_en="the prepaid balance has not paid it: let it be collected again",
            reason_zh="预付余额尚未支付该账单：请重新收取",
            operations=("retrySettlement",),
            path=("settlementId",),
        )
    settlement.provider_reference = text(provider_reference, "providerReference", 200)
    settlement.reason = explanation(reason)
    settlement.state, settlement.uncertain, settlement.settled_at = SettlementState.SETTLED, False, account.now()
    await settlement.save()
    collected = ledger.Collected(
        settlement.charge,
        settlement.payer_id,
        settlement.channel,
        settlement.settled_at,
        paid[settlement.charge_id],
    )
    await ledger.charges_settled([collected])
    await _record(account, settlement, "settlement.settled", actor, SettlementState.NEEDS_ATTENTION)
    return settlement


async def _needing_attention(settlement_id: UUID) -> tuple[Settlement, Account]:
    found = await Settlement.get_or_none(id=settlement_id)
    if found is None:
        raise NotFound(what="settlement", path=("settlementId",))
    await lock_accounts([found.account_id, found.payer_id])
    account = await lock_account(found.account_id)
    locked = Settlement.filter(id=settlement_id).select_for_update(of=("settlement",))
    settlement = await locked.select_related("charge__plan", "binding").get()
    if settlement.state != SettlementState.NEEDS_ATTENTION:
        raise SettlementConflict(
            reason_en=f"it is {settlement.state.en}, and does not need attention",
            reason_zh=f"其状态为“{settlement.state.zh}”，无需处理",
            path=("settlementId",),
        )
    return settlement, account


def _collects(host: ChannelHost, link: ChannelBinding, charge: Charge) -> bool:
    return uncarried_charge(host, link.channel, charge) is None


async def _record(account: Account, settlement: Settlement, type: str, actor: Actor, before: SettlementState) -> None:
    await record(
        account.id,
        account.now(),
        type,
        actor,
        before={"charge": str(settlement.charge_id), "state": before},
        after={"state": settlement.state, "channel": settlement.channel},
        reason=settlement.reason,
    )
