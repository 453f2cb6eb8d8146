"""Licenses and deployments."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from app.api.context import Context
from app.api.enums import EditionKey, LicenseState
from app.api.node import Node
from app.licenses.models import Deployment as DeploymentRow
from app.licenses.models import License as LicenseRow


@strawberry.type(description="One self-hosted installation.")
class Deployment(Node):
    """A row of ``deployment``."""

    record: strawberry.Private[DeploymentRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Deployment | None:
        row = await DeploymentRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="What it is known by in its account.")
    def fingerprint(self) -> str:
        return self.record.fingerprint

    @strawberry.field(description="The data gateway's address, with its token placeholder.")
    def data_gateway_url(self) -> str:
        return self.record.data_gateway_url

    @strawberry.field(description="Whether dialing tests are on.")
    def dialing_test(self) -> bool:
        return self.record.dialing_test

    @strawberry.field(description="When a license was first activated on it.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="When it last activated or reported.")
    def last_seen_at(self) -> datetime:
        return self.record.last_seen_at


@strawberry.type(description="A signed license.")
class License(Node):
    """A row of ``license``."""

    record: strawberry.Private[LicenseRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> License | None:
        row = await LicenseRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="The one line to copy to the deployment: a JWS in compact form.")
    def text(self) -> str:
        return self.record.text

    @strawberry.field(description="What its maker called it.")
    def label(self) -> str:
        return self.record.label

    @strawberry.field(description="The edition that it is for.")
    def edition(self) -> EditionKey:
        return self.record.edition

    @strawberry.field(description="What became of it.")
    def state(self) -> LicenseState:
        return self.record.state

    @strawberry.field(description="The id of the public key that it is signed with, in /.well-known/jwks.json.")
    def key_id(self) -> str:
        return self.record.kid

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="When it ends by itself.")
    def expires_at(self) -> datetime:
        return self.record.expires_at

    @strawberry.field(description="When it was first activated.")
    def activated_at(self) -> datetime | None:
        return self.record.activated_at

    @strawberry.field(description="When it was revoked.")
    def revoked_at(self) -> datetime | None:
        return self.record.revoked_at

    @strawberry.field(description="Why it was revoked.")
    def revoke_reason(self) -> str | None:
        return self.record.revoke_reason

    @strawberry.field(description="The deployment that it is active on.")
    async def deployment(self) -> Deployment | None:
        row = await DeploymentRow.get_or_none(id=self.record.deployment_id) if self.record.deployment_id else None
        return Deployment.of(row) if row else None
