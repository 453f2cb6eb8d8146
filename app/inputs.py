"""Checks of input that every room takes."""

from __future__ import annotations

import re
from datetime import datetime

from app.errors import InvalidInput


def text(value: str, name: str, longest: int, shortest: int = 1) -> str:
    """``value``, which is one line, without surrounding blanks.

    Raises:
        InvalidInput: it is shorter or longer than allowed, or has control characters in it.
    """
    value = lines(value, name, longest, shortest)
    if not value.isprintable():
        raise InvalidInput(
            reason_en=f"{name} must not contain control characters", reason_zh=f"{name} 不得包含控制字符", path=(name,)
        )
    return value


def lines(value: str, name: str, longest: int, shortest: int = 1) -> str:
    """``value``, which may have several lines, without surrounding blanks.

    Raises:
        InvalidInput: it is shorter or longer than allowed.
    """
    value = value.strip()
    if not shortest <= len(value) <= longest:
        raise InvalidInput(
            reason_en=f"{name} must have {shortest} to {longest} characters",
            reason_zh=f"{name} 须为 {shortest} 到 {longest} 个字符",
            path=(name,),
        )
    return value


def check_offset(at: datetime | None, name: str, example: str) -> None:
    """Refuse a time that does not say in which zone it is; ``example`` is one that does.

    Raises:
        InvalidInput: it has no offset.
    """
    if at is not None and at.tzinfo is None:
        raise InvalidInput(
            reason_en=f"{name} needs its offset, such as {example}",
            reason_zh=f"{name} 须带时区偏移,例如 {example}",
            path=(name,),
        )


EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
