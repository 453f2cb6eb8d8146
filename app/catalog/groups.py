"""Groups of accounts for which prices are negotiated together."""

from __future__ import annotations

import re
from typing import Any

from app.catalog.models import PriceGroup
from app.db.published import localized
from app.errors import InvalidInput

KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)


async def put_group(key: str, name: Any) -> PriceGroup:
    """Make a group, or give the one with this key another name.

    Raises:
        InvalidInput: the key cannot be one, or the name lacks a language.
    """
    if not KEY.fullmatch(key):
        raise InvalidInput(
            reason_en="key must be 1 to 40 lower-case letters, digits, hyphens and underscores, such as partners-2027",
            reason_zh="key 须为 1 到 40 个小写字母、数字、连字符或下划线，例如 partners-2027",
            path=("key",),
        )
    group, _ = await PriceGroup.update_or_create({"name": localized(name, ("name",))}, key=key)
    return group
