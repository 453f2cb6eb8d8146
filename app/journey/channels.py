"""An account chooses how to pay, and its provider confirms or ends the link."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from settlement_spec import BindRequest, BindResult, BindState, Capability
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.closing.days import catch_up
from app.constants import DEFAULT_ZONE
from app.contracts.queries import currencies_of_instalments
from app.discounts.queries import live_discounts
from app.errors import BindingRejected, ChannelChangeTooSoon, ChannelUnavailable, StepOutOfOrder
from app.events.models import ActorKind
from app.events.recording import Actor, record
from app.journey.upgrading import channel_bound
from app.journey.ways import require
from app.settlement import links
from app.settlement.carrying import Uncarried, instalments, load_of, uncarried
from app.settlement.configurations import check_configuration
from app.settlement.host import ChannelHost
from app.settlement.links import replace_link
from app.settlement.locks import unlock
from app.settlement.models import BindingState, ChannelBinding
from app.settlement.queries import paying_link
from app.settlement.refusals import refused_as
from app.steps import NextAction
from app.upgrades.advancing import plan_ahead
from app.upgrades.models import UpgradeState
from app.upgrades.pricing import plans_from
from app.upgrades.queries import current_upgrade
from app.usage.queries import day_quantity

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """What a channel answered when it was asked to bind, and the link that waited for that."""

    binding_id: UUID
    result: BindResult

    async def abandon(self) -> None:
        """The choice came to nothing: the link does not wait for its provider any more."""
        await ChannelBinding.filter(id=self.binding_id, state=BindingState.PENDING).delete()


async def ask_channel(
    host: ChannelHost, account: Account, channel: str, configuration: dict[str, Any]
) -> Callable[[], Awaitable[Asked | None]]:
    """The first step of choosing a channel, for a locked account: whether it may, and that the choice waits.

    The channel is asked by what this answers, when transaction and lock have ended; ``choose_channel`` is the next.
    A provider that confirms in between finds the link that waits.

    Raises:
        See ``choose_channel``.
    """
    if await _chosen_already(host, account, channel, configuration):
        return _nobody
    binding = await ChannelBinding.create(
        account_id=account.id,
        channel=channel,
        state=BindingState.PENDING,
        configuration=configuration,
        created_at=account.now(),
    )
    request = BindRequest(account.id, account.name, configuration, account.now())

    async def ask() -> Asked:
        try:
            with refused_as(BindingRejected, "configuration"):
                result = await host.call(channel, lambda bindable: bindable.bind(request), may_refuse=True)
        except BaseException:
            await ChannelBinding.filter(id=binding.id, state=BindingState.PENDING).delete()
            raise
        return Asked(binding.id, result)

    return ask


async def choose_channel(
    host: ChannelHost,
    account: Account,
    channel: str,
    configuration: dict[str, Any],
    asked: Asked | None,
    actor: Actor,
) -> ChannelBinding:
    """Let ``channel`` pay for the account from now on; a pending upgrade takes effect when the channel is bound.

    Raises:
        StepOutOfOrder: no edition is chosen or offered, or the agreement is not accepted.
        UnknownChannel, ChannelUnavailable: there is no such channel, or it failed, or another was chosen meanwhile.
        BindingRejected: the channel refused the configuration, or cannot collect what the account will be charged; or
            the account has a live subscription at a cloud.
        ChannelChangeTooSoon: the channel was changed in this calendar month already.
    """
    bound = await _chosen_already(host, account, channel, configuration)
    if bound is not None:
        await _give_up_waiting(account)
        await unlock(account, actor)
        await channel_bound(account, actor)
        return bound
    binding = await ChannelBinding.get_or_none(id=asked.binding_id, state=BindingState.PENDING) if asked else None
    if asked is None or binding is None:
        raise ChannelUnavailable(
            channel=channel,
            reason=("another choice was made meanwhile", "期间已选择了其他方式"),
            path=("channel",),
        )
    await _give_up_waiting(account, but=binding.id)
    before = await paying_link(account.id)
    binding.external_reference, binding.continue_url = asked.result.external_reference, asked.result.continue_url
    await binding.save(update_fields=["external_reference", "continue_url"])
    await record(
        account.id,
        account.now(),
        "settlement.channel_chosen",
        actor,
        before={"channel": before.channel} if before else None,
        after={"channel": channel},
    )
    if asked.result.state == BindState.BOUND:
        await pay_from_now_on(host, account, binding, actor)
    return binding


async def _nobody() -> None:
    return None


async def _chosen_already(
    host: ChannelHost, account: Account, channel: str, configuration: dict[str, Any]
) -> ChannelBinding | None:
    """The account's link, if it is this one already; else whether it may be chosen."""
    host.channel(channel)
    upgrade = await current_upgrade(account.id)
    await require(account, before=NextAction.CHOOSE_SETTLEMENT_CHANNEL)
    if uncollectable := await cannot_collect(host, account, channel):
        raise BindingRejected(
            reason_en=f"it cannot collect {uncollectable.en}. Choose another channel.",
            reason_zh=f"它无法收取{uncollectable.zh}。请选择其他结算方式。",
            path=("channel",),
        )
    bound = await paying_link(account.id)
    if bound is not None and (bound.channel, bound.configuration) == (channel, configuration):
        return bound
    check_configuration(host.describe(channel).configuration_schema, configuration)
    if bound is not None and not bound.change_allowed:
        _check_subscription(host, bound, channel)
        await _check_change(account, upgrade.plan.time_zone if upgrade else DEFAULT_ZONE)
    return None


def _check_subscription(host: ChannelHost, bound: ChannelBinding, channel: str) -> None:
    """The vendor's rule: a live cloud subscription is not left for another channel. Staff can lift it."""
    plugin = host.plugins.get(bound.channel)
    about = plugin.description if plugin else None
    if bound.channel == channel or about is None or Capability.EXTERNAL_SUBSCRIPTION not in about.capabilities:
        return
    raise BindingRejected(
        reason_en=f"the account has a live subscription at {about.display_name['en']}. Unsubscribe there first.",
        reason_zh=f"该账户在{about.display_name['zh']}的订阅仍然有效。请先在该平台退订。",
        path=("channel",),
    )


async def changeable_from(account: Account) -> datetime | None:
    """From when on an account may choose another channel, if it changed in this calendar month; ``None``: now."""
    bound = await paying_link(account.id)
    if bound is None or bound.change_allowed:
        return None
    upgrade = await current_upgrade(account.id)
    return await _changeable_from(account, upgrade.plan.time_zone if upgrade else DEFAULT_ZONE)


async def _changeable_from(account: Account, zone: str) -> datetime | None:
    first = clock.local_day(account.now(), zone).replace(day=1)
    changed = ChannelBinding.filter(
        account_id=account.id, ended_by__isnull=True, unbound_at__gte=clock.day_start(first, zone)
    )
    if not await changed.exists():
        return None
    return clock.day_start(clock.next_month(first), zone).astimezone(ZoneInfo(zone))


async def _check_change(account: Account, zone: str) -> None:
    if (allowed := await _changeable_from(account, zone)) is not None:
        raise ChannelChangeTooSoon(allowed_at=allowed, path=("channel",))


async def _give_up_waiting(account: Account, but: UUID | None = None) -> None:
    """Whatever was chosen before, and waits for its provider, does not pay any more when that confirms it."""
    waiting = ChannelBinding.filter(account_id=account.id, state=BindingState.PENDING)
    if but is not None:
        waiting = waiting.exclude(id=but)
    await waiting.update(state=BindingState.UNBOUND)


async def allow_channel_change(account: Account, actor: Actor) -> ChannelBinding:
    """Lift the rule of one change a month for the account's next change.

    Raises:
        StepOutOfOrder: no channel pays for the account yet, so that nothing hinders it.
    """
    bound = await paying_link(account.id)
    if bound is None:
        raise StepOutOfOrder(missing_step=NextAction.CHOOSE_SETTLEMENT_CHANNEL)
    if not bound.change_allowed:
        bound.change_allowed = True
        await bound.save(update_fields=["change_allowed"])
        await record(
            account.id, account.now(), "settlement.channel_change_allowed", actor, after={"channel": bound.channel}
        )
    return bound


async def confirm(host: ChannelHost, account_id: UUID, channel: str, external_reference: str | None) -> None:
    """The provider confirmed a pending link: the channel pays from now on; nothing where this one is not pending.

    Nor if a contract was accepted meanwhile whose instalments the channel cannot collect.
    """
    async with in_transaction():
        account = await lock_account(account_id)
        named = Q(external_reference=external_reference) | Q(external_reference__isnull=True)
        pending = ChannelBinding.filter(named, account_id=account.id, channel=channel, state=BindingState.PENDING)
        binding = await pending.order_by("-id").first()
        if binding is None:
            return
        if uncollectable := await cannot_collect(host, account, channel):
            log.error(
                "channel %s does not pay for account %s: it cannot collect %s", channel, account.id, uncollectable.en
            )
            return
        binding.external_reference = external_reference
        await pay_from_now_on(host, account, binding, Actor(ActorKind.SYSTEM, channel))


async def settle_soon(account_id: UUID, channel: str, external_reference: str | None, until: datetime) -> None:
    """A link is about to end: let the channel collect by ``until`` what it is to collect, today's usage included.

    The day that runs is closed, if something was used of it: what is used of it later is for whoever pays then.
    """
    async with in_transaction():
        account = await lock_account(account_id)
        bound = await paying_link(account.id)
        if bound is not None and (bound.channel, bound.external_reference) == (channel, external_reference):
            await catch_up(account, running=await used_today(account))
        await links.settle_soon(account_id, channel, external_reference, until)


async def used_today(account: Account) -> bool:
    """Whether anything of what the account is billed by was used in the billing day that runs."""
    upgrade = await current_upgrade(account.id)
    if upgrade is None:
        return False
    today, zone = clock.local_day(account.now(), upgrade.plan.time_zone), upgrade.plan.time_zone
    return await day_quantity(account.id, upgrade.plan.meter, today, zone) > 0


async def pay_from_now_on(host: ChannelHost, account: Account, binding: ChannelBinding, actor: Actor) -> None:
    """``binding``, which was chosen, is the account's link from now on, and a pending upgrade takes effect.

    Not one whose agreement has a newer version meanwhile: it takes effect when that is accepted.
    """
    await replace_link(host, account, binding, actor)
    await unlock(account, actor)
    await channel_bound(account, actor)


async def cannot_collect(host: ChannelHost, account: Account, channel: str) -> Uncarried | None:
    """What an account is yet to be charged that ``channel`` cannot collect, if there is any.

    Raises:
        UnknownChannel, ChannelUnavailable: there is no such channel, or it failed to load.
    """
    for currency in await currencies_of_instalments(account.id):
        if found := uncarried(host, channel, instalments(currency)):
            return Uncarried(f"the contract's {found.en}", f"合同的{found.zh}")
    upgrade = await current_upgrade(account.id)
    if upgrade is None or upgrade.state == UpgradeState.ENDED:
        return None
    today = clock.local_day(account.now(), upgrade.plan.time_zone)
    discounted = bool(await live_discounts(account.id, today))
    lapsed = upgrade.state == UpgradeState.LAPSED
    for plan in [await plan_ahead(account, upgrade)] if lapsed else await plans_from(upgrade, today):
        if found := uncarried(host, channel, load_of(plan, discounted)):
            return Uncarried(f"the price plan's {found.en}", f"价格方案的{found.zh}")
    return None
