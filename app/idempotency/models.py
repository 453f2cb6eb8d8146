"""Idempotency keys, and the answer that each was given."""

from __future__ import annotations

from tortoise import fields

from app.db.models import Row


class IdempotencyKey(Row):
    """``(scope, key)`` names a request; ``result_encrypted`` is its answer, references to rows and scalars."""

    scope = fields.CharField(max_length=80)
    key = fields.CharField(max_length=255)
    operation = fields.CharField(max_length=80)
    input_hash = fields.BinaryField()
    result_encrypted: bytes | None = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
        unique_together = (("scope", "key"),)
