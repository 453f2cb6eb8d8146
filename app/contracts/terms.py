"""When contracts begin and end, and when there is something to do with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from app import clock
from app.constants import DEFAULT_ZONE
from app.contracts.models import Contract, ContractState, Instalment
from app.upgrades.queries import followed_upgrade

ZONE = DEFAULT_ZONE
"""Contracts begin and end with days of this zone, as billing days do."""


def unbroken_since(contract: Contract, live: Sequence[Contract]) -> date:
    """The first day of the contract, or of the earliest one of its edition in ``live`` that leads to it without a day
    between."""
    first = contract.starts_on
    for earlier in reversed(live):
        if earlier.edition == contract.edition and earlier.ends_on + timedelta(days=1) == first:
            first = earlier.starts_on
    return first


REMINDERS = (30, 7)


async def starts_at(contract: Contract) -> datetime:
    """The instant at which a contract takes effect: with its first day, in the zone of the billing days that it
    follows, if any, so that no hour is billed by both, or by neither."""
    upgrade = await followed_upgrade(contract.account_id)
    return clock.day_start(contract.starts_on, upgrade.plan.time_zone if upgrade else ZONE)


def ends_at(contract: Contract) -> datetime:
    """The instant at which a contract is over."""
    return clock.day_end(contract.ends_on, ZONE)


def next_attention(contract: Contract, starts: datetime, instalments: Iterable[Instalment]) -> datetime | None:
    """When there is something to do with a contract next; ``None`` when it is over."""
    if contract.state == ContractState.ENDED:
        return None
    due = [clock.day_start(one.due_on, ZONE) for one in instalments if one.charge_id is None]
    if contract.state == ContractState.SCHEDULED:
        return min([starts, *due])
    reminders = [before_end(contract, days) for days in REMINDERS if days < (contract.reminded_days or 366)]
    return min([ends_at(contract), *reminders, *due])


def before_end(contract: Contract, days: int) -> datetime:
    return ends_at(contract) - timedelta(days=days)
