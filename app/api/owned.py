"""Accounts for the modules of what belongs to them; ``app.api.accounts`` puts the whole type together."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ForwardRef

import strawberry

from app.accounts.models import Account as AccountRow
from app.api.context import Info
from app.api.enums import EditionKey
from app.api.fields import View, column
from app.api.node import Node

if TYPE_CHECKING:
    LazyAccount = Node
else:
    LazyAccount = Annotated[ForwardRef("Account"), strawberry.lazy("app.api.accounts")]


@strawberry.type
class OfAccount(View):
    """An account's own columns. Each noun's part of the GraphQL type ``Account`` is a subclass."""

    row: strawberry.Private[AccountRow]

    name: str = column("The organisation's name.")
    edition: EditionKey = column("The edition that the account has now.")
    sandbox: bool = column("Whether its clock can be advanced; a sandbox account is for trying things out.")
    clock: datetime = column("The present instant on the account's clock.", AccountRow.now)
    created_at: datetime = column("When it was opened.")


@strawberry.type
class Owned(View):
    """What belongs to one account: whoever may see it may see that, too."""

    @strawberry.field(description="The account that it belongs to.")
    async def account(self, info: Info) -> LazyAccount:
        return shown_account(await info.context.loaders.of(AccountRow).load(self.row.account_id))


def shown_account(row: AccountRow) -> LazyAccount:
    """The GraphQL object of an account."""
    return Node.kinds["Account"].of(row)
