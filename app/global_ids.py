"""Global ids: how the API, events and webhooks name an object."""

from __future__ import annotations

import base64
from uuid import UUID


def global_id(kind: str, key: UUID) -> str:
    """The opaque global id of a row, which the query ``node`` finds it by; ``kind`` is its GraphQL type."""
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")
