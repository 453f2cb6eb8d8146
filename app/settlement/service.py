"""Choosing a settlement channel, and what the channels can say of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from settlement_spec import (
    BindingRejected as ChannelRefusal,
)
from settlement_spec import (
    BindRequest,
    BindState,
    HealthStatus,
)

from app.accounts.models import Account
from app.agreements.service import accepted_current
from app.applications.standing import ZONE, may_choose_channel
from app.editions.keys import UpgradeState
from app.editions.models import Upgrade
from app.editions.service import current_upgrade, take_effect
from app.errors import (
    BindingRejected,
    ChannelChangeTooSoon,
    ChannelUnavailable,
    StepOutOfOrder,
)
from app.events.recording import Actor, record
from app.settlement.host import ChannelHost
from app.settlement.links import cannot_collect, pay_from_now_on
from app.settlement.models import BindingState, ChannelBinding

T = TypeVar("T")


@dataclass(frozen=True)
class ChannelListing:
    """A channel as it is installed; ``reason`` says what is wrong with it, if anything is."""

    key: str
    display_name: dict[str, str]
    version: str
    capabilities: list[str]
    currencies: list[str]
    configuration_schema: dict[str, Any] | None
    health: str
    reason: str | None


async def list_channels(host: ChannelHost) -> list[ChannelListing]:
    """Every installed channel, the failed ones with their reason."""
    return [await _listing(host, key) for key in host.plugins]


async def bound_channel(account_id: UUID) -> ChannelBinding | None:
    """The binding that pays for the account, or else the newest one that waits for the provider."""
    live = ChannelBinding.filter(account_id=account_id, state__in=(BindingState.BOUND, BindingState.PENDING))
    return await live.order_by("state", "-id").first()


async def choose_channel(
    host: ChannelHost, account: Account, channel: str, configuration: dict[str, Any], actor: Actor
) -> ChannelBinding:
    """Let ``channel`` pay for the account from now on; a pending upgrade takes effect when the channel is bound.

    Raises:
        StepOutOfOrder: no edition is chosen or offered, or the agreement is not accepted.
        UnknownChannel, ChannelUnavailable: there is no such channel, or it failed.
        BindingRejected: the channel refused the configuration, or cannot collect what the account will be charged.
        ChannelChangeTooSoon: the channel was changed in this calendar month already.
    """
    host.channel(channel)
    upgrade = await current_upgrade(account.id)
    await _refuse_early(account, upgrade)
    if lacking := await cannot_collect(host, account, channel):
        raise BindingRejected(
            reason_en=f"it cannot collect {lacking.en}. Choose another channel.",
            reason_zh=f"它无法收取{lacking.zh}。请选择其他结算方式。",
            path=("channel",),
        )
    bound = await ChannelBinding.get_or_none(account_id=account.id, state=BindingState.BOUND)
    if bound is not None and (bound.channel, bound.configuration) == (channel, configuration):
        if upgrade is not None and upgrade.state == UpgradeState.CHANNEL_PENDING:
            await take_effect(account, upgrade, actor)
        return bound
    _check_configuration(host, channel, configuration)
    if bound is not None and not bound.change_allowed:
        await _check_change(account, upgrade.plan.time_zone if upgrade else ZONE)
    binding, state = await _bind(host, account, channel, configuration)
    await record(
        account.id,
        account.now(),
        "settlement.channel_chosen",
        actor,
        before={"channel": bound.channel} if bound else None,
        after={"channel": channel},
    )
    if state == BindState.BOUND:
        await pay_from_now_on(host, account, binding, actor)
    return binding


async def allow_channel_change(account: Account, actor: Actor) -> ChannelBinding:
    """Lift the rule of one change a month for the account's next change.

    Raises:
        StepOutOfOrder: no channel pays for the account yet, so that nothing hinders it.
    """
    bound = await ChannelBinding.get_or_none(account_id=account.id, state=BindingState.BOUND)
    if bound is None:
        raise StepOutOfOrder(missing_step="CHOOSE_SETTLEMENT_CHANNEL")
    if not bound.change_allowed:
        bound.change_allowed = True
        await bound.save(update_fields=["change_allowed"])
        await record(
            account.id, account.now(), "settlement.channel_change_allowed", actor, after={"channel": bound.channel}
        )
    return bound


async def _refuse_early(account: Account, upgrade: Upgrade | None) -> None:
    if await may_choose_channel(account):
        if not await accepted_current(account):
            raise StepOutOfOrder(missing_step="ACCEPT_AGREEMENT")
    elif upgrade is None or upgrade.state == UpgradeState.ENDED:
        raise StepOutOfOrder(missing_step="CHOOSE_EDITION")
    elif upgrade.state == UpgradeState.AGREEMENT_PENDING:
        raise StepOutOfOrder(missing_step="ACCEPT_AGREEMENT")


def _check_configuration(host: ChannelHost, channel: str, configuration: dict[str, Any]) -> None:
    error = best_match(Draft202012Validator(host.describe(channel).configuration_schema).iter_errors(configuration))
    if error is None:
        return
    where = tuple(str(part) for part in error.absolute_path)
    named = ".".join(("configuration", *where))
    raise BindingRejected(
        reason_en=f"{error.message}. See the channel's configurationSchema.",
        reason_zh=f"{named} 不符合规则 {error.validator}。请参照该结算方式的 configurationSchema。",
        path=("configuration", *where),
    )


async def _check_change(account: Account, zone: str) -> None:
    local = account.now().astimezone(ZoneInfo(zone))
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    changed = ChannelBinding.filter(account_id=account.id, ended_by__isnull=True, unbound_at__gte=month)
    if await changed.exists():
        allowed = (month + timedelta(days=32)).replace(day=1)
        raise ChannelChangeTooSoon(allowed_at=allowed.isoformat(), path=("channel",))


async def _bind(
    host: ChannelHost, account: Account, channel: str, configuration: dict[str, Any]
) -> tuple[ChannelBinding, BindState]:
    request = BindRequest(account.id, account.name, configuration, account.now())
    try:
        result = await host.call(channel, lambda bindable: bindable.bind(request))
    except ChannelRefusal as refusal:
        raise BindingRejected(
            reason_en=refusal.en, reason_zh=refusal.zh, path=("configuration", refusal.field)
        ) from None
    waiting = ChannelBinding.filter(account_id=account.id, state=BindingState.PENDING)
    await waiting.update(state=BindingState.UNBOUND)
    binding = await ChannelBinding.create(
        account_id=account.id,
        channel=channel,
        state=BindingState.PENDING,
        configuration=configuration,
        external_reference=result.external_reference,
        continue_url=result.continue_url,
        created_at=account.now(),
    )
    return binding, result.state


async def _listing(host: ChannelHost, key: str) -> ChannelListing:
    plugin = host.plugins[key]
    if plugin.channel is None or plugin.description is None:
        return ChannelListing(key, {}, plugin.version, [], [], None, "FAILED", plugin.failure)
    about = plugin.description
    try:
        health = await host.call(key, lambda channel: channel.health())
        status, reason = str(health.status), health.message
    except ChannelUnavailable as error:
        status, reason = str(HealthStatus.UNHEALTHY), str(error.params["reason"])
    return ChannelListing(
        key,
        dict(about.display_name),
        plugin.version,
        sorted(about.capabilities),
        sorted(about.currencies),
        dict(about.configuration_schema),
        status,
        reason or None,
    )
