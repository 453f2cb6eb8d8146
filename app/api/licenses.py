"""Licenses and deployments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts.models import Account as AccountRow
from app.api.context import Context
from app.api.enums import EditionKey, LicenseState
from app.api.node import Info, Node
from app.deployments.models import Deployment as DeploymentRow
from app.licenses.models import License as LicenseRow
from app.licenses.queries import connected_data_kits
from app.licenses.receipts import IssuedReceipt, issue_receipt
from app.protocol.documents import LicenseClaims
from app.protocol.entitlements import excess_notice, upgrade_allowed
from app.protocol.jws import peek


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


@strawberry.type(description="A deployment's lease, signed: what it may do, and for how long without a renewal.")
class Receipt:
    """A receipt as it was just issued."""

    value: strawberry.Private[IssuedReceipt]

    @strawberry.field(description="The one line to keep on the deployment: a JWS in compact form (docs/licenses.md).")
    def text(self) -> str:
        return self.value.text

    @strawberry.field(description="Until then the deployment needs no renewal.")
    def valid_until(self) -> datetime:
        return self.value.receipt.valid_until

    @strawberry.field(description="Until then it goes on with a warning; after that with the community's limits.")
    def warning_until(self) -> datetime:
        return self.value.receipt.warning_until


@strawberry.type(description="How many DataKits are connected, against what the license allows.")
class DKUsage:
    """The newest hour of a license's deployment."""

    limit: int = strawberry.field(description="How many the license allows; -1 is no limit.")
    connected: int = strawberry.field(description="How many reported in the newest hour of the last 24.")
    hour: datetime | None = strawberry.field(description="That hour; null when none was reported.")

    @strawberry.field(description="Whether more are connected than the license allows.")
    def exceeded(self) -> bool:
        return not upgrade_allowed(self.limit, self.connected)

    @strawberry.field(description="What that means, in the language of Accept-Language; null within the limit.")
    def notice(self, info: Info) -> str | None:
        if upgrade_allowed(self.limit, self.connected):
            return None
        return excess_notice(self.connected, self.limit)[info.context.locale]


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

    @strawberry.field(description="How many DataKits may be connected; -1 is no limit.")
    def dk_limit(self) -> int:
        return self.record.dk_limit

    @strawberry.field(description="What it includes, by the names that the platform knows.")
    def features(self) -> list[str]:
        return list(LicenseClaims.of(peek(self.record.text)[1]).features)

    @strawberry.field(description="The fingerprint of the only deployment that its text is for, if it is bound.")
    def bound_to(self) -> str | None:
        return self.record.fingerprint

    @strawberry.field(description="The fingerprint of the deployment that it was transferred to and waits for.")
    def reserved_for(self) -> str | None:
        return self.record.reserved_for

    @strawberry.field(description="When it is revoked by itself, after it was rotated.")
    def revoke_at(self) -> datetime | None:
        return self.record.revoke_at

    @strawberry.field(description="The DataKits that are connected to its deployment, against its limit.")
    async def dk_usage(self) -> DKUsage:
        return await self._dk_usage()

    @strawberry.field(
        description="Whether its deployment may upgrade its version, as the Launcher decides it: not with more "
        "DataKits connected than the license allows."
    )
    async def version_upgrade_allowed(
        self,
        data_kits: Annotated[
            int | None,
            strawberry.argument(description="How many are connected; by default as many as reported last."),
        ] = None,
    ) -> bool:
        count = (await self._dk_usage()).connected if data_kits is None else data_kits
        return upgrade_allowed(self.record.dk_limit, count)

    async def _dk_usage(self) -> DKUsage:
        row = self.record
        now = (await AccountRow.get(id=row.account_id)).now()
        connected, hour = await connected_data_kits(row, now)
        return DKUsage(limit=row.dk_limit, connected=connected, hour=hour)

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="From when on it can be activated.")
    def not_before(self) -> datetime:
        return LicenseClaims.of(peek(self.record.text)[1]).not_before

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


async def receipt_of(deployment: DeploymentRow, nonce: str | None = None) -> Receipt | None:
    """The renewed receipt of a deployment; ``None`` when no license is active on it."""
    account = await AccountRow.get(id=deployment.account_id)
    issued = await issue_receipt(account, deployment, nonce)
    return Receipt(value=issued) if issued else None
