"""The audit log: who did what, as far as it concerns an account, and all of it for auditors and operators."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry.scalars import JSON
from tortoise.queryset import QuerySet

from app.accounts.models import StaffRole
from app.api.context import Context
from app.api.enums import ActorKind
from app.api.fields import column
from app.api.node import Node
from app.api.owned import OfAccount
from app.api.pagination import connection, listed
from app.audit.models import AuditEntry as EntryRow


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

    audit_log = listed(AuditEntry, "Who did what in the account, or read of it as staff.", administrators=True)


@strawberry.type
class AuditQueries:
    """For auditors and operators."""

    @connection(AuditEntry, "Who did what, everywhere.", staff=(StaffRole.OPERATOR, StaffRole.AUDITOR))
    def audit_log(self) -> QuerySet[EntryRow]:
        return EntryRow.all()
