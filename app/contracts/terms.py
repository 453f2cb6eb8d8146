"""When contracts begin and end, and when there is something to do with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from app import clock
from app.contracts.models import Contract, ContractState, Instalment

REMINDERS = (30, 7)


def starts_at(contract: Contract) -> datetime:
    """The instant at which a contract, with its plan, takes effect: with its first day."""
    return clock.day_start(contract.starts_on, contract.plan.time_zone)


def ends_at(contract: Contract) -> datetime:
    """The instant at which a contract, with its plan, is over: with the end of its last day."""
    return clock.day_end(contract.ends_on, contract.plan.time_zone)


def due_at(contract: Contract, instalment: Instalment) -> datetime:
    """The instant at which an instalment of a contract, with its plan, is charged."""
    return clock.day_start(instalment.due_on, contract.plan.time_zone)


def unbroken_since(contract: Contract, live: Sequence[Contract]) -> datetime:
    """The instant at which the contract begins, or the earliest one of its edition in ``live`` that leads to it without
    a day between."""
    first = contract
    for earlier in reversed(live):
        if earlier.edition == contract.edition and earlier.ends_on + timedelta(days=1) == first.starts_on:
            first = earlier
    return starts_at(first)


def next_attention(contract: Contract, instalments: Iterable[Instalment]) -> datetime | None:
    """When there is something to do with a contract, with its plan, next; ``None`` when it is over."""
    if contract.state == ContractState.ENDED:
        return None
    due = [due_at(contract, one) for one in instalments if one.charge_id is None]
    if contract.state == ContractState.SCHEDULED:
        return min([starts_at(contract), *due])
    reminders = [before_end(contract, days) for days in REMINDERS if days < (contract.reminded_days or 366)]
    return min([ends_at(contract), *reminders, *due])


def before_end(contract: Contract, days: int) -> datetime:
    return ends_at(contract) - timedelta(days=days)
