"""What the log says of a person is erased, and the chain of hashes holds."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from app.audit.recording import Deed, note
from app.db.sql import statement
from app.events.recording import Actor

ERASE = statement(__file__, "erase")
ERASED = "person.erased"


async def erase(user_id: UUID, held: Collection[tuple[str, UUID, UUID]], actor: Actor) -> int:
    """Erase whence and with which arguments a user did something, and what is said with an address that the user had,
    in entries with keys from one to another; how many entries that is. That it was done stands in the log as well, and
    must, for the log to be sound."""
    count = 0
    for email, since, until in held:
        count += len(await ERASE.rows(user_id, email, since, until))
    await note(Deed(actor, ERASED, details={"user": str(user_id), "entries": count}))
    return count
