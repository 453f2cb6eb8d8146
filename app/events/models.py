"""Everything that happens to an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tortoise import fields

from app.db.models import Row
from app.described import DescribedEnum


class ActorKind(DescribedEnum):
    """Who did something."""

    MEMBER = "MEMBER", "A user, in an account of theirs or of their own."
    SERVICE = "SERVICE", "A service, by a token of the account."
    STAFF = "STAFF", "The vendor's staff."
    DEPLOYMENT = "DEPLOYMENT", "A deployment, by its AK/SK."
    SYSTEM = "SYSTEM", "The billing center by itself, or a settlement channel."
    COMMAND = "COMMAND", "The operator, on the command line."
    ANONYMOUS = "ANONYMOUS", "Nobody who was signed in."


class Event(Row):
    """One thing that happened: what, who did it, when (on the account's clock), and the state before and after.

    Without an account it concerns the vendor alone, and is for staff.
    """

    account: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "app.Account", null=True, on_delete=fields.RESTRICT
    )
    account_id: UUID | None
    type = fields.CharField(max_length=60)
    actor_kind = fields.CharField(max_length=20)
    actor_id: UUID | None = fields.UUIDField(null=True)
    actor_label = fields.CharField(max_length=254)
    at = fields.DatetimeField()
    before: dict[str, Any] | None = fields.JSONField(null=True)
    after: dict[str, Any] | None = fields.JSONField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "event"
