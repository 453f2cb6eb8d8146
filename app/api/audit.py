"""The audit log: who did what, as far as it concerns an account, and all of it for auditors and operators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON
from tortoise.queryset import QuerySet

from app.accounts.models import StaffRole
from app.api.context import Context
from app.api.enums import ActorKind
from app.api.fields import argument, column
from app.api.node import Node, decode_id
from app.api.owned import OfAccount
from app.api.pagination import connection, filtered
from app.audit.models import AuditEntry as EntryRow

Since = Annotated[datetime | None, argument("Only from this instant on, by the world's clock.")]
Until = Annotated[datetime | None, argument("Only before this instant.")]
OfKind = Annotated[ActorKind | None, argument("Only what this kind of actor did.")]
OfActor = Annotated[str | None, argument("Only what this one did: an e-mail address or name.")]
OfAction = Annotated[str | None, argument("Only this: a mutation, `read: name`, or a command.")]
OfOutcome = Annotated[str | None, argument("Only with this outcome: SUCCESS, or an error's code.")]


@strawberry.type(description="One thing that somebody did or tried: a mutation, a command, or what staff read.")
class AuditEntry(Node, table=EntryRow):
    """A row of ``audit_entry``."""

    async def visible(self, context: Context) -> bool:
        if await context.is_staff(StaffRole.OPERATOR):
            return True
        return self.row.account_id is not None and await context.may_administer(self.row.account_id)

    at: datetime = column("When, on the world's clock.")
    actor_kind: ActorKind = column("What kind of actor it was.", lambda row: ActorKind(row.actor_kind))
    actor: str = column("Their e-mail address or name; of nobody, what was given.", "actor_label")
    address: str = column("Where the request came from.")
    action: str = column("The mutation, the query (as `read: name`), or the command.")
    outcome: str = column("SUCCESS, or the error's code.")
    request_id: str = column("The request, as the header X-Request-Id names it.")
    details: JSON = column("The arguments, secrets hidden, and the keys of the events that say before and after.")


@strawberry.type
class AuditOfAccount(OfAccount):
    """Who did what in an account."""

    @connection(AuditEntry, "Who did what in the account, or read of it as staff.", administrators=True)
    def audit_log(
        self,
        since: Since = None,
        until: Until = None,
        actor_kind: OfKind = None,
        actor: OfActor = None,
        action: OfAction = None,
        outcome: OfOutcome = None,
    ) -> QuerySet[EntryRow]:
        mine = EntryRow.filter(account_id=self.row.id)
        return _asked(mine, since, until, actor_kind=actor_kind, actor_label=actor, action=action, outcome=outcome)


@strawberry.type
class AuditQueries:
    """For auditors and operators."""

    @connection(AuditEntry, "Who did what, everywhere.", staff=(StaffRole.OPERATOR, StaffRole.AUDITOR))
    def audit_log(
        self,
        account_id: Annotated[strawberry.ID | None, argument("Only what concerns the account with this id.")] = None,
        since: Since = None,
        until: Until = None,
        actor_kind: OfKind = None,
        actor: OfActor = None,
        action: OfAction = None,
        outcome: OfOutcome = None,
    ) -> QuerySet[EntryRow]:
        account = None if account_id is None else decode_id(account_id, "Account", "accountId")
        found = filtered(EntryRow.all(), account_id=account)
        return _asked(found, since, until, actor_kind=actor_kind, actor_label=actor, action=action, outcome=outcome)


def _asked(
    entries: QuerySet[EntryRow], since: datetime | None, until: datetime | None, **of: str | None
) -> QuerySet[EntryRow]:
    return filtered(entries, at__gte=since, at__lt=until, **of)
