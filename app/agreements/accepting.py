"""Accepting the service agreement."""

from __future__ import annotations

from uuid import UUID

from app.accounts.models import Account, User
from app.agreements.models import Acceptance, AgreementVersion
from app.agreements.queries import current_version
from app.errors import NotFound, StaleAgreement
from app.events.recording import Actor, record


async def accept(account: Account, user: User, agreement_id: UUID, hash: str, actor: Actor) -> Acceptance:
    """Accept the current version for the account; accepting it again keeps the first acceptance.

    Raises:
        NotFound: no such version.
        StaleAgreement: it is not the current version, or the hash is not of its text.
    """
    version = await AgreementVersion.get_or_none(id=agreement_id)
    if version is None:
        raise NotFound(what="agreement", path=("agreementId",))
    current = await current_version(account.now())
    if version.id != current.id:
        raise StaleAgreement(current_version=current.version, path=("agreementId",))
    if hash != current.content_hash:
        raise StaleAgreement(current_version=current.version, path=("contentHash",))
    acceptance, created = await Acceptance.get_or_create(
        account_id=account.id,
        agreement_id=current.id,
        defaults={
            "user_id": user.id,
            "content_hash": current.content_hash,
            "accepted_at": account.now(),
            "address": actor.address,
        },
    )
    if created:
        await record(
            account.id,
            account.now(),
            "agreement.accepted",
            actor,
            after={"version": current.version, "contentHash": current.content_hash, "address": actor.address},
        )
    return acceptance
