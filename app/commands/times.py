"""Times on the command line: in the zone of billing days, unless they have an offset."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from app.commands.running import stop
from app.constants import DEFAULT_ZONE as ZONE

IN_ZONE = f"in {ZONE}, unless it has an offset"


def instant(text: str | None, option: str = "--from", zone: str = ZONE) -> datetime | None:
    """The instant that an option names: in ``zone``, unless it has an offset.

    Raises:
        typer.Exit: it names none, which is said.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        stop(f"{option} must be a day or time such as 2027-01-01 or 2027-01-01T08:00:00+08:00, not {text}")
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def when(at: datetime, zone: str = ZONE) -> str:
    """An instant as the commands show it: in ``zone``."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"
