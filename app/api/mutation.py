"""How every mutation runs: one transaction, typed errors in a union, and an optional idempotency key."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from functools import reduce
from operator import or_
from typing import Annotated, Any, get_args, get_type_hints

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import capitalize_first, to_camel_case
from tortoise.exceptions import ValidationError
from tortoise.transactions import in_transaction

from app.accounts.models import Role, StaffRole, TokenScope
from app.api.arguments import Arguments, refuse_unstorable, too_long
from app.api.audience import for_staff
from app.api.auditing import note_mutation, noting_events
from app.api.context import Context, Info
from app.api.errors import ERROR_TYPES, Error, as_graphql
from app.api.fields import View, object_type, parameters_of, signed
from app.api.lanes import Lane, in_time
from app.api.owned import LazyAccount, refuse_what_no_deployment_needs, shown_account
from app.api.repeats import once, repeated
from app.api.throttles import Throttled
from app.audit.recording import SUCCESS
from app.db.remembered import memory
from app.errors import COMMON_ERRORS, BillingError, RecentSignInRequired
from app.throttling.buckets import give_back, take

IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description="1 to 255 characters of your choice: the same key with the same input answers the same result, "
        "with another input a conflict."
    ),
]
Answers = Mapping[str, tuple[Any, str]]


def mutation(
    *errors: type[BillingError],
    description: str,
    done: str = "",
    answers: Answers | None = None,
    staff: tuple[StaffRole, ...] = (),
    member: frozenset[Role] = frozenset(),
    of: str = "account_id",
    scope: TokenScope | None = None,
    rerun: bool = False,
    transaction: bool = True,
    lane: Lane | None = None,
    outside: Callable[..., Awaitable[Callable[[], Awaitable[Any]]]] | None = None,
    throttled: Throttled | None = None,
    counted: bool = False,
    deployment: bool = False,
) -> Callable[[Callable[..., Awaitable[Any]]], StrawberryField]:
    """Make a mutation of a resolver that raises ``errors`` or the common ones.

    ``done`` describes the success type, ``answers`` are its fields, each with type and description, in the order in
    which the resolver returns their values; a row stands for its view. Without them the resolver returns an instance of
    the type that it is annotated with.

    ``staff``: only staff with one of these roles may call it, and the description says so.
    ``member``: only members with one of these roles may, of the account that the argument ``of`` is the id of, or that
    owns the object with that id. With both, either may.
    ``scope``: what a token needs where the resolver itself looks who may; it follows from the others otherwise.
    A resolver that takes ``actor`` gets who calls; one that takes ``account``, that account, locked.

    ``rerun``: the work is idempotent by itself, so a repeated idempotency key does it again for the same answer; it is
    its own record, and the audit log has none of it.
    ``transaction``: whether it needs one; not if it writes in a single statement, unless a key is to be remembered.
    ``lane``: why it may take long; so many of those at once leave connections for everything else.
    ``deployment``: a deployment's key calls it, and gets of the account what a deployment needs, and nothing else.
    ``throttled``: a secret can be guessed by it, so tries are counted that do not succeed; or all, if ``counted``. What
    a token has no scope for is none: whoever has one does not use up the tries of its user.
    ``outside``: takes arguments of the resolver, in a transaction of its own that comes first, checks them, and answers
    with what a provider is to be asked while there is neither transaction nor lock. What that answers is the resolver's
    ``answer``, which is told to ``abandon`` what it left, if it can, where the resolver did not take it: it refuses or
    fails, or the same request came first. A request that is repeated with its key does not ask again.
    """

    def decorate(resolver: Callable[..., Awaitable[Any]]) -> StrawberryField:
        arguments = Arguments(parameters_of(resolver), staff, member, of, scope)
        field_name = to_camel_case(resolver.__name__)
        name = capitalize_first(field_name)
        success = object_type(f"{name}Success", done, answers) if answers else get_type_hints(resolver)["return"]

        async def work(self: Any, info: Info, given: dict[str, Any], more: dict[str, Any]) -> Any:
            result = await resolver(self, **await arguments.admit(info, given), **more)
            return _answer(success, answers, result) if answers else result

        async def run(self: Any, info: Info, idempotency_key: IdempotencyKey = None, **given: Any) -> Any:
            context: Context = info.context
            context.acted_on, context.named = None, ""
            context.ask_anew()
            try:
                refuse_unstorable(given)
                if deployment:
                    refuse_what_no_deployment_needs(info)
                buckets = await throttled(context, given) if throttled and await arguments.is_in_scope(context) else []
                await take(buckets)
            except BillingError as error:
                return as_graphql(error, context.locale)
            try:
                answer = await perform(self, info, idempotency_key, given)
            except Exception:
                await note_mutation(context, field_name, given, "INTERNAL")
                raise
            if isinstance(answer, Error):
                await note_mutation(context, field_name, given, answer.code.value)
            else:
                context.done.add(info.path.key)
                if not counted:
                    await give_back(buckets)
            return answer

        async def perform(self: Any, info: Info, idempotency_key: str | None, given: dict[str, Any]) -> Any:
            context: Context = info.context
            more: dict[str, Any] = {}
            taken = []

            async def once_more() -> Any:
                with noting_events() as events:
                    answer = await work(self, info, given, more)
                if not rerun:
                    await note_mutation(context, field_name, given, SUCCESS, events)
                taken.append(answer)
                return answer

            async def admit_again() -> None:
                await arguments.admit_again(context, given)
                if RecentSignInRequired in errors:
                    (await context.signed_in()).check_recent()

            try:
                if idempotency_key is None and not transaction:
                    return await once_more()
                held = context.lane(lane) if lane else nullcontext()
                if outside is not None:
                    if idempotency_key is None or not await repeated(context, idempotency_key, f"{name}Payload", given):
                        async with in_transaction():
                            ask = await _prepare(outside, {**await arguments.admit(info, given), "info": info})
                        async with held:
                            more = {"answer": await ask()}
                    held = nullcontext()
                async with held, in_transaction(), in_time():
                    if idempotency_key is None:
                        return await once_more()
                    return await once(
                        context, idempotency_key, f"{name}Payload", given, success, once_more, admit_again, rerun
                    )
            except BillingError as error:
                return as_graphql(error, context.locale)
            except ValidationError:
                return as_graphql(too_long(), context.locale)
            finally:
                if not deployment:
                    memory().forget()
                abandon = getattr(more.get("answer"), "abandon", None)
                if abandon is not None and not taken:
                    await abandon()

        this, info, key, _ = parameters_of(run).values()
        last = key.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        signed(run, [this, info, *arguments.asked.values(), last], _union(name, success, *errors))
        field: StrawberryField = strawberry.mutation(
            resolver=run, description=description if member else for_staff(description, staff)
        )
        return field

    return decorate


async def _prepare(
    outside: Callable[..., Awaitable[Callable[[], Awaitable[Any]]]], admitted: Mapping[str, Any]
) -> Callable[[], Awaitable[Any]]:
    taken = inspect.signature(outside).parameters
    return await outside(**{name: value for name, value in admitted.items() if name in taken})


def _union(name: str, success: type, *errors: type[BillingError]) -> Any:
    annotated: Any = Annotated
    members = (success, *(ERROR_TYPES[error] for error in dict.fromkeys((*errors, *COMMON_ERRORS))))
    description = f"`{name}Success`, or the typed error that says why not."
    return annotated[reduce(or_, members), strawberry.union(f"{name}Payload", description=description)]


def _answer(success: type, answers: Answers, result: Any) -> Any:
    values = result if len(answers) > 1 else (result,)
    shown = zip(answers.items(), values, strict=True)
    return success(**{name: _shown(kind, value) for (name, (kind, _)), value in shown})


def _shown(kind: Any, value: Any) -> Any:
    """A row as its view, or a list of rows; anything else as it is."""
    if isinstance(value, list):
        return [_shown(kind, one) for one in value]
    kinds = (kind, *get_args(kind))
    if LazyAccount in kinds:
        return None if value is None else shown_account(value)
    for one in kinds:
        if isinstance(one, type) and issubclass(one, View):
            return None if value is None else one.of(value)
    return value
