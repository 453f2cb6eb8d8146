"""Which hour a charge is metered in: AWS takes one quantity for a customer, dimension and hour, within 24 hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from settlement_spec import Charge, ChargeKind

HOUR = timedelta(hours=1)
WINDOW = timedelta(hours=24)
"""AWS: "aren't accepted 24 hours or more after an event" (BatchMeterUsage, UsageRecord.Timestamp)."""
MONTH_CLOSES = timedelta(hours=6)
"""What was used in a month is taken until 06:00 UTC on the 1st of the next, whatever the 24 hours say."""
MARGIN = timedelta(minutes=1)
MOST_UNITS = (2**31 - 1) // 25


@dataclass
class Group:
    """Charges of one subscription that become one record, in the hour ``wanted`` if it is free."""

    wanted: datetime
    charges: list[Charge] = field(default_factory=list)

    @property
    def quantity(self) -> int:
        """The sum of the charges' units."""
        return sum(charge.units for charge in self.charges)


@dataclass
class Plan:
    """What becomes of the charges that are new: records, refusals, and those whose hour is not over yet."""

    groups: list[Group] = field(default_factory=list)
    refused: dict[UUID, str] = field(default_factory=dict)
    early: dict[UUID, datetime] = field(default_factory=dict)


def hour_of(instant: datetime) -> datetime:
    """The beginning of the hour that an instant lies in."""
    return instant.replace(minute=0, second=0, microsecond=0)


def timestamp_of(hour: datetime) -> datetime:
    """The instant that a record of an hour is stamped with: its last second."""
    return hour + HOUR - timedelta(seconds=1)


def closes_at(hour: datetime) -> datetime:
    """Until when AWS takes a record of an hour."""
    at = timestamp_of(hour).astimezone(UTC)
    next_month = (at.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)
    return min(at + WINDOW, next_month + MONTH_CLOSES)


def open_hours(now: datetime) -> list[datetime]:
    """The complete hours that AWS still takes records of, newest first."""
    return list(_back_from(hour_of(now) - HOUR, now))


def plan(charges: Sequence[Charge], now: datetime) -> Plan:
    """Put new charges of one subscription into records.

    A day's charge belongs into the last hour of its day. Adjustments, a day that is charged before its end since the
    agreement ends, and the play money of sandboxes go with another charge, or into the last complete hour. A downward
    adjustment only lessens a record that stays at 0 or above.
    """
    planned, hours = Plan(), open_hours(now)
    downward = []
    for charge in charges:
        if charge.kind == ChargeKind.INSTALMENT:
            planned.refused[charge.id] = "AWS prices units by itself, so it cannot collect an instalment: move it"
        elif (charge.units == 0) != (charge.amount.minor == 0):
            planned.refused[charge.id] = (
                "AWS prices units by itself, and amount and units of this charge do not belong together: move it"
            )
        elif abs(charge.units) > MOST_UNITS:
            planned.refused[charge.id] = f"{charge.units} units are more than AWS takes in one record"
        elif charge.units < 0:
            downward.append(charge)
        elif _has_an_hour(charge):
            _put_day(planned, charge, hours)
    for charge in charges:
        if charge.units >= 0 and charge.id not in planned.refused and not _has_an_hour(charge):
            _put_anywhere(planned, charge, hours)
    for charge in downward:
        room = next((group for group in planned.groups if group.quantity + charge.units >= 0), None)
        if room is None:
            planned.refused[charge.id] = (
                f"AWS takes no negative usage: refund {-charge.units} units to the customer at AWS Marketplace"
            )
        else:
            room.charges.append(charge)
    return planned


def _has_an_hour(charge: Charge) -> bool:
    return charge.kind == ChargeKind.DAILY and not charge.sandbox and charge.due_from >= charge.day_ends_at


def _put_day(planned: Plan, charge: Charge, hours: Sequence[datetime]) -> None:
    wanted = hour_of(charge.day_ends_at - timedelta(microseconds=1))
    if wanted > hours[0]:
        planned.early[charge.id] = wanted + HOUR
    elif wanted < hours[-1]:
        planned.refused[charge.id] = (
            f"window missed: AWS took usage of {wanted:%Y-%m-%dT%H}Z until {closes_at(wanted):%Y-%m-%dT%H:%M}Z"
        )
    else:
        _group(planned, wanted).charges.append(charge)


def _put_anywhere(planned: Plan, charge: Charge, hours: Sequence[datetime]) -> None:
    if planned.groups:
        max(planned.groups, key=lambda group: group.wanted).charges.append(charge)
        return
    wanted = hour_of(charge.due_from) - HOUR
    _group(planned, wanted if wanted in hours else hours[0]).charges.append(charge)


def _group(planned: Plan, wanted: datetime) -> Group:
    for group in planned.groups:
        if group.wanted == wanted:
            return group
    planned.groups.append(Group(wanted))
    return planned.groups[-1]


def _back_from(hour: datetime, now: datetime) -> Iterator[datetime]:
    while now < closes_at(hour) - MARGIN:
        yield hour
        hour -= HOUR
