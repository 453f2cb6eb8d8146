"""Acceptances of the service agreement."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from app.agreements.models import Acceptance as AcceptanceRow
from app.agreements.models import AgreementVersion as AgreementRow
from app.api.catalog import AgreementVersion
from app.api.context import Context
from app.api.node import Node


@strawberry.type(description="That a member accepted a version of the agreement.")
class Acceptance(Node):
    """A row of ``acceptance``."""

    record: strawberry.Private[AcceptanceRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Acceptance | None:
        row = await AcceptanceRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="SHA-256 (hex) of what was accepted.")
    def content_hash(self) -> str:
        return self.record.content_hash

    @strawberry.field(description="When.")
    def accepted_at(self) -> datetime:
        return self.record.accepted_at

    @strawberry.field(description="From which network address.")
    def address(self) -> str:
        return self.record.address

    @strawberry.field(description="The version accepted.")
    async def agreement(self) -> AgreementVersion:
        return AgreementVersion.of(await AgreementRow.get(id=self.record.agreement_id))

    @strawberry.field(description="The e-mail address of the member who accepted it.")
    async def accepted_by(self) -> str:
        return (await AcceptanceRow.get(id=self.record.id).select_related("user")).user.email
