"""How every mutation runs: one transaction, typed errors in a union, and an optional idempotency key."""

from __future__ import annotations

import dataclasses
import hmac
import inspect
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import wraps
from typing import Annotated, Any, Union, get_type_hints

import orjson
import strawberry
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case
from tortoise.transactions import in_transaction

from app import secretbox
from app.api.context import Context
from app.api.errors import ERROR_TYPES, as_graphql
from app.api.lanes import Lane
from app.api.node import Node, split_id
from app.errors import COMMON_ERRORS, BillingError, InvalidInput, NotFound
from app.idempotency.keys import remember, reserve
from app.settings import get_settings

IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description="1 to 255 characters of your choice: the same key with the same input answers the same result, "
        "with another input a conflict."
    ),
]

MOST_NESTING = 32


def mutation(
    *errors: type[BillingError],
    description: str,
    rerun: bool = False,
    transaction: bool = True,
    lane: Lane | None = None,
) -> Callable[[Callable[..., Awaitable[Any]]], StrawberryField]:
    """Make a mutation of a resolver that returns its success type and raises ``errors`` or the common ones.

    ``rerun``: the work is idempotent by itself, so a repeated idempotency key does it again for the same answer.
    ``transaction``: whether it needs one; not if it writes in a single statement, unless a key is to be remembered.
    ``lane``: why the transaction may take long; so many of those at once leave connections for everything else.
    """

    def decorate(resolver: Callable[..., Awaitable[Any]]) -> StrawberryField:
        hints = get_type_hints(resolver, include_extras=True)
        success = hints.pop("return")
        members = (success, *(ERROR_TYPES[error] for error in dict.fromkeys((*errors, *COMMON_ERRORS))))
        name = success.__name__.removesuffix("Success") + "Payload"
        union = Annotated[
            Union[members],  # type: ignore[valid-type]  # noqa: UP007
            strawberry.union(name, description=f"`{success.__name__}`, or the typed error that says why not."),
        ]

        @wraps(resolver)
        async def run(self: Any, info: Any, idempotency_key: str | None = None, **arguments: Any) -> Any:
            context: Context = info.context
            try:
                _refuse_unstorable(arguments)
                if idempotency_key is None and not transaction:
                    return await resolver(self, info, **arguments)
                async with context.lane(lane) if lane else nullcontext(), in_transaction():
                    if idempotency_key is None:
                        return await resolver(self, info, **arguments)
                    return await _once(
                        context,
                        idempotency_key,
                        name,
                        arguments,
                        success,
                        lambda: resolver(self, info, **arguments),
                        rerun,
                    )
            except BillingError as error:
                return as_graphql(error, context.locale)

        signature = inspect.signature(resolver)
        parameters = [
            parameter.replace(annotation=hints.get(name, parameter.annotation))
            for name, parameter in signature.parameters.items()
        ]
        parameters.append(
            inspect.Parameter(
                "idempotency_key", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=IdempotencyKey
            )
        )
        run.__signature__ = signature.replace(parameters=parameters, return_annotation=union)  # type: ignore[attr-defined]
        run.__annotations__ = {**hints, "idempotency_key": IdempotencyKey, "return": union}
        field: StrawberryField = strawberry.mutation(resolver=run, description=description)
        return field

    return decorate


async def _once(
    context: Context,
    key: str,
    operation: str,
    arguments: dict[str, Any],
    success: type,
    work: Callable[[], Awaitable[Any]],
    rerun: bool,
) -> Any:
    scope = await context.scope()
    canonical = orjson.dumps(arguments, default=_plain, option=orjson.OPT_SORT_KEYS)
    digest = hmac.digest(get_settings().secret_key, canonical, "sha256")
    kept = await reserve(scope, key, operation, digest)
    if kept and not rerun:
        return await _recall(context, success, kept)
    answer = await work()
    if kept is None:
        await remember(scope, key, {} if rerun else _summary(answer))
    return answer


def _summary(answer: Any) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for field in dataclasses.fields(answer):
        value = getattr(answer, field.name)
        if isinstance(value, Node):
            kept[field.name] = {"node": str(value.id())}
        else:
            kept[field.name] = {"sealed": secretbox.encrypt(orjson.dumps(value)).decode()}
    return kept


async def _recall(context: Context, success: type, kept: dict[str, Any]) -> Any:
    values: dict[str, Any] = {}
    for name, value in kept.items():
        if "node" in value:
            kind, key = split_id(value["node"])
            found = await Node.kinds[kind].load(context, key)
            if found is None or (await context.viewer() is not None and not await found.visible(context)):
                raise NotFound(what=kind, path=("idempotencyKey",))
            values[name] = found
        else:
            values[name] = orjson.loads(secretbox.decrypt(value["sealed"].encode()))
    return success(**values)


def _refuse_unstorable(value: Any, path: tuple[str, ...] = ()) -> None:
    """Refuse what PostgreSQL cannot keep as text or JSON: the character U+0000, and values nested beyond reason."""
    if isinstance(value, str):
        if "\0" in value:
            raise InvalidInput(
                reason_en="text must not contain the character U+0000", reason_zh="文本不得包含字符 U+0000", path=path
            )
        return
    if len(path) > MOST_NESTING:
        raise InvalidInput(
            reason_en=f"values must be nested at most {MOST_NESTING} deep",
            reason_zh=f"值的嵌套不得超过 {MOST_NESTING} 层",
            path=path[:1],
        )
    if isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_unstorable(item, (*path, str(index)))
    elif isinstance(value, dict):
        for name, item in value.items():
            _refuse_unstorable(name, path)
            _refuse_unstorable(item, (*path, name if path else to_camel_case(name)))
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            _refuse_unstorable(getattr(value, field.name), (*path, to_camel_case(field.name)))


def _plain(value: Any) -> Any:
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else str(value)
