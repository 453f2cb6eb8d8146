"""Publishing the service agreement, and accepting it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from app import clock
from app.accounts.models import Account, User
from app.agreements.models import Acceptance, AgreementVersion
from app.errors import InvalidInput, NotFound, StaleAgreement
from app.events.recording import Actor, record


def content_hash(title: dict[str, str], text: dict[str, str]) -> str:
    """The SHA-256 (hex) of an agreement: its titles and texts as JSON with sorted keys, in UTF-8."""
    canonical = json.dumps({"title": title, "text": text}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


async def publish(version: int, title: dict[str, str], text: dict[str, str], at: datetime) -> AgreementVersion:
    """Add a version of the agreement, current from ``at`` on."""
    return await AgreementVersion.create(
        version=version, title=title, text=text, content_hash=content_hash(title, text), published_at=at
    )


async def publish_next(title: Any, text: Any, since: datetime | None = None) -> AgreementVersion:
    """Add the next version, current from ``since`` (by default now) on; the newest, word for word, is not added again.

    Raises:
        InvalidInput: a title or text is missing in Chinese or English, or ``since`` is past: nobody agreed to it then.
    """
    for name, texts in (("title", title), ("text", text)):
        if not isinstance(texts, dict) or set(texts) != {"zh", "en"} or not all(map(_written, texts.values())):
            raise InvalidInput(
                reason_en=f"{name} must have a zh and an en, and nothing else",
                reason_zh=f"{name} 须有 zh 与 en 两种文本,且仅有这两种",
                path=(name,),
            )
    newest = await AgreementVersion.all().order_by("-version").first()
    if newest is not None and newest.content_hash == content_hash(title, text):
        return newest
    now = clock.now()
    if since is not None and since < now:
        raise InvalidInput(
            reason_en="an agreement is in force from now on at the earliest",
            reason_zh="服务协议最早自当前时刻起生效",
            path=("since",),
        )
    return await publish(newest.version + 1 if newest else 1, title, text, since or now)


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


def _written(text: Any) -> bool:
    return isinstance(text, str) and bool(text.strip())
