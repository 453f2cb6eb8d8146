"""How a field is read, where that is simpler than calling its resolver for each object."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from graphql import GraphQLField
from strawberry.types.field import StrawberryField

Read = Callable[[Any], Any]
"""Reads a field off its object, at once."""
ForAll = Callable[..., Awaitable[Sequence[Any]]]
"""A resolver of many objects: is given them, the info, and the field's arguments, and answers with a value (or an
exception) for each."""
R = TypeVar("R", bound=Callable[..., Any])


class PlainField(StrawberryField):
    """A field that its object has."""

    def reader(self, reading: Hashable) -> Read:
        """How it is read; ``reading`` is what the schema's ``reading`` makes of the request's context."""
        raise NotImplementedError


def resolved_for_all(resolver: R, for_all: ForAll) -> R:
    """The resolver, which from now on is called for many objects at once as ``for_all``."""
    vars(resolver)["for_all"] = for_all
    return resolver


def strawberry_field(field: GraphQLField) -> StrawberryField | None:
    """The declaration of a field, where nothing but its resolver answers it."""
    declared = (field.extensions or {}).get("strawberry-definition")
    return declared if isinstance(declared, StrawberryField) and not declared.extensions else None


def reader_of(declared: StrawberryField | None, reading: Hashable) -> Read | None:
    """How a field is read at once, if it is."""
    if isinstance(declared, PlainField):
        return declared.reader(reading)
    return attrgetter(declared.python_name) if declared and declared.is_basic_field else None


def for_all_of(declared: StrawberryField | None) -> ForAll | None:
    """How a field is resolved for many objects at once, if it is."""
    resolver: Any = declared.base_resolver.wrapped_func if declared and declared.base_resolver else None
    found: ForAll | None = getattr(resolver, "for_all", None)
    return found
