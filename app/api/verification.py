"""Real names (实名认证): which organisation an account is of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from tortoise.queryset import QuerySet

from app.accounts.models import ACCOUNTANTS
from app.accounts.models import Account as AccountRow
from app.api.arguments import IdOf, Reason, Sandboxes
from app.api.audience import FINANCE
from app.api.enums import VerificationState
from app.api.fields import argument, column
from app.api.mutation import mutation
from app.api.node import Node
from app.api.owned import OfAccount, Owned
from app.api.pagination import connection, filtered, listed
from app.errors import VerificationConflict
from app.events.recording import Actor
from app.invoices.models import CompanyVerification as VerificationRow
from app.invoices.verification import reject_company, submit_verification, verified_company, verify_company

VerificationID = Annotated[UUID, IdOf("CompanyVerification", "The submission's global id.")]


@strawberry.type(description="Which organisation an account says that it is of, and whether staff verified it.")
class CompanyVerification(Owned, Node, table=VerificationRow):
    """A row of ``company_verification``."""

    state: VerificationState = column("Whether staff verified it.")
    name: str = column("The organisation's registered name.")
    country: str = column("ISO 3166-1 alpha-2 code of the country whose tax number it is.")
    tax_number: str = column("The tax number; in CN the unified social credit code.")
    submitted_at: datetime = column("When it was submitted.")
    reason: str | None = column("Why it was rejected.")
    decided_at: datetime | None = column("When it was verified or rejected.")


@strawberry.type
class VerificationOfAccount(OfAccount):
    """Who an account is of."""

    company_verifications = listed(CompanyVerification, "Which organisations it was said to be of.")

    @strawberry.field(description="The organisation that staff verified last.")
    async def verified_company(self) -> CompanyVerification | None:
        return CompanyVerification.maybe(await verified_company(self.row.id))


@strawberry.type
class VerificationQueries:
    """For finance staff."""

    @connection(CompanyVerification, "What every account submitted.", staff=FINANCE)
    def company_verifications(
        self,
        state: Annotated[VerificationState | None, argument("Only those in this state.")] = None,
        sandboxes: Sandboxes = False,
    ) -> QuerySet[VerificationRow]:
        return filtered(CompanyVerification.rows(), state=state, account__sandbox=None if sandboxes else False)


@strawberry.type
class VerificationMutations:
    """For administrators, who submit, and for finance staff, who decide."""

    @mutation(
        VerificationConflict,
        description="Say which organisation the account is of, for finance staff to verify. Some vendors issue "
        "invoices to verified organisations alone.",
        done="Finance staff are to decide.",
        answers={"verification": (CompanyVerification, "The submission.")},
        member=ACCOUNTANTS,
    )
    async def submit_company_verification(
        self,
        account: AccountRow,
        actor: Actor,
        name: Annotated[str, argument("The organisation's registered name, 1 to 200 characters.")],
        tax_number: Annotated[str, argument("In CN the unified social credit code (GB 32100-2015).")],
        country: Annotated[str, argument("ISO 3166-1 alpha-2 code.")] = "CN",
    ) -> VerificationRow:
        return await submit_verification(account, name, country, tax_number, actor)

    @mutation(
        VerificationConflict,
        description="Note that the organisation is who it says.",
        done="The organisation is verified.",
        answers={"verification": (CompanyVerification, "The submission.")},
        staff=FINANCE,
    )
    async def verify_company(self, actor: Actor, verification_id: VerificationID) -> VerificationRow:
        return await verify_company(verification_id, actor)

    @mutation(
        VerificationConflict,
        description="Reject what an account submitted of its organisation.",
        done="The submission is rejected; another can be made.",
        answers={"verification": (CompanyVerification, "The submission.")},
        staff=FINANCE,
    )
    async def reject_company(self, actor: Actor, verification_id: VerificationID, reason: Reason) -> VerificationRow:
        return await reject_company(verification_id, reason, actor)
