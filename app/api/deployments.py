"""Deployments, and the AK/SK pairs that they sign their requests with."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ForwardRef
from uuid import UUID

import strawberry

from app.accounts.models import ADMINISTRATORS
from app.accounts.models import Account as AccountRow
from app.api.arguments import IdOf, Label
from app.api.context import Info
from app.api.fields import argument, column
from app.api.measured import FirstDay, LastDay, Meters, MeterUsage, measured
from app.api.mutation import mutation
from app.api.node import Node
from app.api.owned import OfAccount
from app.api.pagination import listed
from app.api.suspensions import Suspendable
from app.deployments.access_keys import create_access_key, revoke_access_key, rotate_access_key
from app.deployments.models import AccessKey as AccessKeyRow
from app.deployments.models import Deployment as DeploymentRow
from app.events.recording import Actor

if TYPE_CHECKING:
    LazyLicense = Node
else:
    LazyLicense = Annotated[ForwardRef("License"), strawberry.lazy("app.api.licenses")]
KeyID = Annotated[UUID, IdOf("AccessKey", "The pair's global id.")]


@strawberry.type(description="One self-hosted installation.")
class Deployment(Suspendable, Node, table=DeploymentRow):
    """A row of ``deployment``."""

    fingerprint: str = column("What it is known by in its account.")
    data_gateway_url: str = column("The data gateway's address, with its token placeholder.")
    dialing_test: bool = column("Whether dialing tests are on.")
    created_at: datetime = column("When a license was first activated on it.")
    last_seen_at: datetime = column("When it last activated or reported.")

    @strawberry.field(
        description="The license that was activated on it last; its state says whether it counts. Null where that was "
        "transferred away."
    )
    async def license(self, info: Info) -> LazyLicense | None:
        found = await info.context.loaders.licenses.load(self.row.id)
        return None if found is None else Node.kinds["License"].of(found)

    @strawberry.field(description="What it reported of each meter on the billing days from one to another.")
    async def usage(self, from_: FirstDay, to: LastDay, meters: Meters = None) -> list[MeterUsage]:
        return await measured(self.row.account_id, from_, to, meters, self.row.id)


@strawberry.type(description="An AK/SK pair of an account's deployments; the SK was shown once.")
class AccessKey(Node, table=AccessKeyRow):
    """A row of ``access_key``."""

    ak: str = column("The access key id.")
    label: str = column("What its maker called it.")
    created_at: datetime = column("When it was made.")
    revoked_at: datetime | None = column("From when on it does not work any more; in the future after a rotation.")


@strawberry.type
class DeploymentsOfAccount(OfAccount):
    """What an account runs."""

    access_keys = listed(AccessKey, "The AK/SK pairs.")
    deployments = listed(Deployment, "The deployments that a license was activated on.")


@strawberry.type
class DeploymentMutations:
    """For administrators."""

    @mutation(
        description="Make an AK/SK pair, which deployments sign their requests with.",
        done="An AK/SK pair was made.",
        answers={
            "access_key": (AccessKey, "The pair, without its SK."),
            "sk": (str, "The secret key. Shown this once."),
        },
        member=ADMINISTRATORS,
    )
    async def create_access_key(self, account: AccountRow, actor: Actor, label: Label) -> tuple[AccessKeyRow, str]:
        return await create_access_key(account, label, actor)

    @mutation(
        description="Make another AK/SK pair in place of one, which works on for some hours, so that deployments can "
        "change over one by one.",
        done="Another AK/SK pair was made.",
        answers={
            "access_key": (AccessKey, "The new pair, without its SK."),
            "sk": (str, "The secret key. Shown this once."),
        },
        member=ADMINISTRATORS,
        of="access_key_id",
    )
    async def rotate_access_key(
        self,
        account: AccountRow,
        actor: Actor,
        access_key_id: KeyID,
        overlap_hours: Annotated[int, argument("For how many hours the former pair works on, 0 to 720.")] = 24,
    ) -> tuple[AccessKeyRow, str]:
        return await rotate_access_key(account, access_key_id, overlap_hours, actor)

    @mutation(
        description="Revoke an AK/SK pair: what is signed with it is refused from now on.",
        done="The AK/SK pair is revoked.",
        answers={"access_key": (AccessKey, "The pair.")},
        member=ADMINISTRATORS,
        of="access_key_id",
    )
    async def revoke_access_key(self, account: AccountRow, actor: Actor, access_key_id: KeyID) -> AccessKeyRow:
        return await revoke_access_key(account, access_key_id, actor)
