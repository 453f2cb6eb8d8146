"""The same key with the same input answers the same; keys live in the transaction of the request itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from uuid_utils.compat import uuid7

from app import clock, secretbox
from app.db.sql import statement
from app.errors import IdempotencyConflict, InvalidInput
from app.idempotency.models import IdempotencyKey

RESERVE = statement(__file__, "reserve")


async def reserve(scope: str, key: str, operation: str, input_hashes: Sequence[bytes]) -> dict[str, Any] | None:
    """Reserve a key for this transaction, or give the answer it was given before; ``input_hashes`` are of the same
    input, with each secret key, the newest first.

    A concurrent request with the same key waits here until the first one commits (then it gets the first one's answer)
    or rolls back (then it goes ahead itself).

    Raises:
        IdempotencyConflict: the key was used with another input or operation.
        InvalidInput: the key is empty or longer than 255 characters.
    """
    _check(key)
    inserted = await RESERVE.rows(uuid7(), scope, key, operation, input_hashes[0], clock.now())
    if inserted:
        return None
    kept = await IdempotencyKey.get(scope=scope, key=key)
    if kept.operation != operation or bytes(kept.input_hash) not in input_hashes:
        raise IdempotencyConflict(path=("idempotencyKey",))
    sealed = kept.result_encrypted
    answer: dict[str, Any] = orjson.loads(secretbox.decrypt(sealed)) if sealed else {}
    return answer


async def is_known(scope: str, key: str) -> bool:
    """Whether a request with the key was answered before.

    Raises:
        InvalidInput: the key is empty or longer than 255 characters.
    """
    _check(key)
    return await IdempotencyKey.exists(scope=scope, key=key)


async def remember(scope: str, key: str, result: dict[str, Any]) -> None:
    """Keep the answer of a reserved key, which may be a secret that is shown once."""
    sealed = secretbox.encrypt(orjson.dumps(result))
    await IdempotencyKey.filter(scope=scope, key=key).update(result_encrypted=sealed)


async def forget_keys(days: int) -> None:
    """Forget keys, and what they were answered with, after so many days: who sends one again is a new request then."""
    await IdempotencyKey.filter(created_at__lt=clock.now() - timedelta(days=days)).delete()


def _check(key: str) -> None:
    if not 0 < len(key) <= 255 or not key.isprintable():
        raise InvalidInput(
            reason_en="idempotencyKey must have 1 to 255 printable characters",
            reason_zh="idempotencyKey 须为 1 到 255 个可打印字符",
            path=("idempotencyKey",),
        )
