"""The chain of the audit log: what was written since the last time is sealed, and the whole is verified."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

import orjson
from tortoise.transactions import in_transaction

from app import clock
from app.audit.erasing import ERASED
from app.audit.models import AuditEntry, AuditSeal
from app.audit.recording import personal_digest
from app.db.locking import lock_name

AT_ONCE = 5_000
FIRST = "0" * 64
SEALED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Verified:
    """What was found: how many entries and seals there are, of how many entries a person's data was erased, the newest
    seal's hash, and what is wrong."""

    entries: int
    erased: int
    seals: int
    head: str
    wrong: list[str]


async def seal() -> int:
    """Seal what is not yet; how many entries that was, 5000 at the most. One seal follows another, whoever makes it."""
    async with in_transaction():
        await lock_name("audit seal")
        entries = await AuditEntry.filter(seal=None).order_by("id").limit(AT_ONCE)
        if not entries:
            return 0
        last = await AuditSeal.all().order_by("-number").first()
        number = last.number + 1 if last else 1
        digest = _hash(last.hash if last else FIRST, entries)
        await AuditEntry.filter(id__in=[entry.id for entry in entries]).update(seal=number)
        await AuditSeal.create(number=number, entries=len(entries), hash=digest, sealed_at=clock.now())
    return len(entries)


async def verify(head: str | None = None) -> Verified:
    """Compute every seal anew. ``head`` is the hash of a seal that somebody kept elsewhere: it must be in the chain."""
    wrong, before, count, number, hashes = [], FIRST, 0, 0, set()
    async for found in _in_order(AuditSeal, "number"):
        number += 1
        if found.number != number:
            wrong.append(f"seal {number} is missing")
            number = found.number
        entries = await AuditEntry.filter(seal=found.number).order_by("id")
        if len(entries) != found.entries:
            wrong.append(f"seal {found.number} is over {found.entries} entries, and {len(entries)} are there")
        elif _hash(before, entries) != found.hash:
            wrong.append(f"seal {found.number} is not the hash of its entries and of the seal before it")
        for entry in entries:
            if entry.salt is not None and personal_digest(entry) != entry.digest:
                wrong.append(f"entry {entry.id} does not say what was sealed")
        before, count = found.hash, count + len(entries)
        hashes.add(found.hash)
    stray = await AuditEntry.filter(seal__gt=number).count()
    late = await AuditEntry.filter(seal=None, at__lt=clock.now() - SEALED_WITHIN).count()
    if stray:
        wrong.append(f"{stray} entries are under seals that are not there")
    if late:
        wrong.append(f"{late} entries older than 10 minutes are not sealed: does a worker run?")
    if head is not None and head not in hashes:
        wrong.append("the hash that you gave is in no seal: the chain was written anew")
    said = sum([entry.details.get("entries", 0) for entry in await AuditEntry.filter(action=ERASED)])
    gone = await AuditEntry.filter(salt=None).count()
    if said != gone:
        wrong.append(f"of {gone} entries what they said is erased, and {said} were erased on record")
    return Verified(count, gone, number, before, wrong)


async def exported() -> AsyncIterator[bytes]:
    """Every entry as a line of JSON, the oldest first: what the seals are over, what its digest is of, and its seal."""
    async for entry in _in_order(AuditEntry, "id"):
        personal = {"actor": entry.actor_label, "address": entry.address, "details": entry.details}
        sealed = {"salt": entry.salt and bytes(entry.salt).hex(), "seal": entry.seal}
        yield orjson.dumps({**_said(entry), **personal, **sealed}, option=orjson.OPT_SORT_KEYS)


async def _in_order(model: Any, key: str) -> AsyncIterator[Any]:
    last: Any = None
    while True:
        window = model.all() if last is None else model.filter(**{f"{key}__gt": last})
        rows = await window.order_by(key).limit(1_000)
        for row in rows:
            yield row
            last = getattr(row, key)
        if len(rows) < 1_000:
            return


def _hash(before: str, entries: Sequence[AuditEntry]) -> str:
    lines = [before.encode(), *(orjson.dumps(_said(entry), option=orjson.OPT_SORT_KEYS) for entry in entries)]
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def _said(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "at": entry.at.astimezone(UTC).isoformat(),
        "actorKind": entry.actor_kind,
        "actorId": entry.actor_id and str(entry.actor_id),
        "action": entry.action,
        "accountId": entry.account_id and str(entry.account_id),
        "outcome": entry.outcome,
        "requestId": entry.request_id,
        "digest": entry.digest,
    }
