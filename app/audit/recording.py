"""Writing down who did what. Secrets are left out by the names of what they are given as."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from typing import Any
from uuid import UUID

import orjson

from app import clock
from app.audit.models import AuditEntry
from app.events.recording import Actor

SUCCESS = "SUCCESS"
SECRETS = frozenset(
    {
        "challenge",
        "code",
        "configuration",
        "current_password",
        "data_gateway_url",
        "file",
        "idempotency_key",
        "license",
        "new_code",
        "new_password",
        "old_code",
        "password",
        "second_factor",
        "secret",
        "sk",
        "state",
        "token",
    }
)
"""The arguments that are secrets, or may have one in them."""
HIDDEN = "(secret)"
LONGEST = 500
SALT = 16
DEEPEST = 8
MOST_ITEMS = 20


@dataclass(frozen=True)
class Deed:
    """What somebody did: the action's name, the account that it concerns, what came of it, and what is known of it."""

    actor: Actor
    action: str
    account_id: UUID | None = None
    outcome: str = SUCCESS
    request_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


async def note(*deeds: Deed) -> None:
    """Append entries, in the surrounding transaction if there is one."""
    await AuditEntry.bulk_create([_entry(deed) for deed in deeds])


def _entry(deed: Deed) -> AuditEntry:
    made = AuditEntry(
        at=clock.now(),
        actor_kind=deed.actor.kind,
        actor_id=deed.actor.id,
        actor_label=deed.actor.label[:254],
        address=deed.actor.address[:64],
        action=deed.action[:100],
        account_id=deed.account_id,
        outcome=deed.outcome,
        request_id=deed.request_id,
        details=dict(deed.details),
        salt=secrets.token_bytes(SALT),
    )
    made.digest = personal_digest(made)
    return made


def personal_digest(entry: AuditEntry) -> str:
    """The hash of what may be erased of an entry, with its salt, without which nobody finds out by guessing."""
    said = orjson.dumps([entry.actor_label, entry.address, entry.details], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(bytes(entry.salt or b"") + said).hexdigest()


def without_secrets(given: Mapping[str, Any], deep: int = DEEPEST) -> dict[str, Any]:
    """Arguments as they may be kept: those that were given, secrets hidden, what is long or deep cut off."""
    return {
        _text(name): HIDDEN if name in SECRETS else _plain(value, deep)
        for name, value in given.items()
        if value is not None
    }


def _plain(value: Any, deep: int) -> Any:
    if not deep:
        return "…"
    if is_dataclass(value) and not isinstance(value, type):
        return without_secrets(vars(value), deep - 1)
    if isinstance(value, Mapping):
        return without_secrets(value, deep - 1)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(one, deep - 1) for one in value[:20]] + (
            [f"and {len(value) - 20} more"] if len(value) > 20 else []
        )
    if value is None or isinstance(value, bool | int):
        return value if abs(value or 0) < 1 << 53 else str(value)
    return _text(value)


def _text(value: object) -> str:
    return str(value).replace("\0", "")[:LONGEST]
