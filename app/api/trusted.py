"""Trusted documents: those that the operator knows; clients name them by their hash, and they may be all there are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from app.api.console import DOCUMENTS
from app.errors import CannotStart
from app.settings import get_settings

PREFIX = "sha256:"
Documents = Mapping[str, str]


@lru_cache
def trusted_documents() -> Documents:
    """The documents of the console and of ``BILLING_TRUSTED_DOCUMENTS``, by the SHA-256 of their text.

    Raises:
        CannotStart: it is no folder and no JSON object, or a document is not the one that its hash says.
    """
    path = get_settings().trusted_documents
    try:
        own = _named(DOCUMENTS) if DOCUMENTS.exists() else {}
        named = own | (_named(path) if path is not None else {})
    except (OSError, ValueError) as error:
        raise CannotStart(f"BILLING_TRUSTED_DOCUMENTS cannot be read: {error}") from None
    for hash_, document in named.items():
        if hash_ != sha256(document):
            raise CannotStart(f"BILLING_TRUSTED_DOCUMENTS: {hash_} is not the SHA-256 of its document")
    return named


def _named(path: Path) -> dict[str, str]:
    if path.is_dir():
        texts = [found.read_text() for found in sorted(path.glob("**/*.graphql"))]
        return {sha256(text): text for text in texts}
    found = orjson.loads(path.read_bytes())
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ValueError("it is no JSON object of SHA-256 and document")
    return {hash_.removeprefix(PREFIX): text for hash_, text in found.items()}


def sha256(document: str) -> str:
    """The hash that a document is named by: 64 hexadecimal digits."""
    return hashlib.sha256(document.encode()).hexdigest()


def named_in(request: Mapping[str, Any]) -> str | None:
    """The hash that a request names its document by: as ``documentId`` (GraphQL over HTTP: ``sha256:…``), or as
    Apollo's clients do, in ``extensions.persistedQuery.sha256Hash``; ``None`` if it names none."""
    extensions = request.get("extensions")
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    named = request.get("documentId") or (persisted.get("sha256Hash") if isinstance(persisted, dict) else None)
    return named.removeprefix(PREFIX).lower() if isinstance(named, str) else None
