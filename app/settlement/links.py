"""The link between an account and the channel that pays for it: made, ended, and what falls back when it ends."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from settlement_spec import BindingEnd, BindRequest, BindState, PrepaidBalance
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.errors import CannotStart, ChannelUnavailable
from app.events.models import ActorKind
from app.events.recording import SYSTEM, Actor, record
from app.settings import get_settings
from app.settlement.host import ChannelHost
from app.settlement.locks import lock_if_so_set
from app.settlement.models import BindingState, ChannelBinding, Settlement, SettlementState
from app.settlement.queries import paying_link
from app.settlement.sharing import payer_of

log = logging.getLogger(__name__)


async def end(
    host: ChannelHost, account_id: UUID, channel: str, external_reference: str | None, ended: BindingEnd, reason: str
) -> None:
    """The provider ended a link. If it paid, the fallback channel pays from now on, for what is open too.

    What may have been collected already stays, and needs attention: staff compare it with the provider's record.
    """
    async with in_transaction():
        account = await lock_account(account_id)
        links = ChannelBinding.filter(account_id=account.id, channel=channel, external_reference=external_reference)
        for binding in await links.exclude(state=BindingState.UNBOUND):
            paid = binding.state == BindingState.BOUND
            await _unbind(binding, account.now(), ended)
            await record(
                account.id,
                account.now(),
                "settlement.channel_unlinked",
                Actor(ActorKind.SYSTEM, channel),
                before={"channel": channel},
                after={"endedBy": ended},
                reason=reason[:500],
            )
            if paid:
                await _fall_back(host, account)
                if ended == BindingEnd.UNSUBSCRIBED:
                    await lock_if_so_set(account, channel)
        ended_links = await links.filter(ended_by__isnull=False).values_list("id", flat=True)
        open_ones = Settlement.filter(
            binding_id__in=ended_links, state__in=(SettlementState.PENDING, SettlementState.NEEDS_ATTENTION)
        )
        await move_to_bound(await open_ones.select_for_update(of=("settlement",)).select_related("binding"))


async def settle_soon(account_id: UUID, channel: str, external_reference: str | None, until: datetime) -> None:
    """Let the link's open charges be tried at once, and not after ``until``."""
    links = ChannelBinding.filter(account_id=account_id, channel=channel, external_reference=external_reference)
    due = Settlement.filter(binding_id__in=await links.values_list("id", flat=True), state=SettlementState.PENDING)
    await due.update(next_attempt_at=clock.now(), deadline=until)


async def replace_link(host: ChannelHost, account: Account, binding: ChannelBinding, actor: Actor) -> None:
    before = await paying_link(account.id)
    if before is not None and before.id != binding.id:
        await _unbind(before, account.now())
        if before.channel != binding.channel:
            await _tell_unbound(host, before)
    binding.state = BindingState.BOUND
    binding.bound_at = account.now()
    await binding.save()
    await record(
        account.id,
        account.now(),
        "settlement.channel_bound",
        actor,
        before={"channel": before.channel} if before else None,
        after={"channel": binding.channel},
    )


async def move_to_bound(settlements: Iterable[Settlement]) -> None:
    """Let those whose link the provider ended, and that are certainly not collected, be collected by whoever pays now.

    The rows are to be locked, with their ``binding`` read.
    """
    for settlement in settlements:
        if settlement.uncertain or settlement.binding.ended_by != BindingEnd.UNSUBSCRIBED:
            continue
        bound = await paying_link(settlement.account_id)
        if bound is not None:
            await move(settlement, bound, SYSTEM, "the customer unsubscribed at the provider")


async def collected_by(settlement: Settlement, binding: ChannelBinding) -> None:
    """Note that another link of its account collected a charge than the one that was to."""
    settlement.binding_id, settlement.channel = binding.id, binding.channel
    await settlement.save(update_fields=["binding_id", "channel"])


async def move(settlement: Settlement, binding: ChannelBinding, actor: Actor, reason: str) -> None:
    """Let a charge be collected through another link of its account, on record."""
    before = settlement.channel
    settlement.binding_id, settlement.channel = binding.id, binding.channel
    settlement.payer_id = await payer_of(settlement.charge_id, settlement.account_id, binding.channel)
    settlement.state, settlement.reason, settlement.deadline = SettlementState.PENDING, None, None
    settlement.next_attempt_at, settlement.claimed_until, settlement.attempts = clock.now(), None, 0
    await settlement.save()
    await _follow(settlement)
    account = await Account.get(id=settlement.account_id)
    await record(
        account.id,
        account.now(),
        "settlement.moved",
        actor,
        before={"charge": str(settlement.charge_id), "channel": before},
        after={"channel": binding.channel},
        reason=reason,
    )


async def _follow(moved: Settlement) -> None:
    """Let what gives money back of a charge, and waits for its collecting, go to who is to pay it now."""
    back = Settlement.filter(charge__corrects_id=moved.charge_id, charge__amount_minor__lt=0)
    for one in await back.exclude(state=SettlementState.SETTLED):
        one.payer_id = await payer_of(one.charge_id, one.account_id, one.channel)
        await one.save(update_fields=["payer_id"])


async def prepaid_link(host: ChannelHost, account: Account) -> ChannelBinding:
    """The account's link with the fallback channel, which does not pay for anything by that.

    Raises:
        ChannelUnavailable: there is none, or it fails.
    """
    key = fallback_channel(host)
    if key is None:
        raise ChannelUnavailable(channel="", reason=("no channel has a prepaid balance", "没有提供预付余额的结算方式"))
    known = await ChannelBinding.filter(account_id=account.id, channel=key).order_by("-id").first()
    if known is not None:
        return known
    binding, _ = await _linked(host, account, key)
    binding.state = BindingState.UNBOUND
    await binding.save()
    return binding


def fallback_channel(host: ChannelHost) -> str | None:
    """The channel that pays when a provider ends a link: the one in the settings, or the first prepaid one."""
    prepaid = host.implementing(PrepaidBalance)
    return get_settings().fallback_channel or (prepaid[0] if prepaid else None)


def check_named_channels(host: ChannelHost) -> None:
    """See that the channels named in the settings are installed. Where a plugin failed to load it may be that one's.

    Raises:
        CannotStart: one is not.
    """
    settings, failed = get_settings(), len(host.loaded()) < len(host.plugins)
    named = [
        ("FALLBACK_CHANNEL", settings.fallback_channel),
        *(("LOCKING_CHANNELS", key) for key in settings.locking()),
    ]
    for name, key in named:
        if key is not None and key not in host.plugins and not failed:
            raise CannotStart(f"BILLING_{name} must be one of {', '.join(host.loaded())}, not {key}")


async def _fall_back(host: ChannelHost, account: Account) -> None:
    key = fallback_channel(host)
    if key is None:
        log.error("no channel is left to pay for account %s: its charges wait", account.id)
        return
    binding, state = await _linked(host, account, key)
    if state != BindState.BOUND:
        raise ChannelUnavailable(channel=key, reason=("it cannot pay at once", "无法立即付款"))
    await replace_link(host, account, binding, SYSTEM)


async def _linked(host: ChannelHost, account: Account, key: str) -> tuple[ChannelBinding, BindState]:
    """A link with a channel that asks for no configuration, not saved yet, and what the channel answered."""
    request = BindRequest(account.id, account.name, {}, account.now())
    result = await host.call(key, lambda channel: channel.bind(request))
    binding = ChannelBinding(
        account_id=account.id,
        channel=key,
        configuration={},
        external_reference=result.external_reference,
        created_at=account.now(),
    )
    return binding, result.state


async def _unbind(binding: ChannelBinding, now: datetime, ended: BindingEnd | None = None) -> None:
    binding.state, binding.unbound_at, binding.ended_by = BindingState.UNBOUND, now, ended
    await binding.save(update_fields=["state", "unbound_at", "ended_by"])


async def _tell_unbound(host: ChannelHost, binding: ChannelBinding) -> None:
    try:
        await host.call(binding.channel, lambda channel: channel.unbind(binding.account_id))
    except ChannelUnavailable as error:
        log.warning("settlement channel %s was not notified that an account left it: %s", binding.channel, error)
