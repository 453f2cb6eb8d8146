"""Calendar months in a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from app import clock
from app.errors import InvalidInput

FORM = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, order=True)
class Month:
    """A month by its first day."""

    first: date

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month of ``YYYY-MM``.

        Raises:
            InvalidInput: not of that form.
        """
        named = FORM.fullmatch(text)
        if named is None:
            raise InvalidInput(
                reason_en="month must be of the form 2026-01", reason_zh="month 须为 2026-01 的形式", path=("month",)
            )
        return cls(date(int(named[1]), int(named[2]), 1))

    def next(self) -> Month:
        """The month after this one."""
        return Month(clock.next_month(self.first))

    def begins_at(self, zone: str) -> datetime:
        """The instant at which it begins."""
        return clock.day_start(self.first, zone)

    def ends_at(self, zone: str) -> datetime:
        """The instant at which the next one begins."""
        return clock.day_start(self.next().first, zone)

    def __str__(self) -> str:
        return self.first.strftime("%Y-%m")
