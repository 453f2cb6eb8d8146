"""Who did what: an append-only record, sealed in a chain of hashes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tortoise import fields

from app.db.models import Row


class AuditEntry(Row):
    """One thing that somebody did or tried: who, from where, what, with which arguments, and what came of it.

    ``at`` is on the world's clock. ``account_id`` is the account that it concerns, ``outcome`` SUCCESS or an error's
    code. ``digest`` is the salted hash of label, address and details, which alone is sealed of them: with the salt they
    can be erased, which is all that ever changes of a row, but that it is put under ``seal``, a seal's number.
    """

    at = fields.DatetimeField()
    actor_kind = fields.CharField(max_length=20)
    actor_id: UUID | None = fields.UUIDField(null=True)
    actor_label = fields.CharField(max_length=254)
    address = fields.CharField(max_length=64)
    action = fields.CharField(max_length=100)
    account_id: UUID | None = fields.UUIDField(null=True)
    outcome = fields.CharField(max_length=60)
    request_id = fields.CharField(max_length=64)
    details: dict[str, Any] = fields.JSONField()
    salt: bytes | None = fields.BinaryField(null=True)
    digest = fields.CharField(max_length=64)
    seal = fields.BigIntField(null=True)

    class Meta:
        table = "audit_entry"
        indexes = (("account_id", "id"), ("seal", "id"), ("at", "id"))


class AuditSeal(Row):
    """The hash over some entries and the seal before it: whoever changes or removes an entry breaks the chain."""

    number = fields.BigIntField(unique=True)
    entries = fields.IntField()
    hash = fields.CharField(max_length=64)
    sealed_at = fields.DatetimeField()

    class Meta:
        table = "audit_seal"
