"""AK/SK pairs are made and revoked."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from tortoise.expressions import Q

from app import clock, secretbox
from app.accounts.models import Account
from app.deployments.models import AccessKey
from app.errors import NotFound
from app.events.recording import Actor, record
from app.inputs import between, text

MOST_OVERLAP_HOURS = 720


async def create_access_key(account: Account, label: str, actor: Actor) -> tuple[AccessKey, str]:
    """A new AK/SK pair, and the SK in the clear, which is shown this once.

    Raises:
        InvalidInput: the label is empty or too long.
    """
    sk = secrets.token_urlsafe(32)
    key = await AccessKey.create(
        account_id=account.id,
        ak="AK" + secrets.token_hex(12).upper(),
        sk_encrypted=secretbox.encrypt(sk.encode()),
        label=text(label, "label", 200),
        created_at=clock.now(),
    )
    await record(account.id, account.now(), "access_key.created", actor, after={"ak": key.ak, "label": key.label})
    return key, sk


async def rotate_access_key(account: Account, key_id: UUID, hours: int, actor: Actor) -> tuple[AccessKey, str]:
    """Another pair of the same label, and its SK, which is shown this once; the former one works for so long yet.

    Raises:
        NotFound: the account has no such key that works.
        InvalidInput: the hours are not 0 to 720.
    """
    lasting = clock.now() + timedelta(hours=between(hours, 0, MOST_OVERLAP_HOURS, "overlapHours"))
    former = await AccessKey.filter(Q(revoked_at=None) | Q(revoked_at__gt=clock.now()), id=key_id).first()
    if former is None or former.account_id != account.id:
        raise NotFound(what="access key", path=("accessKeyId",))
    made = await create_access_key(account, former.label, actor)
    former.revoked_at = min(lasting, former.revoked_at or lasting)
    await former.save(update_fields=["revoked_at"])
    after = {"ak": made[0].ak, "until": former.revoked_at.isoformat()}
    await record(account.id, account.now(), "access_key.rotated", actor, before={"ak": former.ak}, after=after)
    return made


async def revoke_access_key(account: Account, key_id: UUID, actor: Actor) -> AccessKey:
    """End an AK/SK pair; ending it again changes nothing.

    Raises:
        NotFound: the account has no such key.
    """
    key = await AccessKey.get_or_none(id=key_id, account_id=account.id)
    if key is None:
        raise NotFound(what="access key", path=("accessKeyId",))
    if key.revoked_at is None or key.revoked_at > clock.now():
        key.revoked_at = clock.now()
        await key.save(update_fields=["revoked_at"])
        await record(account.id, account.now(), "access_key.revoked", actor, before={"ak": key.ak})
    return key
