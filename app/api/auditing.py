"""What the API writes into the audit log: every mutation that somebody signed in to or tried, and what staff read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

from app.api.context import Context
from app.audit.recording import Deed, note, without_secrets
from app.errors import Overloaded, RateLimited, Unauthenticated
from app.events.models import ActorKind
from app.events.recording import Actor, recorded

UNTOLD = (Unauthenticated.code, RateLimited.code, Overloaded.code)
"""What whoever floods the service would fill the log with; nothing was done."""


@contextmanager
def noting_events() -> Iterator[list[UUID]]:
    """The keys of the events that are recorded inside."""
    found: list[UUID] = []
    token = recorded.set(found)
    try:
        yield found
    finally:
        recorded.reset(token)


async def note_mutation(
    context: Context, name: str, given: Mapping[str, Any], outcome: str, events: list[UUID] | None = None
) -> None:
    """Write down a mutation: who, with which arguments, what came of it, and the events that say before and after."""
    if outcome in UNTOLD:
        return
    details: dict[str, Any] = {"arguments": without_secrets(given)}
    if events:
        details["events"] = [str(key) for key in events]
    await note(Deed(await _actor(context, given), name, context.acted_on, outcome, context.request_id, details))


async def note_reads(context: Context, action: str) -> None:
    """Write down what staff read of customers in this request, an entry for each account, or one for all; once."""
    seen, context.read_as_staff = sorted(context.read_as_staff, key=str), set()
    if seen:
        actor = await _actor(context, {})
        await note(*(Deed(actor, action, key, request_id=context.request_id) for key in seen))


async def _actor(context: Context, given: Mapping[str, Any]) -> Actor:
    viewer = None
    with suppress(Unauthenticated):  # signed out just now, on a WebSocket
        viewer = await context.viewer()
    if viewer is None and context.acted_on is not None:
        return Actor(ActorKind.DEPLOYMENT, _named(given, "fingerprint"), address=context.address)
    if viewer is None:
        named = _named(given, "email", "ak", "fingerprint") or context.named
        return Actor(ActorKind.ANONYMOUS, named, address=context.address)
    if viewer.staff_roles and context.acted_on not in viewer.memberships:
        return Actor(ActorKind.STAFF, viewer.label, viewer.token.user_id, context.address)
    return context.actor(viewer)


def _named(given: Mapping[str, Any], *arguments: str) -> str:
    """The first of these arguments that was given."""
    return next((str(given[name]) for name in arguments if given.get(name)), "").replace("\0", "")
