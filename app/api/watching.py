"""What staff watch over all accounts: an object is pushed when something happened to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Any
from uuid import UUID

from app.accounts.models import StaffRole
from app.api.context import Info
from app.api.fields import argument
from app.api.node import Node
from app.events.types import EVENT_TYPES

Sandboxes = Annotated[bool, argument("Also of sandbox accounts; left out by default.")]


async def changed(
    info: Info, kind: type[Node], of: str, named: str, staff: tuple[StaffRole, ...], sandboxes: bool = False
) -> AsyncGenerator[Any, None]:
    """The object that each event whose type begins with ``of`` calls ``named``, as it is then; for such staff.

    Raises:
        Unauthenticated, PermissionDenied: it is none of these.
    """
    await info.context.reads_as_staff(*staff)
    types = [name for name in EVENT_TYPES if name.startswith(of)]
    async for event in info.context.broker.follow_all(types, None, sandboxes):
        await info.context.reads_as_staff(*staff)
        key = {**(event.before or {}), **(event.after or {})}.get(named)
        found = await kind.load(info.context, UUID(key)) if key else None
        if found is not None:
            yield found
