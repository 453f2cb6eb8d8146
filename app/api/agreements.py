"""The service agreement: its versions, and accepting it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from tortoise.queryset import QuerySet

from app import clock
from app.accounts.models import ADMINISTRATORS
from app.accounts.models import Account as AccountRow
from app.accounts.models import User as UserRow
from app.agreements.models import Acceptance as AcceptanceRow
from app.agreements.models import AgreementVersion as AgreementRow
from app.agreements.publishing import publish_agreement
from app.agreements.queries import find_agreement, version_at
from app.api.arguments import IdOf
from app.api.audience import staff_column
from app.api.catalog import OPERATORS, Localized, LocalizedInput, ValidFrom, in_both
from app.api.context import Context, Info
from app.api.enums import EditionKey
from app.api.fields import argument, column, localized
from app.api.mutation import mutation
from app.api.node import Node, reference
from app.api.owned import LazyAccount, OfAccount
from app.api.pagination import connection, filtered, listed
from app.db.published import withdraw
from app.errors import StaleAgreement, StepOutOfOrder
from app.events.recording import Actor
from app.journey.upgrading import accept_agreement


@strawberry.type(description="A published version of the service agreement.")
class AgreementVersion(Node, table=AgreementRow):
    """A row of ``agreement_version``."""

    async def visible(self, context: Context) -> bool:
        return True

    edition: EditionKey = column("The edition that it is for.", lambda row: EditionKey(row.edition))
    version: int = column("The version of the edition's, counted from 1.")
    title: str = localized("Its title, in the language of Accept-Language.")
    text: str = localized("Its text, in the language of Accept-Language.")
    titles: Localized = in_both("Its title in both languages.", "title")
    texts: Localized = in_both("Its text in both languages.", "text")
    content_hash: str = column("SHA-256 (hex) of its titles and texts in all languages; acceptAgreement takes it.")
    published_at: datetime = column("From when on it is in force.", "valid_from")
    published_by: str | None = staff_column("Who published it.", *OPERATORS)
    withdrawn_at: datetime | None = column("When it was withdrawn, before it was in force.")
    withdrawn_by: str | None = staff_column("Who withdrew it.", *OPERATORS)


@strawberry.type(description="That a member accepted a version of the agreement.")
class Acceptance(Node, table=AcceptanceRow):
    """A row of ``acceptance``."""

    content_hash: str = column("SHA-256 (hex) of what was accepted.")
    accepted_at: datetime = column("When.")
    address: str = column("From which network address.")
    agreement = reference(AgreementVersion, "The version accepted.", "agreement_id")

    @strawberry.field(description="The e-mail address of the member who accepted it.")
    async def accepted_by(self, info: Info) -> str:
        user: UserRow = await info.context.loaders.of(UserRow).load(self.row.user_id)
        return user.email


@strawberry.type
class AgreementsOfAccount(OfAccount):
    """What an account agreed to."""

    acceptances = listed(Acceptance, "The agreements accepted.")

    @strawberry.field(
        description="The service agreement of an edition that is in force by the account's clock: the one that it is "
        "to accept. A sandbox whose clock is ahead sees what is in force then."
    )
    async def agreement(
        self, edition: Annotated[EditionKey, argument("The edition to be upgraded to.")]
    ) -> AgreementVersion | None:
        return AgreementVersion.maybe(await version_at(edition, self.row.now()))


@strawberry.type
class AgreementQueries:
    """For everyone."""

    @strawberry.field(description="The service agreement in force for an edition.")
    async def agreement(
        self, edition: Annotated[EditionKey, argument("The edition to be upgraded to.")]
    ) -> AgreementVersion | None:
        return AgreementVersion.maybe(await version_at(edition, clock.now()))

    @connection(AgreementVersion, "Every version of the agreements, withdrawn and to come included.", staff=OPERATORS)
    def agreements(
        self, edition: Annotated[EditionKey | None, argument("Only those of this edition.")] = None
    ) -> QuerySet[AgreementRow]:
        return filtered(AgreementVersion.rows(), edition=edition)


@strawberry.type
class AgreementMutations:
    """For administrators, and for operators, who publish."""

    @mutation(
        description="Publish the next version of an edition's agreement. It is asked for from then on, never of who "
        "accepted an earlier one and is upgraded already.",
        done="The version is published; the newest, word for word, is not published again.",
        answers={"agreement": (AgreementVersion, "The version.")},
        staff=OPERATORS,
    )
    async def publish_agreement(
        self,
        actor: Actor,
        edition: Annotated[EditionKey, argument("The edition that it is for.")],
        title: Annotated[LocalizedInput, argument("Its title.")],
        text: Annotated[LocalizedInput, argument("Its text.")],
        valid_from: ValidFrom = None,
    ) -> AgreementRow:
        return await publish_agreement(
            edition, {"title": title.texts(), "text": text.texts()}, valid_from, by=actor.label
        )

    @mutation(
        description="Withdraw a version of an agreement that is not in force yet.",
        done="The version will not be in force.",
        answers={"agreement": (AgreementVersion, "The version.")},
        staff=OPERATORS,
    )
    async def withdraw_agreement(
        self, actor: Actor, agreement_id: Annotated[UUID, IdOf("AgreementVersion", "The AgreementVersion's global id.")]
    ) -> AgreementRow:
        return await withdraw(await find_agreement(agreement_id), "agreementId", actor.label)

    @mutation(
        StaleAgreement,
        StepOutOfOrder,
        description="Accept the current service agreement for the account.",
        done="The agreement is accepted.",
        answers={
            "account": (LazyAccount, "The account."),
            "acceptance": (Acceptance, "Who accepted what, when and from where."),
        },
        member=ADMINISTRATORS,
    )
    async def accept_agreement(
        self,
        info: Info,
        account: AccountRow,
        actor: Actor,
        agreement_id: Annotated[
            UUID, IdOf("AgreementVersion", "The id of the current AgreementVersion of the edition.")
        ],
        content_hash: Annotated[str, argument("Its contentHash: what exactly is accepted.")],
    ) -> tuple[AccountRow, AcceptanceRow]:
        viewer = await info.context.signed_in()
        return account, await accept_agreement(account, viewer.user, agreement_id, content_hash, actor)
