"""Limits on how often something may be tried: leaky buckets in the database, for all processes and over restarts."""

from __future__ import annotations

import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app import clock
from app.db.sql import statement
from app.errors import RateLimited
from app.settings import get_settings
from app.throttling.models import Throttle

TAKE = statement(__file__, "take")
GIVE_BACK = statement(__file__, "give_back")
LONGEST = timedelta(days=1)


@dataclass(frozen=True)
class Bucket:
    """So many tries of something within a time; they come back one by one, evenly. ``of`` says whose they are."""

    name: str
    of: str
    most: int
    within: timedelta

    @property
    def key(self) -> str:
        """What the bucket is kept under: a keyed hash of whose it is."""
        return hmac.new(get_settings().secret_key, f"{self.name} {self.of}".encode(), "sha256").hexdigest()


async def take(buckets: Sequence[Bucket]) -> None:
    """Count a try in each bucket, or, where one is full, in none. To be called without a transaction.

    Raises:
        RateLimited: one of them is full.
    """
    if not buckets:
        return
    wait = (await TAKE.rows(*_parameters(buckets), clock.now()))[0]["wait"]
    if wait > 0:
        raise RateLimited(retry_after=math.ceil(wait))


async def give_back(buckets: Sequence[Bucket]) -> None:
    """Take back a try that was none, since it was right."""
    if buckets:
        await GIVE_BACK.run([bucket.key for bucket in buckets])


async def forget_tries() -> None:
    """Forget buckets that are empty."""
    await Throttle.filter(at__lt=clock.now() - LONGEST).delete()


def _parameters(buckets: Sequence[Bucket]) -> tuple[list[str], list[int], list[float]]:
    keys = [bucket.key for bucket in buckets]
    return keys, [bucket.most for bucket in buckets], [bucket.within.total_seconds() for bucket in buckets]
