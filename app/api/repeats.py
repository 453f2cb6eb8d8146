"""Idempotency keys: what a repeated mutation is answered with."""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

import orjson
from tortoise.models import Model

from app.accounts.tokens import authenticate
from app.api.context import Context
from app.api.fields import View
from app.api.node import Node, split_id
from app.errors import NotFound
from app.idempotency.keys import is_known, remember, reserve
from app.settings import get_settings


async def once(
    context: Context,
    key: str,
    operation: str,
    arguments: dict[str, Any],
    success: type,
    work: Callable[[], Awaitable[Any]],
    admit_again: Callable[[], Awaitable[None]],
    rerun: bool,
) -> Any:
    """What ``work`` answers with, an instance of ``success``; with the same key again, what it answered with before.

    With ``rerun`` it is done again, and so it is where somebody signed in by it, and the session has ended. The
    transaction is the caller's.

    Raises:
        InvalidInput, IdempotencyConflict: the key is none, or was used for other arguments.
        PermissionDenied, RecentSignInRequired: whoever asks for the answer might not do it now (``admit_again``).
        NotFound: the viewer may not see any more what it answered with.
    """
    scope, digests = await _scope(context, operation, arguments)
    kept = await reserve(scope, key, operation, digests)
    if kept and not rerun:
        await admit_again()
        recalled = await _recall(context, success, kept)
        signed_in = hasattr(recalled, "user") and hasattr(recalled, "token")
        if not signed_in or await authenticate(recalled.token):
            return recalled
    answer = await work()
    if kept is None:
        await remember(scope, key, {} if rerun else _summary(answer))
    return answer


async def repeated(context: Context, key: str, operation: str, arguments: dict[str, Any]) -> bool:
    """Whether a key was used before, so that nobody but ``once`` is to be asked."""
    scope, _ = await _scope(context, operation, arguments)
    return await is_known(scope, key)


async def _scope(context: Context, operation: str, arguments: dict[str, Any]) -> tuple[str, list[bytes]]:
    canonical = orjson.dumps(arguments, default=_plain, option=orjson.OPT_SORT_KEYS)
    digests = [hmac.digest(key, canonical, "sha256") for key in get_settings().secret_keys]
    return await context.scope(hmac.digest(digests[0], operation.encode(), "sha256")), digests


def _summary(answer: Any) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for field in (field for field in dataclasses.fields(answer) if field.init):
        value = getattr(answer, field.name)
        if isinstance(value, Node):
            kept[field.name] = {"node": str(value.id)}
        elif isinstance(value, list) and value and all(isinstance(one, Node) for one in value):
            kept[field.name] = {"nodes": [str(one.id) for one in value]}
        elif isinstance(value, View) and isinstance(value.row, Model):
            kept[field.name] = {"row": str(value.row.pk)}
        else:
            kept[field.name] = {"value": value}
    return kept


async def _recall(context: Context, success: type, kept: dict[str, Any]) -> Any:
    values: dict[str, Any] = {}
    kinds = {field.name: field.type for field in dataclasses.fields(success)}
    for name, value in kept.items():
        if "node" in value:
            values[name] = await _found(context, value["node"])
        elif "nodes" in value:
            values[name] = [await _found(context, one) for one in value["nodes"]]
        elif "row" in value:
            view = _view(kinds[name])
            row = await row_type(view).get_or_none(pk=value["row"])
            if row is None:
                raise NotFound(what=view.__name__, path=("idempotencyKey",))
            values[name] = view.of(row)
        else:
            values[name] = _as(kinds[name], value["value"])
    return success(**values)


async def _found(context: Context, given: str) -> Node:
    kind, key = split_id(given)
    found = await Node.kinds[kind].load(context, key)
    if found is None or (await context.viewer() is not None and not await found.visible(context)):
        raise NotFound(what=kind, path=("idempotencyKey",))
    return found


def _view(kind: Any) -> type[View]:
    """The view that a field is of, or may be of."""
    found: type[View] = getattr(kind, "of_type", kind)
    return found


def row_type(view: type[View]) -> Any:
    """What a view shows the rows of."""
    return get_type_hints(view, localns=dict(Node.kinds))["row"]


def _as(kind: Any, value: Any) -> Any:
    """A value as it was before it was kept: the items of a list are objects again."""
    item = getattr(kind, "of_type", None)
    if isinstance(value, list) and isinstance(item, type) and dataclasses.is_dataclass(item):
        return [item(**one) for one in value]
    return value


def _plain(value: Any) -> Any:
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else str(value)
