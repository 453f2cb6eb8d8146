"""Accepting the service agreement."""

from __future__ import annotations

from app.accounts.models import Account, User
from app.agreements.models import Acceptance, AgreementVersion
from app.agreements.queries import current_version
from app.errors import StaleAgreement
from app.events.recording import Actor, record


async def accept(account: Account, user: User, version: AgreementVersion, hash: str, actor: Actor) -> Acceptance:
    """Accept the current version for the account; accepting it again keeps the first acceptance.

    Raises:
        StaleAgreement: it is not the current version of its edition's, or the hash is not of its text.
    """
    current = await current_version(version.edition, account.now())
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
            after={
                "edition": current.edition,
                "version": current.version,
                "contentHash": current.content_hash,
                "address": actor.address,
            },
        )
    return acceptance
