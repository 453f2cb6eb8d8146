"""Customers' deployments, the access keys they sign with, and the requests seen from them."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields

from app.accounts.models import Account
from app.db.models import Row


class AccessKey(Row):
    """An AK/SK pair of an account's deployments. The SK is kept encrypted: signatures are checked with it."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    ak = fields.CharField(max_length=40, unique=True)
    sk_encrypted = fields.BinaryField()
    label = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "access_key"


class RequestNonce(Row):
    """A nonce seen in a signed request, kept until its signature is too old to be accepted again."""

    access_key: fields.ForeignKeyRelation[AccessKey] = fields.ForeignKeyField("app.AccessKey", on_delete=fields.CASCADE)
    access_key_id: UUID
    nonce = fields.CharField(max_length=128)
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "request_nonce"
        unique_together = (("access_key", "nonce"),)


class Deployment(Row):
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
