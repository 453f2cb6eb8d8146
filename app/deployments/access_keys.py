"""AK/SK pairs are made and revoked."""

from __future__ import annotations

import secrets
from uuid import UUID

from app import clock, secretbox
from app.accounts.models import Account
from app.deployments.models import AccessKey
from app.errors import NotFound
from app.events.recording import Actor, record
from app.inputs import text


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


async def revoke_access_key(account: Account, key_id: UUID, actor: Actor) -> AccessKey:
    """End an AK/SK pair; ending it again changes nothing.

    Raises:
        NotFound: the account has no such key.
    """
    key = await AccessKey.get_or_none(id=key_id, account_id=account.id)
    if key is None:
        raise NotFound(what="access key", path=("id",))
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        await key.save(update_fields=["revoked_at"])
        await record(account.id, account.now(), "access_key.revoked", actor, before={"ak": key.ak})
    return key
