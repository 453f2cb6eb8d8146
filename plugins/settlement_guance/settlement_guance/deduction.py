"""What pays a charge, and where a credit goes. Pure: no table, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from settlement_spec import Source

from settlement_guance.kinds import BY_SOURCE

ORDER = {source: position for position, source in enumerate([*BY_SOURCE, Source.CASH])}


@dataclass(frozen=True)
class Held:
    """``minor`` fen in one part of a wallet: what can be taken from it, or what was."""

    source: Source
    minor: int
    fund_id: UUID | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Taken:
    """What a day's charges took from one part of a wallet in all (``held``), and how much of it one of them did."""

    held: Held
    own: int


def deduct(minor: int, funds: Iterable[Held], at: datetime) -> list[Held]:
    """What pays ``minor``: vouchers and cards in the order of their kinds, of each kind the soonest to expire first,
    then cash, which may become negative. What has expired at ``at`` pays nothing.
    """
    usable = [fund for fund in funds if fund.expires_at is None or fund.expires_at > at]
    parts, left = _take(minor, sorted(usable, key=_place), lambda fund, owed: BY_SOURCE[fund.source].covers(owed))
    return [*parts, Held(Source.CASH, left)] if left else parts


def pay_back(minor: int, taken: Iterable[Taken]) -> tuple[list[Held], int]:
    """Where ``minor`` of a charge goes that is given back: to what paid that very charge, then to what paid the others
    of its day; each the deduction order backwards, so that cash comes first, and to each part what was taken from it at
    the most. With it comes the rest: what was never taken here.
    """
    parts = sorted(taken, key=lambda part: _place(part.held), reverse=True)
    own = [replace(part.held, minor=min(part.own, part.held.minor)) for part in parts]
    others = [replace(part.held, minor=part.held.minor - mine.minor) for part, mine in zip(parts, own, strict=True)]
    back, rest = _take(minor, [*own, *others], lambda _, owed: owed)
    merged: dict[tuple[Source, UUID | None], Held] = {}
    for held in back:
        known = merged.get((held.source, held.fund_id))
        merged[held.source, held.fund_id] = replace(held, minor=held.minor + (known.minor if known else 0))
    return [*merged.values()], rest


def _take(minor: int, sources: Iterable[Held], most: Callable[[Held, int], int]) -> tuple[list[Held], int]:
    """``minor`` from ``sources`` one after the other, from each at the most what ``most`` says; and what is left."""
    parts = []
    for held in sources:
        share = min(minor, held.minor, most(held, minor))
        if share > 0:
            parts.append(Held(held.source, share, held.fund_id, held.expires_at))
            minor -= share
    return parts, minor


def _place(held: Held) -> tuple[int, float, str]:
    return ORDER[held.source], held.expires_at.timestamp() if held.expires_at else 0.0, str(held.fund_id)
