"""Which agreement is current, and who accepted it."""

from __future__ import annotations

from datetime import datetime

from app.accounts.models import Account
from app.agreements.models import Acceptance, AgreementVersion
from app.errors import NotFound


async def current_version(at: datetime) -> AgreementVersion:
    """The version in force at an instant.

    Raises:
        NotFound: none is published yet.
    """
    found = await AgreementVersion.filter(published_at__lte=at).order_by("-version").first()
    if found is None:
        raise NotFound(what="agreement")
    return found


async def accepted_current(account: Account) -> bool:
    """Whether somebody accepted the present version for the account."""
    current = await current_version(account.now())
    return await Acceptance.exists(account_id=account.id, agreement_id=current.id)
