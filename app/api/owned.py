"""Whose an object is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from app.accounts.models import Account as AccountRow
from app.api.node import Info, Node

if TYPE_CHECKING:
    from app.api.accounts import Account

LazyAccount = Annotated["Account", strawberry.lazy("app.api.accounts")]


@strawberry.type
class Owned:
    """What belongs to one account: whoever may see it may see that, too."""

    record: strawberry.Private[Any]

    @strawberry.field(description="The account that it belongs to.")
    async def account(self, info: Info) -> LazyAccount:
        return shown_account(await info.context.loaders.accounts.load(self.record.account_id))


def shown_account(row: AccountRow) -> Account:
    """The GraphQL object of an account, for modules that ``app.api.accounts`` imports."""
    return cast("Account", Node.kinds["Account"].of(row))
