"""Choosing a settlement channel, and what the channels can say of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from jsonschema import Draft202012Validator
from settlement_spec import (
    BindingRejected as ChannelRefusal,
)
from settlement_spec import (
    BindRequest,
    BindState,
    Capability,
    HealthStatus,
    Money,
    PrepaidChannel,
    SettlementChannel,
    TopUp,
    TopUpRejected,
    TopUpState,
)

from app.accounts.models import Account
from app.editions.keys import UpgradeState
from app.editions.service import current_upgrade
from app.errors import (
    BindingRejected,
    ChannelChangeTooSoon,
    ChannelUnavailable,
    InvalidInput,
    NotFound,
    StepOutOfOrder,
    TopUpConflict,
)
from app.events.service import Actor, record
from app.settlement.host import ChannelHost
from app.settlement.links import pay_from_now_on
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
        StepOutOfOrder: no edition is chosen, or its agreement is not accepted.
        UnknownChannel, ChannelUnavailable: there is no such channel, or it failed.
        BindingRejected: the channel refused the configuration.
        ChannelChangeTooSoon: the channel was changed in this calendar month already.
    """
    host.channel(channel)
    upgrade = await current_upgrade(account.id)
    if upgrade is None:
        raise StepOutOfOrder(missing_step="CHOOSE_EDITION")
    if upgrade.state == UpgradeState.AGREEMENT_PENDING:
        raise StepOutOfOrder(missing_step="ACCEPT_AGREEMENT")
    bound = await ChannelBinding.get_or_none(account_id=account.id, state=BindingState.BOUND)
    if bound is not None and (bound.channel, bound.configuration) == (channel, configuration):
        return bound
    _check_configuration(host, channel, configuration)
    if bound is not None and not bound.change_allowed:
        await _check_change(account, upgrade.plan.time_zone)
    binding, state = await _bind(host, account, channel, configuration)
    await record(
        account,
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
        await record(account, "settlement.channel_change_allowed", actor, after={"channel": bound.channel})
    return bound


async def wallet_balance(host: ChannelHost, account_id: UUID) -> tuple[str, Money] | None:
    """The prepaid channel that pays for the account, and what is left there; ``None`` where it is not prepaid."""
    binding = await ChannelBinding.get_or_none(account_id=account_id, state=BindingState.BOUND)
    if binding is None or Capability.PREPAID_BALANCE not in host.describe(binding.channel).capabilities:
        return None
    return binding.channel, await _prepaid(host, binding.channel, lambda channel: channel.balance(account_id))


async def request_top_up(host: ChannelHost, account: Account, amount_minor: int, actor: Actor) -> TopUp:
    """Announce a bank transfer to the prepaid channel that pays for the account.

    Raises:
        StepOutOfOrder: no prepaid channel pays for the account.
        InvalidInput: the channel refuses the amount.
    """
    binding = await ChannelBinding.get_or_none(account_id=account.id, state=BindingState.BOUND)
    if binding is None or Capability.PREPAID_BALANCE not in host.describe(binding.channel).capabilities:
        raise StepOutOfOrder(missing_step="CHOOSE_SETTLEMENT_CHANNEL")
    currency = sorted(host.describe(binding.channel).currencies)[0]
    try:
        top_up: TopUp = await _prepaid(
            host,
            binding.channel,
            lambda channel: channel.request_top_up(account.id, Money(amount_minor, currency), account.now()),
        )
    except TopUpRejected as error:
        raise InvalidInput(reason=str(error), path=("amount",)) from None
    await record(account, "top_up.requested", actor, after={"topUp": str(top_up.id), "amountMinor": amount_minor})
    return top_up


async def find_top_up(host: ChannelHost, top_up_id: UUID) -> tuple[str, TopUp]:
    """A top-up, and the channel that has it.

    Raises:
        NotFound: no channel has it.
    """
    for key in prepaid_channels(host):
        for top_up in await _prepaid(host, key, lambda channel: channel.top_ups(id=top_up_id)):
            return key, top_up
    raise NotFound(what="top-up", path=("topUpId",))


async def list_top_ups(
    host: ChannelHost, account_id: UUID | None = None, state: TopUpState | None = None
) -> list[TopUp]:
    """The newest top-ups of one account, or of all, over every prepaid channel."""
    found: list[TopUp] = []
    for key in prepaid_channels(host):
        found += await _prepaid(host, key, lambda channel: channel.top_ups(account_id=account_id, state=state))
    return found


async def confirm_top_up(
    host: ChannelHost,
    account: Account,
    top_up: TopUp,
    channel: str,
    bank_reference: str,
    received_minor: int,
    actor: Actor,
) -> TopUp:
    """The transfer arrived. Confirming it again with the same reference and amount changes nothing.

    Raises:
        TopUpConflict: the channel refuses it (cancelled, confirmed with other data, reference used before).
    """
    received = Money(received_minor, top_up.amount.currency)
    confirmed = await _changed(
        host,
        channel,
        lambda prepaid: prepaid.confirm_top_up(top_up.id, bank_reference, received, actor.label, account.now()),
    )
    if top_up.state != confirmed.state:
        await record(
            account,
            "top_up.confirmed",
            actor,
            before={"topUp": str(top_up.id), "state": top_up.state},
            after={
                "state": confirmed.state,
                "bankReference": confirmed.bank_reference,
                "receivedMinor": received_minor,
            },
        )
    return confirmed


async def cancel_top_up(host: ChannelHost, account: Account, top_up: TopUp, channel: str, actor: Actor) -> TopUp:
    """The transfer will not come.

    Raises:
        TopUpConflict: it is confirmed already.
    """
    cancelled = await _changed(host, channel, lambda prepaid: prepaid.cancel_top_up(top_up.id))
    if top_up.state != cancelled.state:
        await record(
            account, "top_up.cancelled", actor, before={"topUp": str(top_up.id)}, after={"state": cancelled.state}
        )
    return cancelled


def prepaid_channels(host: ChannelHost) -> list[str]:
    """The keys of the loaded channels that have a prepaid balance."""
    return [key for key, plugin in host.plugins.items() if isinstance(plugin.channel, PrepaidChannel)]


async def _changed(host: ChannelHost, key: str, work: Any) -> TopUp:
    try:
        top_up: TopUp = await _prepaid(host, key, work)
    except TopUpRejected as error:
        raise TopUpConflict(reason=str(error), path=("topUpId",)) from None
    return top_up


async def _prepaid(host: ChannelHost, key: str, work: Any) -> Any:
    async def narrowed(channel: SettlementChannel) -> Any:
        if not isinstance(channel, PrepaidChannel):
            raise ChannelUnavailable(channel=key, reason="it has no prepaid balance")
        return await work(channel)

    return await host.call(key, narrowed)


def _check_configuration(host: ChannelHost, channel: str, configuration: dict[str, Any]) -> None:
    validator = Draft202012Validator(host.describe(channel).configuration_schema)
    for error in validator.iter_errors(configuration):
        where = tuple(str(part) for part in error.absolute_path)
        raise BindingRejected(
            reason_en=f"{error.message}. See the channel's configurationSchema.",
            reason_zh=f"{error.message}。请参照该结算方式的 configurationSchema。",
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
