"""The whole API: queries, mutations, subscriptions, and what every request passes through."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry
from strawberry.schema.config import StrawberryConfig

from app.accounts.models import Account as AccountRow
from app.accounts.models import Membership as MembershipRow
from app.accounts.models import StaffRole, TokenKind
from app.accounts.queries import find_accounts
from app.accounts.tokens import live_tokens
from app.api.accounts import Account
from app.api.alerts import AlertMutations
from app.api.application_mutations import ApplicationMutations
from app.api.applications import ApplicationQueries
from app.api.catalog import CatalogQueries
from app.api.enums import StaffRole as StaffRoleEnum
from app.api.enums import TopUpState
from app.api.errors import ERROR_TYPES
from app.api.events import Event, EventQueries
from app.api.identity import Membership, PersonalAccessToken, Session, User
from app.api.identity_mutations import IdentityMutations
from app.api.invoices import InvoiceMutations, InvoiceQueries
from app.api.journey_mutations import JourneyMutations
from app.api.ledger import LedgerMutations, LedgerQueries
from app.api.license_mutations import LicenseMutations
from app.api.limits import Limits
from app.api.masking import ShowRefusalsMaskTheRest
from app.api.node import Info, Node, decode_id, find_node, key_in
from app.api.notifications import NotificationMutations
from app.api.pagination import After, Before, Connection, First, Last, page
from app.api.scalars import SCALARS
from app.api.settlement_staff import SettlementMutations, SettlementQueries
from app.api.usage import DATA_KIT_IDS, DataKitIds, UsageMutations
from app.api.wallet_mutations import WalletMutations
from app.api.wallets import TopUp
from app.errors import InvalidInput, NotFound, PermissionDenied
from app.settlement.top_ups import list_top_ups

MOST_NODES = 100


@strawberry.type(description="The signed-in user, and what the user may see.")
class Viewer:
    """Whoever asks."""

    user: User = strawberry.field(description="The user.")
    memberships: list[Membership] = strawberry.field(description="The user's roles in accounts.")
    accounts: list[Account] = strawberry.field(description="The accounts that the user is a member of.")
    staff_roles: list[StaffRoleEnum] = strawberry.field(description="The user's roles as the vendor's staff.")

    @strawberry.field(description="The user's personal access tokens that work; what ended or was revoked is left out.")
    async def personal_access_tokens(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[PersonalAccessToken]:
        rows = live_tokens(self.user.record, TokenKind.PERSONAL)
        return await page(rows, PersonalAccessToken.of, first, after, last, before)

    @strawberry.field(description="Where the user is signed in.")
    async def sessions(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Session]:
        return await page(live_tokens(self.user.record, TokenKind.SESSION), Session.of, first, after, last, before)


@strawberry.type(description="Everything that can be read.")
class Query(CatalogQueries, EventQueries, InvoiceQueries, LedgerQueries, SettlementQueries, ApplicationQueries):
    """Queries."""

    @strawberry.field(description="The signed-in user; null without a valid token.")
    async def viewer(self, info: Info) -> Viewer | None:
        viewer = await info.context.viewer()
        if viewer is None:
            return None
        memberships = await MembershipRow.filter(user_id=viewer.user.id).order_by("id").select_related("account")
        return Viewer(
            user=User.of(viewer.user),
            memberships=[Membership.of(row) for row in memberships],
            accounts=[Account.of(row.account) for row in memberships],
            staff_roles=sorted(viewer.staff_roles),
        )

    @strawberry.field(description="An account that the viewer may see.")
    async def account(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The account's global id.")]
    ) -> Account | None:
        await info.context.signed_in()
        key = decode_id(id, "Account", "id")
        row = await AccountRow.get_or_none(id=key) if await info.context.may_see(key) else None
        return Account.of(row) if row else None

    @strawberry.field(description="Every account, or those that a search finds. For staff.")
    async def accounts(
        self,
        info: Info,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="A part of the name or of an owner's e-mail address, in any case, or the account's id."
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Account]:
        if not (await info.context.signed_in()).staff_roles:
            raise PermissionDenied(needed=" / ".join(StaffRole), staff=True)
        rows = AccountRow.all() if search is None else find_accounts(search, key_in(search, "Account"))
        return await page(rows, Account.of, first, after, last, before)

    @strawberry.field(description="The newest top-ups of all accounts, 500 at most. For finance staff.")
    async def top_ups(
        self,
        info: Info,
        state: Annotated[TopUpState | None, strawberry.argument(description="Only those in this state.")] = None,
    ) -> list[TopUp]:
        await info.context.staff(StaffRole.FINANCE)
        return [TopUp.of(top_up) for top_up in await list_top_ups(info.context.host, state=state)]

    @strawberry.field(description="The object with a global id, if it exists and the viewer may see it.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The global id.")]
    ) -> Node | None:
        return await find_node(info.context, id)

    @strawberry.field(description="The objects with these global ids, 100 at most, null for what cannot be seen.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="The global ids.")]
    ) -> list[Node | None]:
        if len(ids) > MOST_NODES:
            raise InvalidInput(
                reason_en=f"at most {MOST_NODES} ids in one call",
                reason_zh=f"单次调用最多 {MOST_NODES} 个 ID",
                path=("ids",),
            )
        return [await find_node(info.context, id) for id in ids]


@strawberry.type(description="Everything that can be changed.")
class Mutation(
    IdentityMutations,
    JourneyMutations,
    LicenseMutations,
    UsageMutations,
    ApplicationMutations,
    WalletMutations,
    InvoiceMutations,
    LedgerMutations,
    SettlementMutations,
    NotificationMutations,
    AlertMutations,
):
    """Mutations."""


@strawberry.type(description="Everything that is pushed.")
class Subscription:
    """Subscriptions."""

    @strawberry.subscription(description="Each event of an account as it happens, over graphql-transport-ws.")
    async def account_events(
        self,
        info: Info,
        account_id: Annotated[strawberry.ID, strawberry.argument(description="The account's global id.")],
        after: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The id of the last event seen, to miss none; from now on by default."),
        ] = None,
    ) -> AsyncGenerator[Event, None]:
        key = decode_id(account_id, "Account", "accountId")
        await info.context.signed_in()
        if not await info.context.may_see(key):
            raise NotFound(what="account", path=("accountId",))
        seen = decode_id(after, "Event", "after") if after is not None else None
        async for event in info.context.broker.follow(key, seen):
            if not await info.context.may_see(key):
                raise NotFound(what="account", path=("accountId",))
            yield Event.of(event)


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[*Node.kinds.values(), *ERROR_TYPES.values()],
    config=StrawberryConfig(scalar_map={DataKitIds: DATA_KIT_IDS, **SCALARS}),
    extensions=[Limits, ShowRefusalsMaskTheRest],
)
