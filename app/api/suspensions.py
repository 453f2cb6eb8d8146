"""What staff suspend, and reinstate."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Annotated

import strawberry

from app.accounts.models import Account as AccountRow
from app.accounts.models import StaffRole
from app.accounts.queries import lock_account
from app.api.arguments import Reason
from app.api.context import Info
from app.api.enums import Suspended
from app.api.fields import View, argument, column
from app.api.mutation import mutation
from app.api.node import Node, encode_id, split_id
from app.api.owned import OfAccount, Owned
from app.api.pagination import listed
from app.api.related import Related
from app.errors import InvalidInput, NotFound
from app.events.recording import Actor
from app.suspensions import suspending
from app.suspensions.models import Suspension as SuspensionRow

STAFF = (StaffRole.ACCOUNT_MANAGER, StaffRole.OPERATOR)
KINDS = {"Account": Suspended.ACCOUNT, "License": Suspended.LICENSE, "Deployment": Suspended.DEPLOYMENT}
NAMES = {subject: kind for kind, subject in KINDS.items()}
SubjectID = Annotated[
    strawberry.ID, argument("The global id of an account, a license or a deployment, as this API gives it.")
]


@strawberry.type(description="That staff suspended an account, a license or a deployment.")
class Suspension(Owned, Node, table=SuspensionRow):
    """A row of ``suspension``."""

    row: strawberry.Private[SuspensionRow]

    subject: Suspended = column("What is suspended.")
    subject_id: strawberry.ID = column("Its global id.", lambda row: encode_id(NAMES[row.subject], row.subject_id))
    reason: str = column("Why.")
    began_at: datetime = column("When it began.")
    ended_at: datetime | None = column("When it ended; null while it lasts.")
    end_reason: str | None = column("Why it ended.")


@strawberry.type
class Suspendable(View):
    """What can be suspended."""

    suspension = Related(lambda loaders: loaders.suspensions, attrgetter("id"), Suspension.maybe).field(
        Suspension | None, "That staff suspended it, while they do: nothing is activated, no receipt issued."
    )


@strawberry.type
class SuspensionsOfAccount(OfAccount, Suspendable):
    """What of an account is or was suspended."""

    suspensions = listed(Suspension, "What staff suspended of the account, and the account itself, past and present.")


@strawberry.type
class SuspensionMutations:
    """For staff."""

    @mutation(
        description="Suspend an account, a license or a deployment: nothing is activated, no receipt is issued, and an "
        "account's members only look and pay. Usage is still billed. Once more changes nothing.",
        done="It is suspended.",
        answers={"suspension": (Suspension, "The suspension.")},
        staff=STAFF,
    )
    async def suspend(self, info: Info, actor: Actor, subject_id: SubjectID, reason: Reason) -> SuspensionRow:
        account, node = await _subject(info, subject_id)
        return await suspending.suspend(account, KINDS[type(node).__name__], node.row.id, reason, actor)

    @mutation(
        description="End a suspension. Once more changes nothing.",
        done="It is not suspended.",
        answers={"suspension": (Suspension | None, "The suspension that ended; null where there was none.")},
        staff=STAFF,
    )
    async def reinstate(self, info: Info, actor: Actor, subject_id: SubjectID, reason: Reason) -> SuspensionRow | None:
        account, node = await _subject(info, subject_id)
        return await suspending.reinstate(account, node.row.id, reason, actor)


async def _subject(info: Info, given: strawberry.ID) -> tuple[AccountRow, Node]:
    """What a global id stands for, and its account, locked.

    Raises:
        InvalidInput: it is not an id of what can be suspended.
        NotFound: there is none.
    """
    kind, key = split_id(given, ("subjectId",))
    if kind not in KINDS:
        raise InvalidInput(
            reason_en="subjectId must be the id of an account, a license or a deployment",
            reason_zh="subjectId 须为账户、License 或部署的 ID",
            path=("subjectId",),
        )
    node = await Node.kinds[kind].load(info.context, key)
    if node is None:
        raise NotFound(what=kind.lower(), path=("subjectId",))
    info.context.acted_on = node.row.id if kind == "Account" else node.row.account_id
    return await lock_account(info.context.acted_on), node
