"""What an event says of before and after, as clients see it: what it is about is named by global ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.global_ids import global_id

KINDS = {
    "application": "Application",
    "card": "Fund",
    "charge": "Charge",
    "contract": "Contract",
    "credits": "Charge",
    "deployment": "Deployment",
    "invoice": "Invoice",
    "license": "License",
    "offer": "Offer",
    "topUp": "TopUp",
    "voucher": "Fund",
    "vouchers": "Fund",
}
"""Details that are keys of rows, and the GraphQL types of those."""


def shown(details: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Details with global ids for keys; a deployment may be named by its fingerprint, which stays."""
    if details is None:
        return None
    return {name: _shown(KINDS[name], value) if name in KINDS else value for name, value in details.items()}


def _shown(kind: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_shown(kind, item) for item in value]
    try:
        return global_id(kind, UUID(value))
    except (AttributeError, TypeError, ValueError):
        return value
