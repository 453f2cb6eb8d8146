"""The published list of revoked licenses: a new version whenever it would say something else, or is to be renewed."""

from __future__ import annotations

from datetime import timedelta

from tortoise.transactions import in_transaction

from app import clock
from app.db.locking import lock_name
from app.db.sql import statement
from app.licenses.keys import current_signer
from app.licenses.models import RevocationIssue
from app.protocol.documents import SKEW, RevocationList
from app.protocol.jws import Kind, sign
from app.settings import get_settings

REVOKED = statement(__file__, "revoked")
UNLISTED = statement(__file__, "unlisted")
LIST_REVOKED = statement(__file__, "list_revoked")


async def current_revocations() -> RevocationIssue:
    """The newest list. It is issued here if a license was revoked since, if a day of its time is gone, or if the
    signing key changed; several processes that find it so issue one list, one after another.

    Licenses that ended by themselves leave it: their expiry is enough.
    """
    newest = await _newest()
    if newest is not None and await _fresh(newest):
        return newest
    async with in_transaction():
        await lock_name("revocations")
        newest = await _newest()
        if newest is not None and await _fresh(newest):
            return newest
        return await _issue(newest.version + 1 if newest else 1)


async def newest_version() -> int:
    """The version of the newest list; 0 before the first."""
    newest = await _newest()
    return newest.version if newest else 0


async def _newest() -> RevocationIssue | None:
    return await RevocationIssue.all().order_by("-version").first()


async def _fresh(newest: RevocationIssue) -> bool:
    rows = await UNLISTED.rows()
    young = clock.now() < newest.issued_at + timedelta(days=1)
    return young and not rows[0]["stale"] and newest.kid == (await current_signer()).kid


async def _issue(version: int) -> RevocationIssue:
    now = clock.now()
    await LIST_REVOKED.run(version)
    rows = await REVOKED.rows(now, SKEW)
    listed = RevocationList(
        version=version,
        issued_at=now,
        next_update_at=now + timedelta(days=get_settings().revocations_days),
        revoked={str(row["id"]): row["revoked_at"] for row in rows},
    )
    signer = await current_signer()
    return await RevocationIssue.create(
        version=version,
        text=await sign(Kind.REVOCATIONS, listed.claims(), signer),
        kid=signer.kid,
        revoked=len(rows),
        issued_at=now,
        next_update_at=listed.next_update_at,
    )
