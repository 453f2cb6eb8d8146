"""Licenses, the keys that sign them, and the deployments that they are active on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.constants import NO_LIMIT
from app.db.models import Row
from app.deployments.models import Deployment
from app.described import DescribedEnum


class SigningKey(Row):
    """An Ed25519 key that documents are signed with.

    The public half is raw bytes, the private half encrypted at rest, or, where there is none here, with an external
    signer. The newest key signs; a superseded one stays published until it is retired.
    """

    kid = fields.CharField(max_length=64, unique=True)
    public_key = fields.BinaryField()
    private_key_encrypted = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()
    superseded_at = fields.DatetimeField(null=True)
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "signing_key"


class LicenseState(DescribedEnum):
    """What became of a license."""

    CREATED = "CREATED", "Not activated yet."
    ACTIVE = "ACTIVE", "Activated on a deployment."
    EXPIRED = "EXPIRED", "Ended by itself."
    REVOKED = "REVOKED", "Revoked for good."


class License(Row):
    """A signed license. ``text`` is the one line that is copied to the deployment; ``dk_limit`` −1 is no limit.

    Without ``expires_at`` it is perpetual, for ``product_version`` and what is released until ``maintenance_until``,
    which a renewal of the maintenance moves on.

    ``fingerprint`` binds the text itself to a deployment; ``reserved_for`` is the fingerprint that it was transferred
    to. A rotated license ends at ``revoke_at``. ``attention_at`` is when the worker has something to do with it next,
    ``revocation_version`` the first revocation list that it is in.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    edition = fields.CharEnumField(EditionKey, max_length=20)
    label = fields.CharField(max_length=200)
    text = fields.TextField()
    kid = fields.CharField(max_length=64)
    state = fields.CharEnumField(LicenseState, max_length=10)
    dk_limit = fields.IntField(default=NO_LIMIT)
    fingerprint = fields.CharField(max_length=128, null=True)
    created_at = fields.DatetimeField()
    expires_at: datetime | None = fields.DatetimeField(null=True)
    product_version = fields.CharField(max_length=40, null=True)
    maintenance_until: datetime | None = fields.DatetimeField(null=True)
    revoke_at = fields.DatetimeField(null=True)
    replaces_id: UUID | None = fields.UUIDField(null=True)
    reserved_for = fields.CharField(max_length=128, null=True)
    dk_exceeded_on = fields.DateField(null=True)
    attention_at = fields.DatetimeField(null=True)
    activated_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    revocation_version: int | None = fields.IntField(null=True)
    revoke_reason = fields.CharField(max_length=500, null=True)
    deployment: fields.ForeignKeyNullableRelation[Deployment] = fields.ForeignKeyField(
        "app.Deployment", null=True, on_delete=fields.RESTRICT
    )
    deployment_id: UUID | None

    class Meta:
        table = "license"

    def state_at(self, now: datetime) -> LicenseState:
        """The state at an instant on the account's clock: a license expires whether or not anybody noted it."""
        expired = self.expires_at is not None and now >= self.expires_at
        return LicenseState.EXPIRED if expired and self.state != LicenseState.REVOKED else self.state


class RevocationIssue(Row):
    """A published revocation list; versions grow by one."""

    version = fields.IntField(unique=True)
    text = fields.TextField()
    kid = fields.CharField(max_length=64)
    revoked = fields.IntField()
    issued_at = fields.DatetimeField()
    next_update_at = fields.DatetimeField()

    class Meta:
        table = "revocation_issue"
