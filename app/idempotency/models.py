"""Idempotency keys, and the answer that each was given."""

from __future__ import annotations

from typing import Any

from tortoise import fields

from app.db.models import Row


class IdempotencyKey(Row):
    """``(scope, key)`` names a request; ``result`` is its answer as references to rows and sealed scalars."""

    scope = fields.CharField(max_length=80)
    key = fields.CharField(max_length=255)
    operation = fields.CharField(max_length=80)
    input_hash = fields.BinaryField()
    result: dict[str, Any] | None = fields.JSONField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
        unique_together = (("scope", "key"),)
