"""Licenses, the keys that sign them, and the deployments that they are active on."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.db.models import Record
from app.editions.keys import EditionKey


class SigningKey(Record):
    """An Ed25519 key pair: the public half as raw bytes, the private half encrypted at rest."""

    kid = fields.CharField(max_length=64, unique=True)
    public_key = fields.BinaryField()
    private_key_encrypted = fields.BinaryField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "signing_key"


class Deployment(Record):
    """One self-hosted installation, known within its account by its fingerprint."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    fingerprint = fields.CharField(max_length=128)
    data_gateway_url = fields.CharField(max_length=2000)
    dialing_test = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()

    class Meta:
        table = "deployment"
        unique_together = (("account", "fingerprint"),)


class LicenseState(StrEnum):
    """What became of a license; expiry is told from its time."""

    CREATED = "CREATED"
    ACTIVE = "ACTIVE"
    REVOKED = "REVOKED"


class License(Record):
    """A signed license. ``text`` is the one line that is copied to the deployment."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    edition = fields.CharEnumField(EditionKey, max_length=20)
    label = fields.CharField(max_length=200)
    text = fields.TextField()
    kid = fields.CharField(max_length=64)
    state = fields.CharEnumField(LicenseState, max_length=10)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    activated_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    revoke_reason = fields.CharField(max_length=500, null=True)
    deployment: fields.ForeignKeyNullableRelation[Deployment] = fields.ForeignKeyField(
        "app.Deployment", null=True, on_delete=fields.RESTRICT
    )
    deployment_id: UUID | None

    class Meta:
        table = "license"
