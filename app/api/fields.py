"""Fields that are declared: what they show, and how it is read off the row behind their object."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping
from operator import attrgetter
from typing import Any, Self, TypeVar, get_type_hints

import strawberry
from strawberry.types.field import StrawberryField

from app.compiled.fields import PlainField

F = TypeVar("F", bound=Callable[..., Any])


@strawberry.type
class View:
    """A GraphQL type over one row, or another value of the rules, kept in ``row``."""

    row: strawberry.Private[Any]

    @classmethod
    def of(cls, row: Any) -> Self:
        """The GraphQL object of a row."""
        return cls(row=row)

    @classmethod
    def maybe(cls, row: Any) -> Self | None:
        """The GraphQL object of a row, if there is one."""
        return None if row is None else cls.of(row)

    def __init_subclass__(cls) -> None:
        """Fields are shown in the order in which they are written, those with a resolver and those without."""
        super().__init_subclass__()
        given = vars(cls).get("__annotations__", {})
        resolved = {
            name: field.base_resolver.signature.return_annotation
            for name, field in vars(cls).items()
            if isinstance(field, StrawberryField) and field.base_resolver
        }
        written = {name: kind for name, kind in given.items() if name not in vars(cls)}
        cls.__annotations__ = written | {
            name: (resolved | given)[name] for name in vars(cls) if name in resolved | given
        }


class Read(PlainField):
    """A field that is read by a property of its object: no resolver, and no argument of the type's constructor."""

    default: Any

    def reader(self, reading: Hashable) -> Callable[[Any], Any]:
        """How it is read for somebody who reads the language ``reading``."""
        found: Callable[[Any], Any] = self.default.fget
        return found

    def by(self, read: Callable[[Any], Any]) -> Self:
        self.default = property(read)
        self.init = self.repr = self.compare = False
        return self

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        return self.default.fget(source)


class _Column(Read):
    """Reads the attribute of its own name off the row."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.by(attrgetter(f"row.{name}"))


class Localized(_Column):
    """Reads the text of the reader's language off the row's column of its own name."""

    def reader(self, reading: Hashable) -> Callable[[Any], Any]:
        """How it is read for somebody who reads the language ``reading``."""
        texts = self.default.fget
        return lambda source: texts(source)[reading]

    @property
    def is_basic_field(self) -> bool:
        """It asks who reads."""
        return False

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        return self.reader(info.context.locale)(source)


def argument(description: str) -> Any:
    """What an argument is, as metadata of its annotation."""
    return strawberry.argument(description=description)


def derived(description: str, read: Callable[[Any], Any]) -> Any:
    """A field of what ``read`` makes of the object, at once and from what it has."""
    return Read(description=description).by(read)


def column(description: str, read: str | Callable[[Any], Any] | None = None) -> Any:
    """A field of the row: its attribute of the same name, the one that a (dotted) name says, or what a function makes.

    Such as ``name: str = column("Its name.")``, ``key_id: str = column("Which key signed it.", "kid")``, or
    ``month: str = column("As YYYY-MM.", lambda row: f"{row.month:%Y-%m}")``.
    """
    if read is None:
        return _Column(description=description)
    if isinstance(read, str):
        return derived(description, attrgetter(f"row.{read}"))
    return derived(description, lambda view: read(view.row))


def localized(description: str) -> Any:
    """A field of the row's column of the same name, which has a text (or list of texts) for each language."""
    return Localized(description=description)


def object_type(name: str, description: str | None, fields: Mapping[str, tuple[Any, str]], *bases: type) -> type[Any]:
    """A GraphQL object type of the fields' types and descriptions."""
    body: dict[str, Any] = {"__annotations__": {field: kind for field, (kind, _) in fields.items()}}
    body |= {field: strawberry.field(description=text) for field, (_, text) in fields.items()}
    return strawberry.type(type(name, bases, body), description=description)


def signed(function: F, parameters: Iterable[inspect.Parameter], returns: Any) -> F:
    """The function, which from now on says that it takes these parameters, for Strawberry to make arguments of."""
    vars(function)["__signature__"] = inspect.Signature(list(parameters), return_annotation=returns)
    return function


def parameters_of(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """A function's parameters by name, their annotations evaluated."""
    hints = get_type_hints(function, include_extras=True)
    return {
        name: parameter.replace(annotation=hints.get(name, parameter.annotation))
        for name, parameter in inspect.signature(function).parameters.items()
    }
