"""What is published: in force from an instant on, and never changed; withdrawn only before that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from tortoise import fields
from tortoise.queryset import QuerySet

from app import clock
from app.db.models import Row
from app.errors import InvalidInput


class Published(Row):
    """A row that is in force from ``valid_from`` on, unless it is ``withdrawn_at`` an earlier instant.

    Both are on the world's clock; a sandbox account that is ahead asks for what is in force on its own. The database
    lets nothing else of the row change. ``published_by`` and ``withdrawn_by`` are the e-mail addresses of staff, or say
    what did it: the command line, or the billing center itself.
    """

    valid_from = fields.DatetimeField()
    published_by = fields.CharField(max_length=254, default="billing")
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)
    withdrawn_by = fields.CharField(max_length=254, null=True)

    class Meta:
        abstract = True


P = TypeVar("P", bound=Published)


def in_force(query: QuerySet[P], at: datetime) -> QuerySet[P]:
    """Those of the rows that are in force at an instant, the one to hold last."""
    return query.filter(valid_from__lte=at, withdrawn_at=None).order_by("valid_from", "id")


def to_come(query: QuerySet[P], at: datetime) -> QuerySet[P]:
    """Those of the rows that will be in force after an instant, the next first."""
    return query.filter(valid_from__gt=at, withdrawn_at=None).order_by("valid_from", "id")


def begin(since: datetime | None, name: str = "validFrom") -> datetime:
    """From when on something is in force that is published now: ``since``, by default at once.

    Raises:
        InvalidInput: that is past: nobody knew of it then.
    """
    now = clock.now()
    if since is not None and since < now:
        raise InvalidInput(
            reason_en="what is published is in force from now on at the earliest",
            reason_zh="发布内容最早自当前时刻起生效",
            path=(name,),
        )
    return since or now


async def withdraw(row: P, name: str, by: str) -> P:
    """Withdraw what is not in force yet; withdrawing it again changes nothing. ``name`` is the argument that names it,
    ``by`` who withdraws it.

    Raises:
        InvalidInput: it is in force.
    """
    now = clock.now()
    if row.withdrawn_at is not None:
        return row
    if row.valid_from <= now:
        raise InvalidInput(
            reason_en=f"it is in force since {row.valid_from:%Y-%m-%d %H:%M} UTC: publish another instead",
            reason_zh=f"已于 {row.valid_from:%Y-%m-%d %H:%M} UTC 起生效：请另行发布新版本",
            path=(name,),
        )
    row.withdrawn_at, row.withdrawn_by = now, by
    await row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return row


def localized(value: Any, path: tuple[str, ...]) -> dict[str, str]:
    """``value``, which is a text in Chinese and in English.

    Raises:
        InvalidInput: it is anything but a ``zh`` and an ``en`` that are not empty.
    """
    if not isinstance(value, Mapping) or set(value) != {"zh", "en"} or not all(map(_written, value.values())):
        name = path[-1]
        raise InvalidInput(
            reason_en=f"{name} must have a zh and an en, and nothing else",
            reason_zh=f"{name} 须有 zh 与 en 两种文本，且仅有这两种",
            path=path,
        )
    return dict(value)


def only(given: Mapping[str, Any], what: tuple[str, str], required: frozenset[str], optional: frozenset[str]) -> None:
    """See that something (named in English and Chinese) has all that it must have, and nothing but what it may have.

    Raises:
        InvalidInput: a member is missing, or is unknown; the path names it.
    """
    known = ", ".join(sorted(required | optional))
    for name in sorted(set(given) - required - optional):
        raise InvalidInput(
            reason_en=f"{what[0]} has {known}, and no {name}",
            reason_zh=f"{what[1]}只有 {known}，没有 {name}",
            path=(name,),
        )
    for name in sorted(required - set(given)):
        raise InvalidInput(reason_en=f"{what[0]} must have {name}", reason_zh=f"{what[1]}须有 {name}", path=(name,))


def _written(text: Any) -> bool:
    return isinstance(text, str) and bool(text.strip())
