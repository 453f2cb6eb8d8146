"""Accounts for the modules of what belongs to them; ``app.api.accounts`` puts the whole type together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, ForwardRef

import strawberry
from strawberry.types.nodes import SelectedField, Selection

from app.accounts.models import Account as AccountRow
from app.api.context import Info
from app.api.enums import EditionKey
from app.api.fields import View, column
from app.api.node import Node
from app.api.related import Related
from app.errors import DeploymentDenied

FOR_DEPLOYMENTS = frozenset(
    {"__typename", "id", "name", "edition", "sandbox", "clock", "createdAt", "upgrade", "nextSteps"}
)
"""The fields of ``Account`` that a deployment may read: which edition it is in, and what is missing."""

if TYPE_CHECKING:
    LazyAccount = Node
else:
    LazyAccount = Annotated[ForwardRef("Account"), strawberry.lazy("app.api.accounts")]


ACCOUNT = Related(lambda loaders: loaders.of(AccountRow), attrgetter("account_id"), lambda row: shown_account(row))
"""The account that the column ``account_id`` names."""


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

    account = ACCOUNT.field(LazyAccount, "The account that it belongs to.")


def refuse_what_no_deployment_needs(info: Info) -> None:
    """Look over what is asked of an account by its deployment's key, before anything is done.

    Raises:
        DeploymentDenied: it is more than what a deployment needs.
    """
    more = sorted(set(_asked_of_account(info.selected_fields)) - FOR_DEPLOYMENTS)
    if more:
        raise DeploymentDenied(fields=", ".join(more))


def _asked_of_account(selections: Iterable[Selection], of_account: bool = False) -> Iterator[str]:
    for one in selections:
        if isinstance(one, SelectedField):
            if of_account:
                yield one.name
            yield from _asked_of_account(one.selections, one.name == "account")
        else:
            yield from _asked_of_account(one.selections, of_account)


def shown_account(row: AccountRow) -> LazyAccount:
    """The GraphQL object of an account."""
    return Node.kinds["Account"].of(row)
