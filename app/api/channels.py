"""Settlement channels, and which one pays for an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from app.accounts.models import ADMINISTRATORS
from app.accounts.models import Account as AccountRow
from app.api.context import Info
from app.api.enums import BindingEnd, BindingState, ChannelCapability, ChannelHealth
from app.api.fields import View, argument, column
from app.api.mutation import mutation
from app.api.node import Node
from app.api.owned import LazyAccount, OfAccount
from app.api.pagination import listed
from app.api.throttles import codes
from app.errors import (
    BindingRejected,
    ChannelChangeTooSoon,
    ChannelUnavailable,
    InvalidInput,
    StepOutOfOrder,
    UnknownChannel,
)
from app.events.recording import Actor
from app.journey.channels import Asked, ask_channel, changeable_from, choose_channel
from app.settlement.channels import ChannelListing, list_channels
from app.settlement.configurations import localized
from app.settlement.models import ChannelBinding as BindingRow
from app.settlement.queries import bound_channel


@strawberry.type(description="A way to pay, brought by a plugin.")
class SettlementChannel(View):
    """A channel as it is installed."""

    row: strawberry.Private[ChannelListing]

    key: str = column("Its key, for chooseSettlementChannel.")

    @strawberry.field(description="Its name, in the language of Accept-Language; null if its plugin failed to load.")
    def name(self, info: Info) -> str | None:
        return self.row.display_name.get(info.context.locale)

    version: str = column("The version of its plugin.")
    capabilities: list[ChannelCapability] = column("What it can do.")
    currencies: list[str] = column("The currencies that it pays in, ISO 4217.")

    @strawberry.field(
        description="JSON Schema (2020-12) of the configuration that chooseSettlementChannel takes for it, with titles "
        "and descriptions in the language of Accept-Language."
    )
    def configuration_schema(self, info: Info) -> JSON | None:
        schema = self.row.configuration_schema
        return None if schema is None else JSON(localized(schema, info.context.locale))

    purchase_url: str | None = column(
        "Where a customer buys what it asks for, such as a marketplace's page; null: nowhere."
    )
    health: ChannelHealth = column("Whether it works.")

    @strawberry.field(description="What is wrong with it, in the plugin's own words: for staff, else null.")
    async def reason(self, info: Info) -> str | None:
        viewer = await info.context.viewer()
        return self.row.reason if viewer is not None and viewer.staff_roles else None


@strawberry.type(description="That a settlement channel was chosen for an account.")
class SettlementBinding(Node, table=BindingRow):
    """A row of ``channel_binding``."""

    channel: str = column("The channel's key.")
    state: BindingState = column("Whether the channel pays.")
    external_reference: str | None = column("The channel's own name for the account.")
    continue_url: str | None = column("Where a pending binding goes on.")
    created_at: datetime = column("When it was chosen.")
    ended_by: BindingEnd | None = column("Why the provider ended the link, if it did.")
    bound_at: datetime | None = column("Since when it pays.")


@strawberry.type
class ChannelOfAccount(OfAccount):
    """How an account pays."""

    @strawberry.field(description="The channel that pays for the account, or the one that waits for its provider.")
    async def settlement_binding(self) -> SettlementBinding | None:
        return SettlementBinding.maybe(await bound_channel(self.row.id))

    settlement_bindings = listed(SettlementBinding, "Every channel that was chosen, past and present.")

    @strawberry.field(
        description="From when on another channel may be chosen, on the account's clock: it may change once in a "
        "calendar month. Null: now."
    )
    async def channel_changeable_from(self) -> datetime | None:
        return await changeable_from(self.row)


@strawberry.type
class ChannelQueries:
    """For everyone."""

    @strawberry.field(description="Every installed settlement channel, the failed ones with their reason.")
    async def settlement_channels(self, info: Info) -> list[SettlementChannel]:
        return [SettlementChannel.of(listing) for listing in await list_channels(info.context.host)]


async def _ask(
    info: Info, account: AccountRow, channel: str, configuration: object = None
) -> Callable[[], Awaitable[Asked | None]]:
    return await ask_channel(info.context.host, account, channel, _settings(configuration))


def _settings(configuration: object) -> dict[str, Any]:
    if configuration is None:
        return {}
    if not isinstance(configuration, dict):
        raise InvalidInput(
            reason_en="configuration must be a JSON object",
            reason_zh="configuration 必须是 JSON 对象",
            path=("configuration",),
        )
    return configuration


@strawberry.type
class ChannelMutations:
    """For administrators."""

    @mutation(
        StepOutOfOrder,
        UnknownChannel,
        ChannelUnavailable,
        BindingRejected,
        ChannelChangeTooSoon,
        description="Choose how to pay. When the channel is bound, a pending upgrade takes effect.",
        done="The channel is chosen; when it is bound, the upgrade has taken effect.",
        answers={
            "account": (LazyAccount, "The account."),
            "binding": (SettlementBinding, "The link between account and channel."),
        },
        member=ADMINISTRATORS,
        lane="outward",
        outside=_ask,
        throttled=codes,
    )
    async def choose_settlement_channel(
        self,
        info: Info,
        account: AccountRow,
        actor: Actor,
        channel: Annotated[str, argument("The key of a settlement channel.")],
        configuration: Annotated[JSON | None, argument("What the channel's configurationSchema asks for.")] = None,
        answer: Asked | None = None,
    ) -> tuple[AccountRow, BindingRow]:
        host = info.context.host
        return account, await choose_channel(host, account, channel, _settings(configuration), answer, actor)
