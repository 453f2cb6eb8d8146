"""Publishing the editions' agreements: each is a new version, and none is ever changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.agreements.models import AgreementVersion
from app.catalog.keys import EditionKey
from app.db.locking import lock_name
from app.db.published import begin, localized, only


def content_hash(title: dict[str, str], text: dict[str, str]) -> str:
    """The SHA-256 (hex) of an agreement: its titles and texts as JSON with sorted keys, in UTF-8."""
    canonical = json.dumps({"title": title, "text": text}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


async def publish_agreement(
    edition: EditionKey, given: Mapping[str, Any], since: datetime | None = None, *, by: str
) -> AgreementVersion:
    """The next version of an edition's agreement, in force from ``since`` (by default now) on; in a transaction.

    ``given`` has a ``title`` and a ``text``, each in ``zh`` and ``en``; ``by`` is who publishes it. The newest, word
    for word, is not added again.

    Raises:
        InvalidInput: it has anything else, one is missing in a language, or ``since`` is past.
    """
    only(given, ("an agreement", "服务协议"), frozenset({"title", "text"}), frozenset())
    title, text = localized(given["title"], ("title",)), localized(given["text"], ("text",))
    await lock_name(f"agreement of {edition}")
    newest = await AgreementVersion.filter(edition=edition).order_by("-version").first()
    digest = content_hash(title, text)
    if newest is not None and newest.content_hash == digest and newest.withdrawn_at is None:
        return newest
    return await AgreementVersion.create(
        edition=edition,
        version=newest.version + 1 if newest else 1,
        title=title,
        text=text,
        content_hash=digest,
        valid_from=begin(since),
        published_by=by,
    )
