"""What an operation asks, made ready to be asked: selections, the fields of each, and what is made of their values."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from graphql import ExecutionResult, GraphQLObjectType
from graphql import OperationType as Verb
from graphql.execution import Executor
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList, collect_fields
from graphql.execution.values import get_argument_values
from graphql.pyutils import gather_with_cancel
from strawberry.schema.schema_converter import get_arguments

from app.compiled.fields import for_all_of, reader_of, strawberry_field
from app.compiled.places import OfField, Place, Top
from app.compiled.runs import Failed, Field, Run
from app.compiled.values import values_of

Call = Callable[[Any], Any]


class Unknown(Exception):
    """The operation has something that is graphql-core's to execute."""


class Plan:
    """An operation that is ready to be executed, for requests that read alike (``reading``)."""

    def __init__(self, executor: Executor[Any], reading: Hashable) -> None:
        self.reading = reading
        self._serial = executor.operation.operation is Verb.MUTATION
        self._selections: dict[tuple[GraphQLObjectType, int], Selection] = {}
        kind = executor.schema.get_root_type(executor.operation.operation)
        if kind is None:
            raise Unknown
        self.streams = kind if executor.operation.operation is Verb.SUBSCRIPTION else None
        fields = collect_fields(executor.schema, executor.fragments, executor.variable_values, kind, executor.operation)
        self._root = self._selected(executor, kind, fields)

    def selection(self, executor: Executor[Any], kind: GraphQLObjectType, details: FieldDetailsList) -> Selection:
        """What is asked of objects of a type that fields asked for so hold.

        Raises:
            Unknown: it is graphql-core's to execute.
        """
        key = kind, id(details)
        if key not in self._selections:
            self._selections[key] = self._selected(executor, kind, executor.collect_subfields(kind, details))
        return self._selections[key]

    def _selected(self, executor: Executor[Any], kind: GraphQLObjectType, fields: CollectedFields) -> Selection:
        return Selection([Asked(self, executor, kind, *one) for one in fields.grouped_field_set.items()])

    async def execute(self, executor: Executor[Any]) -> ExecutionResult:
        """Execute the operation, with the variables and for the context of ``executor``."""
        run = Run(executor)
        (data,) = run.without_failures(await self._root.answered(run, [executor.root_value], Top(), self._serial))
        executor.run_async_work_finished_hook()
        return ExecutionResult(data, run.errors or None)


class Selection:
    """The fields that are asked of objects of one type."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = asked
        self._names = [one.name for one in asked]
        self.waits: bool = any(one.waits for one in asked)

    def at_once(self, objects: Sequence[Any]) -> list[Any]:
        """What is answered of each object.

        Raises:
            Exception: something is out of the ordinary.
        """
        return self._put_together(objects, [one.at_once(objects) for one in self._asked])

    async def answered(self, run: Run, objects: Sequence[Any], place: Place, serial: bool = False) -> list[Any]:
        """What is answered of each object, or that it ``Failed``."""
        columns: list[Any] = [None if run.failed else one.tried(objects) for one in self._asked]
        later = [index for index, column in enumerate(columns) if column is None]
        waiting = (self._asked[index].answered(run, objects, place) for index in later)
        if serial or len(later) == 1:
            found = [await one for one in waiting]
        else:
            found = list(await gather_with_cancel(*waiting)) if later else []
        for index, column in zip(later, found, strict=True):
            columns[index] = column
        rows = self._put_together(objects, columns)
        return _failing(columns, rows) if run.failed and columns else rows

    def _put_together(self, objects: Sequence[Any], columns: Sequence[Sequence[Any]]) -> list[Any]:
        if not columns:
            return [{} for _ in objects]
        return [dict(zip(self._names, row, strict=True)) for row in zip(*columns, strict=True)]


def _failing(columns: Sequence[Sequence[Any]], rows: Sequence[Any]) -> list[Any]:
    """The rows, and what failed instead of those in which something did that may not be null."""
    return [
        next((one for one in column if isinstance(one, Failed)), row)
        for column, row in zip(zip(*columns, strict=True), rows, strict=True)
    ]


class Asked:
    """A field that is asked of objects of one type."""

    def __init__(
        self, plan: Plan, executor: Executor[Any], parent: GraphQLObjectType, name: str, details: FieldDetailsList
    ) -> None:
        called = details[0].node.name.value
        definition = executor.schema.get_field(parent, called)
        if definition is None or any(one.defer_usage or one.fragment_variable_values for one in details):
            raise Unknown
        self.name, self._field = name, Field(parent, name, details, definition)
        self._declared = None if plan.streams is parent else strawberry_field(definition)
        self._read = (lambda _: parent.name) if called == "__typename" else reader_of(self._declared, plan.reading)
        self._for_all = for_all_of(self._declared)
        self._values = values_of(self._field, definition.type, executor, plan.selection)
        self.waits: bool = self._read is None or self._values.waits

    def at_once(self, objects: Sequence[Any]) -> list[Any]:
        """What is answered of each object.

        Raises:
            Exception: something is out of the ordinary.
        """
        read: Any = self._read
        return self._values.at_once(list(map(read, objects)))

    def tried(self, objects: Sequence[Any]) -> list[Any] | None:
        """What is answered of each object at once; ``None`` where it is not so simple."""
        try:
            return None if self.waits else self.at_once(objects)
        except Exception:
            return None

    async def answered(self, run: Run, objects: Sequence[Any], place: Place) -> list[Any]:
        """What is answered of each object, or that it ``Failed``."""
        where = OfField(place, self.name)
        try:
            found = await self._found(run, objects)
        except Exception as error:
            found = [error for _ in objects]
        for index, value in enumerate(found):
            if isinstance(value, Exception):
                found[index] = run.failure(value, self._field, where, index)
        return await self._values.answered(run, found, where)

    async def _found(self, run: Run, objects: Sequence[Any]) -> list[Any]:
        """What the field holds of each object, or why it could not be had."""
        if self._read is not None:
            return _each(self._read, objects)
        call, arguments = self._call(run)
        if self._for_all is not None:
            return list(await self._for_all(objects, **arguments))
        found = _each(call, objects)
        waiting = [index for index, value in enumerate(found) if run.executor.is_awaitable(value)]
        if len(waiting) == 1:
            (index,) = waiting
            found[index] = await _caught(found[index])
        elif waiting:
            done = await gather_with_cancel(*(_caught(found[index]) for index in waiting))
            for index, value in zip(waiting, done, strict=True):
                found[index] = value
        return found

    def _call(self, run: Run) -> tuple[Call, dict[str, Any]]:
        """How the field is resolved in this run for an object, and with which arguments."""
        raw, executor, definition = run.info(self._field), run.executor, self._field.definition
        node = self._field.nodes[0]
        given = get_argument_values(definition, node, executor.variable_values) if definition.args else {}
        declared = self._declared
        if declared is None or declared.base_resolver is None:
            resolve = definition.resolve or executor.field_resolver
            return lambda source: resolve(source, raw, **given), given
        schema: Any = executor.schema._strawberry_schema  # type: ignore[attr-defined]
        info = schema.config.info_class(_raw_info=raw, _field=declared)
        _, arguments = get_arguments(
            field=declared,
            source=None,
            info=info,
            kwargs=given,
            config=schema.config,
            scalar_registry=schema.schema_converter.scalar_registry,
        )
        resolver = declared.base_resolver
        named = [one.name for one in (resolver.parent_parameter, resolver.root_parameter) if one is not None]
        for name in named:
            del arguments[name]

        def call(source: Any) -> Any:
            own = [source] if resolver.self_parameter else []
            return declared.get_result(source, info, own, {**arguments, **dict.fromkeys(named, source)})

        return call, arguments


def _each(call: Call, objects: Sequence[Any]) -> list[Any]:
    """What a call answers for each object, or raises."""

    def tried(one: Any) -> Any:
        try:
            return call(one)
        except Exception as error:
            return error

    return [tried(one) for one in objects]


async def _caught(waited: Any) -> Any:
    """What is waited for, or why it does not come."""
    try:
        return await waited
    except Exception as error:
        return error
