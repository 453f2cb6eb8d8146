"""Nonces of signed requests, each accepted once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import clock
from app.db.sql import statement
from app.deployments.models import RequestNonce
from app.errors import ReplayedRequest

REMEMBER = statement(__file__, "remember_nonce")


@dataclass(frozen=True)
class Nonce:
    """The nonce of a signed request, to be accepted once until its signature is too old anyway."""

    access_key_id: UUID
    value: str
    expires_at: datetime


async def remember_nonce(nonce: Nonce) -> None:
    """Note that a signed request was seen, so that it is never accepted again.

    Raises:
        ReplayedRequest: it was seen before.
    """
    (answer,) = await REMEMBER.rows(nonce.access_key_id, nonce.value, nonce.expires_at)
    if not answer["fresh"]:
        raise ReplayedRequest()


async def forget_nonces() -> None:
    """Forget the nonces whose signatures are too old to be accepted anyway."""
    await RequestNonce.filter(expires_at__lt=clock.now()).delete()
