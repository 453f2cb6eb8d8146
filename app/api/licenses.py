"""Licenses, from their making to their end, and activating them."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Annotated
from uuid import UUID

import strawberry
from tortoise.queryset import QuerySet

from app.accounts.models import ADMINISTRATORS
from app.accounts.models import Account as AccountRow
from app.api.arguments import IdOf, Label, Reason
from app.api.context import Info
from app.api.deployments import Deployment
from app.api.enums import EditionKey, LicenseState
from app.api.fields import argument, column
from app.api.mutation import mutation
from app.api.node import Node, reference
from app.api.owned import LazyAccount, OfAccount
from app.api.pagination import OfEach, connection, filtered
from app.api.related import Related
from app.api.suspensions import Suspendable
from app.catalog.queries import release_at
from app.deployments.checks import check_fingerprint
from app.errors import InvalidLicense, LicenseLimit, StepOutOfOrder
from app.events.recording import Actor
from app.journey.licensing import create_community_license, create_license
from app.licenses.changing import rename_license, revoke_license, rotate_license, transfer_license
from app.licenses.models import License as LicenseRow
from app.licenses.queries import FIRST_LICENSES, connected_data_kits, find_license, in_state
from app.protocol.documents import LicenseClaims
from app.protocol.entitlements import excess_notice, maintained, upgrade_allowed
from app.protocol.jws import peek

LicenseID = Annotated[UUID, IdOf("License", "The license's global id.")]


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


def _claims(row: LicenseRow) -> LicenseClaims:
    return LicenseClaims.of(peek(row.text)[1])


@strawberry.type(description="A signed license.")
class License(Suspendable, Node, table=LicenseRow):
    """A row of ``license``."""

    text: str = column("The one line to copy to the deployment: a JWS in compact form.")
    label: str = column("What its maker called it.")
    edition: EditionKey = column("The edition that it is for.")

    state = Related(
        lambda loaders: loaders.of(AccountRow),
        attrgetter("account_id"),
        lambda row, account: row.state_at(account.now()),
        both=True,
    ).field(LicenseState, "What became of it.")

    key_id: str = column("The id of the public key that it is signed with, in /.well-known/jwks.json.", "kid")
    dk_limit: int = column("How many DataKits may be connected; -1 is no limit.")
    features: list[str] = column(
        "What it includes, by the names that the platform knows.", lambda row: list(_claims(row).features)
    )
    bound_to: str | None = column(
        "The fingerprint of the only deployment that its text is for, if it is bound.", "fingerprint"
    )
    reserved_for: str | None = column("The fingerprint of the deployment that it was transferred to and waits for.")
    revoke_at: datetime | None = column("When it is revoked by itself, after it was rotated.")

    @strawberry.field(description="The DataKits that are connected to its deployment, against its limit.")
    async def dk_usage(self) -> DKUsage:
        return await _dk_usage(self.row)

    @strawberry.field(
        description="Whether its deployment may upgrade its version, as the Launcher decides it: not with more "
        "DataKits connected than the license allows, and with a perpetual license only to a version that was released "
        "while its maintenance ran."
    )
    async def version_upgrade_allowed(
        self,
        data_kits: Annotated[
            int | None, argument("How many are connected; by default as many as reported last.")
        ] = None,
        to_version: Annotated[
            str | None, argument("The version to upgrade to, one of `releases`; by default one that is released now.")
        ] = None,
    ) -> bool:
        count = (await _dk_usage(self.row)).connected if data_kits is None else data_kits
        now = (await AccountRow.get(id=self.row.account_id)).now()
        release = await release_at(to_version, now, ("toVersion",)) if to_version is not None else None
        since = release.valid_from if release else now
        return upgrade_allowed(self.row.dk_limit, count) and maintained(self.row.maintenance_until, since)

    created_at: datetime = column("When it was made.")
    not_before: datetime = column("From when on it can be activated.", lambda row: _claims(row).not_before)
    expires_at: datetime | None = column("When it ends by itself; null if it has no end.")
    product_version: str | None = column("The version of the product that it is for, if it is for one.")
    maintenance_until: datetime | None = column(
        "Of a perpetual license: versions released until then may be used, too. Receipts say it as it is now, the text "
        "as it was when it was made."
    )
    activated_at: datetime | None = column("When it was first activated.")
    revoked_at: datetime | None = column("When it was revoked.")
    revoke_reason: str | None = column("Why it was revoked.")
    deployment = reference(Deployment, "The deployment that it is active on.", "deployment_id", nullable=True)


async def _dk_usage(row: LicenseRow) -> DKUsage:
    now = (await AccountRow.get(id=row.account_id)).now()
    connected, hour = await connected_data_kits(row, now)
    return DKUsage(limit=row.dk_limit, connected=connected, hour=hour)


@strawberry.type
class LicensesOfAccount(OfAccount):
    """What an account may run."""

    @connection(License, "The licenses.", of_each=OfEach(FIRST_LICENSES, License, "account_id"))
    def licenses(
        self,
        state: Annotated[LicenseState | None, argument("Only those in this state.")] = None,
        edition: Annotated[EditionKey | None, argument("Only those for this edition.")] = None,
    ) -> QuerySet[LicenseRow]:
        mine = filtered(License.rows().filter(account_id=self.row.id), edition=edition)
        return mine if state is None else in_state(mine, state, self.row.now())


@strawberry.type
class LicenseMutations:
    """For administrators."""

    @mutation(
        StepOutOfOrder,
        LicenseLimit,
        description="Make a license of the contract, or of the edition upgraded to.",
        done="The license is made.",
        answers={"account": (LazyAccount, "The account."), "license": (License, "The license, with the line to copy.")},
        member=ADMINISTRATORS,
    )
    async def create_license(
        self,
        account: AccountRow,
        actor: Actor,
        label: Label,
        fingerprint: Annotated[
            str | None, argument("Binds the license's text to the deployment known by this.")
        ] = None,
        contract_id: Annotated[
            UUID | None,
            IdOf(
                "Contract",
                "Of which contract; by default the one in force, else none for an account that was upgraded, else the "
                "next.",
            ),
        ] = None,
    ) -> tuple[AccountRow, LicenseRow]:
        if fingerprint is not None:
            check_fingerprint(fingerprint)
        return account, await create_license(account, label, actor, fingerprint, contract_id)

    @mutation(
        LicenseLimit,
        description="Make a free license of the community edition: no agreement, no settlement channel. It is for "
        "a version of the product, free for a time from its release on; where no release is known, it is renewed by "
        "making another within its last 30 days.",
        done="The free license is made.",
        answers={"account": (LazyAccount, "The account."), "license": (License, "The license, with the line to copy.")},
        member=ADMINISTRATORS,
    )
    async def create_community_license(
        self,
        account: AccountRow,
        actor: Actor,
        label: Label = "community",
        product_version: Annotated[
            str | None, argument("The version of the product that it is for; by default the newest.")
        ] = None,
    ) -> tuple[AccountRow, LicenseRow]:
        return account, await create_community_license(account, label, actor, product_version)

    @mutation(
        description="Give a license another label.",
        done="The license has its label.",
        answers={"license": (License, "The license.")},
        member=ADMINISTRATORS,
        of="license_id",
    )
    async def rename_license(
        self, account: AccountRow, actor: Actor, license_id: LicenseID, label: Label
    ) -> LicenseRow:
        return await rename_license(account, license_id, label, actor)

    @mutation(
        InvalidLicense,
        description="Make a new license on the terms of an old one, which is revoked by itself after a grace period. "
        "Rotating again within it answers the same.",
        done="There is a new license; the old one is valid until its revokeAt.",
        answers={
            "license": (License, "The new license, with the line to copy."),
            "replaced": (License, "The old license."),
        },
        member=ADMINISTRATORS,
        of="license_id",
    )
    async def rotate_license(
        self, account: AccountRow, actor: Actor, license_id: LicenseID
    ) -> tuple[LicenseRow, LicenseRow]:
        made = await rotate_license(account, license_id, actor)
        return made, await find_license(account, license_id)

    @mutation(
        InvalidLicense,
        description="Take a license from its deployment for another one to activate. The former deployment's receipt "
        "is not renewed, and it cannot activate the license again.",
        done="The license waits for its new deployment; the former one is deactivated.",
        answers={"license": (License, "The license.")},
        member=ADMINISTRATORS,
        of="license_id",
    )
    async def transfer_license(
        self,
        account: AccountRow,
        actor: Actor,
        license_id: LicenseID,
        to_fingerprint: Annotated[str, argument("What the other deployment is known by.")],
    ) -> LicenseRow:
        check_fingerprint(to_fingerprint, "toFingerprint")
        return await transfer_license(account, license_id, to_fingerprint, actor)

    @mutation(
        description="Revoke a license for good. The next revocation list has it.",
        done="The license is revoked.",
        answers={"license": (License, "The license.")},
        member=ADMINISTRATORS,
        of="license_id",
    )
    async def revoke_license(
        self, account: AccountRow, actor: Actor, license_id: LicenseID, reason: Reason
    ) -> LicenseRow:
        return await revoke_license(account, license_id, reason, actor)
