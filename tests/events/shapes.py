"""What events of a type say: whether one says it, and samples that do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from app.events.details import DETAILS
from app.events.models import Event
from app.events.types import EVENT_TYPES

SAMPLES: dict[type, Any] = {str: "x", int: 1, bool: True, list: []}


def complaints(event: Event) -> list[str]:
    """How an event says anything but what its type is listed with; its type is to be listed."""
    meaning = EVENT_TYPES[event.type]
    found = [
        *_details("before", meaning.before, event.before),
        *_details("after", meaning.after, event.after),
        *([] if _reason(meaning.reason, event.reason) else [f"reason {event.reason!r}"]),
    ]
    return [f"{event.type}: {complaint}" for complaint in found]


def sample(type: str) -> dict[str, Any]:
    """Details that an event of a type may carry."""
    meaning = EVENT_TYPES[type]
    return {
        "before": {name: _sample(name) for name in _names(meaning.before)} or None,
        "after": {name: _sample(name) for name in _names(meaning.after)} or None,
        "reason": "because" if meaning.reason == "always" else None,
    }


def _names(listed: str) -> list[str]:
    return [name.removesuffix("?") for name in listed.split(", ") if name]


def _details(side: str, listed: str, said: dict[str, Any] | None) -> Iterator[str]:
    if said == {}:
        yield f"{side} is empty, not null"
    details = said or {}
    missing = {name for name in listed.split(", ") if name and not name.endswith("?")} - set(details)
    if missing or set(details) - set(_names(listed)):
        yield f"{side} has {sorted(details)}, not {listed!r}"
    for name, value in details.items():
        if not _is(DETAILS[name].kind, value) and not (value is None and f"{name}?" in listed):
            yield f"{side} has {name} {value!r}"


def _is(kind: type | str, value: Any) -> bool:
    if isinstance(kind, type):
        return bool(type(value) is kind and value not in ("", "None"))
    if isinstance(value, list):
        return all(_is(kind, item) for item in value)
    return (kind == "Deployment" and bool(value)) or _is_id(value)


def _is_id(value: Any) -> bool:
    try:
        return bool(str(UUID(value)) == value)
    except (AttributeError, TypeError, ValueError):
        return False


def _reason(listed: str, said: str | None) -> bool:
    return bool(said) if listed == "always" else said is None or (listed == "sometimes" and said not in ("", "None"))


def _sample(name: str) -> Any:
    kind = DETAILS[name].kind
    return SAMPLES[kind] if isinstance(kind, type) else str(UUID(int=1))
