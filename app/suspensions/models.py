"""Suspensions by staff, past and present."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.db.models import Row
from app.described import DescribedEnum


class Suspended(DescribedEnum):
    """What is suspended."""

    ACCOUNT = "ACCOUNT", "All of an account: its members look and pay, and change nothing else."
    LICENSE = "LICENSE", "One license."
    DEPLOYMENT = "DEPLOYMENT", "One deployment, whichever license it has."


class Suspension(Row):
    """That staff suspended something of an account, ``subject_id`` by its key; it lasts while ``ended_at`` is null."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    subject = fields.CharEnumField(Suspended, max_length=20)
    subject_id: UUID = fields.UUIDField()
    reason = fields.CharField(max_length=500)
    began_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)
    end_reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "suspension"
