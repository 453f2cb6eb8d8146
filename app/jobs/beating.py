"""Workers note that they are there, for whoever watches."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from uuid_utils.compat import uuid7

from app import clock
from app.db.sql import statement
from app.jobs.models import Worker

BEAT = statement(__file__, "beat")
BEAT_SECONDS = 10.0
MISSING_AFTER = timedelta(minutes=1)
"""A worker that did not beat for so long counts as gone."""


class Heart:
    """What one worker process is known by."""

    def __init__(self) -> None:
        self._id = uuid7()
        self._host = f"{socket.gethostname()}:{os.getpid()}"[:200]
        self._started_at = clock.now()

    async def beat(self) -> None:
        """Note that the worker is there."""
        await BEAT.run(self._id, self._host, self._started_at, clock.now())

    async def stop(self) -> None:
        """Note that it is not any more."""
        await Worker.filter(id=self._id).delete()


async def workers() -> tuple[int, datetime | None]:
    """How many workers there are, and when one was last seen."""
    seen = [worker.seen_at for worker in await Worker.all().order_by("-seen_at")]
    since = clock.now() - MISSING_AFTER
    return sum(at >= since for at in seen), max(seen, default=None)
