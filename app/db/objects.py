"""Objects of rows that the driver has read, as Tortoise makes them, in a quarter of the time.

Tortoise makes each object attribute by attribute. Here it is found out once for a model and its columns what is to be
done. Keys and times are left as asyncpg gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, TypeVar

from tortoise.fields import DatetimeField, UUIDField
from tortoise.models import Model

M = TypeVar("M", bound=Model)
LEFT = (DatetimeField, UUIDField)


class Recipe(NamedTuple):
    """How an object is made of a row: its attributes in the order of the columns, those of whose values something else
    is made, and what every object that was read has."""

    attributes: tuple[str, ...]
    converted: tuple[tuple[str, Callable[[Any], Any]], ...]
    state: Mapping[str, Any]


@cache
def recipe(model: type[Model], columns: tuple[str, ...]) -> Recipe | None:
    """How objects of a model are made of these columns; ``None`` where they are not just those of the model."""
    meta = model._meta
    fields = {column: name for name, column in meta.fields_db_projection.items()}
    if fields.keys() != set(columns):
        return None
    plain = {column for column, _, _ in meta.db_native_fields}
    converted = []
    for column in columns:
        field: Any = meta.fields_map[fields[column]]
        if column not in plain and type(field) not in LEFT:
            kind = getattr(field, "enum_type", None)
            converted.append((fields[column], _member(kind) if kind else field.to_python_value))
    state = {
        "_partial": False,
        "_saved_in_db": True,
        "_custom_generated_pk": meta.db_pk_column not in meta.generated_db_fields,
    }
    return Recipe(tuple(fields[column] for column in columns), tuple(converted), state)


def made(model: type[M], how: Recipe, values: Iterable[Any]) -> M:
    """The object of a row with these values."""
    one = model.__new__(model)
    attributes = vars(one)
    attributes.update(how.state)
    attributes["_await_when_save"] = {}
    attributes.update(zip(how.attributes, values, strict=True))
    for name, convert in how.converted:
        if attributes[name] is not None:
            attributes[name] = convert(attributes[name])
    return one


def _member(kind: type[Enum]) -> Callable[[Any], Any]:
    return {member.value: member for member in kind}.__getitem__
