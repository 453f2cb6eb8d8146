"""What a channel answers for charges, made fit to be written down, so that one answer never holds up other charges."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from settlement_spec import Outcome, SettlementResult

LONGEST_REFERENCE = 200
LONGEST_REASON = 1000
SOONEST = timedelta(seconds=5)
FARTHEST = timedelta(days=30)


def by_charge(results: Iterable[object], now: datetime) -> dict[UUID, SettlementResult]:
    """The answers by charge; what is no result is left out, as if the channel had not answered for the charge."""
    return {
        result.charge_id: _fit(result, now)
        for result in results
        if isinstance(result, SettlementResult) and isinstance(result.charge_id, UUID)
    }


def _fit(result: SettlementResult, now: datetime) -> SettlementResult:
    if result.outcome not in tuple(Outcome):
        return SettlementResult(result.charge_id, Outcome.UNKNOWN, reason="the channel answered with no known outcome")
    return SettlementResult(
        result.charge_id,
        result.outcome,
        _text(result.provider_reference, LONGEST_REFERENCE),
        _text(result.reason, LONGEST_REASON),
        _ahead(result.retry_at, now),
    )


def _text(given: object, longest: int) -> str | None:
    """As much of it as PostgreSQL takes: no NUL, and nothing that UTF-8 has no form for."""
    if given is None:
        return None
    return str(given).encode(errors="replace").decode().replace("\x00", "")[:longest] or None


def _ahead(given: object, now: datetime) -> datetime | None:
    if not isinstance(given, datetime) or given.utcoffset() is None:
        return None
    return min(max(given, now + SOONEST), now + FARTHEST)
