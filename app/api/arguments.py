"""What a mutation's resolver is given: arguments that can be kept, keys instead of global ids, caller and account."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from app.accounts.models import ACCOUNTANTS, ADMINISTRATORS, Role, StaffRole, TokenScope
from app.accounts.queries import lock_account
from app.api.context import OWNERS, Context, Info
from app.api.fields import argument
from app.api.node import Node, decode_id
from app.errors import InvalidInput, NotFound, PermissionDenied
from app.inputs import LONGEST_EXPLANATION

MOST_NESTING = 32
SUPPLIED = ("self", "info", "account", "actor", "viewer", "answer")
SCOPES = {OWNERS: TokenScope.MEMBERS, ADMINISTRATORS: TokenScope.ACCOUNT, ACCOUNTANTS: TokenScope.MONEY}
"""Which scope a token needs for what members with these roles may do; for anything else it is to be without scopes."""

Label = Annotated[str, argument("What to call it, 1 to 200 characters.")]
Reason = Annotated[str, argument(f"Why, 1 to {LONGEST_EXPLANATION} characters.")]
ChannelKey = Annotated[str | None, argument("Only those of this channel.")]
MonthOf = Annotated[str | None, argument("The month, as YYYY-MM; the present one (UTC) by default.")]
Sandboxes = Annotated[bool, argument("Also what is of sandbox accounts, which is play money; left out by default.")]


@dataclass(frozen=True)
class IdOf:
    """Marks an argument of a mutation as the global id of a kind; the resolver gets the key in it."""

    kind: str
    description: str


AccountID = Annotated[UUID, IdOf("Account", "The account's global id.")]


class Arguments:
    """The arguments of one mutation: as its client gives them, and as its resolver takes them.

    Raises:
        TypeError: the resolver takes ``account`` or ``actor``, and nothing says who may call it.
    """

    def __init__(
        self,
        parameters: Mapping[str, inspect.Parameter],
        staff: tuple[StaffRole, ...],
        member: frozenset[Role],
        of: str,
        scope: TokenScope | None = None,
    ) -> None:
        if not (staff or member) and {"account", "actor"} & set(parameters):
            raise TypeError("who gets account or actor must say for which staff or members it is")
        self._staff, self._member, self._of = staff, member, of
        self._parameters = parameters
        self._scope = scope or (SCOPES.get(member) if member else TokenScope.STAFF if staff else None)
        self.asked: dict[str, inspect.Parameter] = {}
        self._ids: dict[str, IdOf] = {}
        for name, parameter in parameters.items():
            if name == "account" and of == "account_id":
                self._ask(parameter.replace(name=of, annotation=AccountID))
            elif name not in SUPPLIED:
                self._ask(parameter)

    def _ask(self, parameter: inspect.Parameter) -> None:
        name, annotation = parameter.name, parameter.annotation
        marks = [mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, IdOf)]
        if marks:
            (self._ids[name],) = marks
            optional = type(None) in get_args(annotation.__origin__)
            shown = argument(self._ids[name].description)
            parameter = parameter.replace(
                annotation=Annotated[strawberry.ID | None if optional else strawberry.ID, shown]
            )
        self.asked[name] = parameter

    async def admit(self, info: Info, given: Mapping[str, Any]) -> dict[str, Any]:
        """The resolver's arguments for those that a client gave, if the client may call it.

        Raises:
            Unauthenticated, PermissionDenied: nobody is signed in, or has the role.
            NotFound: no such account or object, or the viewer is not a member of the account.
            InvalidInput: an id is none, or of another kind.
        """
        context: Context = info.context
        supplied: dict[str, Any] = {"info": info}
        await self.check_scope(context)
        if self._member:
            await context.signed_in()
            account_id, path = await self._account_id(context, given), (to_camel_case(self._of),)
            supplied["account"], supplied["actor"] = await context.member(
                account_id, self._member, path, self._staff, self._what
            )
        else:
            if self._staff:
                supplied["actor"] = await context.staff(*self._staff)
            if "account" in self._parameters:
                context.acted_on = await self._account_id(context, given)
                supplied["account"] = await lock_account(context.acted_on)
        if "viewer" in self._parameters:
            supplied["viewer"] = await context.signed_in()
        keys = {name: self._key(name, given) for name in self._ids if given.get(name) is not None}
        found = {**given, **keys, **supplied}
        return {name: found[name] for name in found if name in self._parameters}

    async def check_scope(self, context: Context) -> None:
        """Refuse a token that lacks the scope, whatever is asked.

        Raises:
            PermissionDenied: it does.
        """
        if (viewer := await context.viewer()) is not None:
            viewer.check_scope(TokenScope.STAFF if not viewer.staff_roles.isdisjoint(self._staff) else self._scope)

    async def is_in_scope(self, context: Context) -> bool:
        """Whether a token has the scope, if it needs one."""
        try:
            await self.check_scope(context)
        except PermissionDenied:
            return False
        return True

    async def admit_again(self, context: Context, given: Mapping[str, Any]) -> None:
        """Look whether a client may still call what it called before. What it was about may be gone since, by that
        very call: a member who left, or was taken out, is refused by what is shown of it.

        Raises:
            PermissionDenied: the token lacks the scope, or its user the role.
        """
        await self.check_scope(context)
        viewer = await context.viewer()
        if self._staff and not self._member:
            await context.staff(*self._staff)
        elif self._member and viewer and self._ids[self._of].kind == "Account":
            account_id = self._key(self._of, given)
            if account_id in viewer.memberships:
                await context.member(account_id, self._member, (to_camel_case(self._of),), self._staff, self._what)

    @property
    def _what(self) -> str:
        """What the mutation is about, in words: who may not see it is told the same as if it were not there."""
        return to_snake_case(self._ids[self._of].kind).replace("_", " ")

    def _key(self, name: str, given: Mapping[str, Any]) -> UUID:
        return decode_id(given[name], self._ids[name].kind, to_camel_case(name))

    async def _account_id(self, context: Context, given: Mapping[str, Any]) -> UUID:
        kind, key = self._ids[self._of].kind, self._key(self._of, given)
        if kind == "Account":
            return key
        found = await Node.kinds[kind].load(context, key)
        if found is None:
            raise NotFound(what=self._what, path=(to_camel_case(self._of),))
        account_id: UUID = found.row.account_id
        return account_id


def too_long() -> InvalidInput:
    """The refusal of a text that no column could keep, which Tortoise refuses to look for as well."""
    return InvalidInput(
        reason_en="a text is longer than anything of its kind is", reason_zh="文本长度超出该类内容的上限"
    )


def refuse_unstorable(value: Any, path: tuple[str, ...] = ()) -> None:
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
            refuse_unstorable(item, (*path, str(index)))
    elif isinstance(value, dict):
        for name, item in value.items():
            refuse_unstorable(name, path)
            refuse_unstorable(item, (*path, name if path else to_camel_case(name)))
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            refuse_unstorable(getattr(value, field.name), (*path, to_camel_case(field.name)))
