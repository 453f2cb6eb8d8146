"""Which agreement is current, and who accepted it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.accounts.models import Account
from app.agreements.models import Acceptance, AgreementVersion
from app.catalog.keys import EditionKey
from app.db.published import in_force
from app.errors import NotFound


async def find_agreement(agreement_id: UUID) -> AgreementVersion:
    """A version of an agreement.

    Raises:
        NotFound: there is no such version.
    """
    found = await AgreementVersion.get_or_none(id=agreement_id)
    if found is None:
        raise NotFound(what="agreement", path=("agreementId",))
    return found


async def version_at(edition: EditionKey, at: datetime) -> AgreementVersion | None:
    """The version of an edition's agreement that is in force at an instant, if one is."""
    return await in_force(AgreementVersion.filter(edition=edition), at).last()


async def current_version(edition: EditionKey, at: datetime) -> AgreementVersion:
    """The version of an edition's agreement that is in force at an instant.

    Raises:
        NotFound: none is published yet.
    """
    found = await version_at(edition, at)
    if found is None:
        raise NotFound(what="agreement")
    return found


async def accepted_current(account: Account, edition: EditionKey) -> bool:
    """Whether somebody accepted the present version of the edition's agreement for the account."""
    current = await current_version(edition, account.now())
    return await Acceptance.exists(account_id=account.id, agreement_id=current.id)
