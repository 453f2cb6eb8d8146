"""Publishing versions of the service agreement."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from app import clock
from app.agreements.models import AgreementVersion
from app.errors import InvalidInput


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


def _written(text: Any) -> bool:
    return isinstance(text, str) and bool(text.strip())
