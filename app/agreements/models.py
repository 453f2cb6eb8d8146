"""Versions of the service agreement, and who accepted which."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields

from app.accounts.models import Account, User
from app.catalog.keys import EditionKey
from app.db.models import Row
from app.db.published import Published


class AgreementVersion(Published):
    """One published version of an edition's agreement; ``content_hash`` is the SHA-256 (hex) of its canonical texts in
    every language."""

    edition = fields.CharEnumField(EditionKey, max_length=20)
    version = fields.IntField()
    title: dict[str, str] = fields.JSONField()
    text: dict[str, str] = fields.JSONField()
    content_hash = fields.CharField(max_length=64)

    class Meta:
        table = "agreement_version"
        unique_together = (("edition", "version"),)


class Acceptance(Row):
    """That a member accepted a version for an account: who, when and from where."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    agreement: fields.ForeignKeyRelation[AgreementVersion] = fields.ForeignKeyField(
        "app.AgreementVersion", on_delete=fields.RESTRICT
    )
    agreement_id: UUID
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("app.User", on_delete=fields.RESTRICT)
    user_id: UUID
    content_hash = fields.CharField(max_length=64)
    accepted_at = fields.DatetimeField()
    address = fields.CharField(max_length=64)

    class Meta:
        table = "acceptance"
        unique_together = (("account", "agreement"),)
