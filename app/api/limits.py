"""What one request may ask for: the size of its body and document, depth, aliases, and cost."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    MaxIntrospectionDepthRule,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Token,
    TokenKind,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    get_operation_ast,
    is_abstract_type,
    is_list_type,
    parse,
    specified_rules,
    validate,
)
from graphql import OperationType as GraphQLOperation
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from app.api.admission import admission_of
from app.api.arguments import refuse_unstorable
from app.api.context import Context
from app.api.throttles import network_of
from app.api.trusted import sha256, trusted_documents
from app.errors import BillingError, InvalidInput, Overloaded
from app.events.types import EVENT_TYPES
from app.settings import Introspection, get_settings

MOST_DEPTH = 15
MOST_ALIASES = 30
MOST_TOKENS = 3_000
MOST_SELECTIONS = 400
MOST_FRAGMENTS = 100
MOST_VALUES = 20_000
LONGEST_NUMBER = 40
INVALID_COST = 200
"""What a document that is refused costs: about what reading it takes of what executing another does."""
MOST_CHARACTERS = 100_000
MOST_BODY_BYTES = 4 * 1024 * 1024
BODY_SECONDS = 30.0
STREAMED = "/usage/bulk"
CACHED_DOCUMENTS = 200
MOST_COSTS = 50
PAGE = 20
LARGEST_PAGE = 100
SHORT_LIST = 5
LONG_LISTS = {
    "Account.usage": 2,
    "Contract.instalments": 24,
    "Deployment.usage": 2,
    "MeterUsage.days": 31,
    "Query.accruals": 100,
    "Query.dayStatus": 31,
    "Query.eventTypes": len(EVENT_TYPES),
    "Query.staffMembers": 50,
    "Query.trialBalance": 50,
    "UsageDay.hours": 24,
}
"""How many objects the lists hold that are no pages and often have more than ``SHORT_LIST``."""
ASKS = 5
INTROSPECTED = 0.4
WRAPPED = 0.4
META = {"__schema": "__Schema", "__type": "__Type"}
INVALID_DOCUMENT = "GRAPHQL_VALIDATION_FAILED"
RULES = tuple(dict.fromkeys((*specified_rules, MaxIntrospectionDepthRule)))


class Weight(NamedTuple):
    """What a selection amounts to: how deep it is, how many aliases it has, how many fields it may answer with."""

    depth: int = 0
    aliases: int = 0
    cost: float = 0


class Scale:
    """Weighs the operations of one document. Each fragment is weighed once, however often it is spread.

    A field costs 1, and ``ASKS`` where a resolver of its own may ask the database. What is inside counts as often as
    there may be objects: a connection's by the page asked for, ``nodes`` by the ids given, other lists by
    ``LONG_LISTS``, the schema's own by how long they are on average. Without ``variables`` a size given by one counts
    as the least, so that no weight is more than what any variables make of the document.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any] | None = None
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._defaults: dict[str, ValueNode | None] = {}
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._weighed: dict[str, Weight] = {}
        self.sizes: frozenset[str] = frozenset()
        """The variables that say how long a page or list may be, as far as it was weighed."""

    def weigh(self, operation: OperationDefinitionNode) -> Weight:
        """The weight of an operation."""
        self._weighed.clear()
        self._defaults = {node.variable.name.value: node.default_value for node in operation.variable_definitions or ()}
        return self._selections(operation.selection_set, self._schema.get_root_type(operation.operation))

    def _selections(self, selection_set: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Weight:
        depth, aliases, cost = 0, 0, 0.0
        for node in selection_set.selections if selection_set else ():
            part = self._selection(node, parent)
            depth, aliases, cost = max(depth, part.depth), aliases + part.aliases, cost + part.cost
        return Weight(depth, aliases, cost)

    def _selection(self, node: SelectionNode, parent: GraphQLNamedType | None) -> Weight:
        if isinstance(node, FieldNode):
            return self._field(node, parent)
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            kind = self._schema.get_type(condition.name.value) if condition else parent
            return self._selections(node.selection_set, kind)
        return self._spread(node.name.value) if isinstance(node, FragmentSpreadNode) else Weight()

    def _spread(self, name: str) -> Weight:
        if name not in self._weighed:
            self._weighed[name] = Weight()
            fragment = self._fragments.get(name)
            if fragment is not None:
                kind = self._schema.get_type(fragment.type_condition.name.value)
                self._weighed[name] = self._selections(fragment.selection_set, kind)
        return self._weighed[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Weight:
        name, aliased = node.name.value, int(node.alias is not None)
        if name in ("__schema", "__type"):
            inside = self._selections(node.selection_set, self._schema.get_type(META[name]))
            return Weight(1, aliased + inside.aliases, 1 + inside.cost)
        known = parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None
        if known is None or parent is None:
            return Weight(1, aliased, 1)
        inside = self._selections(node.selection_set, get_named_type(known.type))
        if parent.name.startswith("__"):
            times = _averages(self._schema).get(f"{parent.name}.{name}", 1.0)
            return Weight(1 + inside.depth, aliased + inside.aliases, INTROSPECTED + times * inside.cost)
        times = self._times(node, known, parent)
        asks = ASKS if _asks(known) else 1
        each = asks if "ids" in known.args else 0
        return Weight(1 + inside.depth, aliased + inside.aliases, asks + times * (each + inside.cost))

    def _times(self, node: FieldNode, field: GraphQLField, parent: GraphQLNamedType) -> int:
        """How many objects the field may hold."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        listed = is_list_type(get_nullable_type(field.type))
        if "first" in field.args and (listed or _is_connection(get_named_type(field.type))):
            sizes = [self._value(given[name]) for name in ("first", "last") if name in given]
            size = next((size for size in sizes if size is not None), PAGE)
            # GraphQL takes 100.0 for the Int 100; what is no number at all is refused when it is executed.
            return int(min(max(size, 1), LARGEST_PAGE)) if isinstance(size, int | float) else PAGE
        if not listed or _is_connection(parent):
            return 1
        if "ids" in field.args:
            ids = self._value(given["ids"]) if "ids" in given else None
            return min(len(ids), LARGEST_PAGE) if isinstance(ids, list) else 1
        return LONG_LISTS.get(f"{parent.name}.{node.name.value}", SHORT_LIST)

    def _value(self, node: ValueNode) -> Any:
        """What an argument is given."""
        if isinstance(node, VariableNode):
            name = node.name.value
            self.sizes |= {name}
            if self._variables is None:
                return 1
            default = self._defaults.get(name)
            return self._value(default) if name not in self._variables and default else self._variables.get(name)
        if isinstance(node, ListValueNode):
            return list(node.values)
        return int(node.value) if isinstance(node, IntValueNode) else None


def _is_connection(kind: GraphQLNamedType | None) -> bool:
    return kind is not None and kind.name.endswith("Connection")


def _asks(field: GraphQLField) -> bool:
    """Whether a field's resolver waits for something, the database as a rule."""
    declared = field.extensions.get("strawberry-definition")
    return bool(declared and declared.is_async)


@lru_cache(4)
def _averages(schema: GraphQLSchema) -> dict[str, float]:
    """How many objects the lists of introspection hold on average, by type and field."""
    kinds = list(schema.type_map.values())
    fields = [field for kind in kinds for field in getattr(kind, "fields", {}).values() if hasattr(field, "args")]
    arguments = sum(len(field.args) for field in fields)
    inputs = sum(len(kind.fields) for kind in kinds if isinstance(kind, GraphQLInputObjectType))
    values = sum(len(kind.values) for kind in kinds if isinstance(kind, GraphQLEnumType))
    bases = sum(len(kind.interfaces) for kind in kinds if isinstance(kind, GraphQLObjectType))
    possible = sum(len(schema.get_possible_types(kind)) for kind in kinds if is_abstract_type(kind))
    return {
        "__Schema.types": float(len(kinds)),
        "__Schema.directives": float(len(schema.directives)),
        "__Type.fields": len(fields) / len(kinds),
        "__Type.inputFields": inputs / len(kinds),
        "__Type.enumValues": values / len(kinds),
        "__Type.interfaces": bases / len(kinds),
        "__Type.possibleTypes": possible / len(kinds),
        "__Type.ofType": WRAPPED,
        "__Field.args": arguments / max(len(fields), 1),
        "__Directive.args": 1.0,
    }


def too_much(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any] | None = None
) -> list[GraphQLError]:
    """An error for each limit that an operation of the document exceeds, whatever its variables are."""
    written = sum(_count(node.selection_set) for node in document.definitions if hasattr(node, "selection_set"))
    fragments = sum(isinstance(node, FragmentDefinitionNode) for node in document.definitions)
    if fragments > MOST_FRAGMENTS:
        return [_exceeded("FRAGMENTS", "fragments", fragments, MOST_FRAGMENTS, "Send several operations.")]
    if written > MOST_SELECTIONS:
        return [_exceeded("SELECTIONS", "fields and fragments", written, MOST_SELECTIONS, "Send several operations.")]
    scale = Scale(schema, document)
    errors = []
    for node in document.definitions:
        if not isinstance(node, OperationDefinitionNode):
            continue
        depth, aliases, cost = scale.weigh(node)
        for code, what, found, most, advice in (
            ("DEPTH", "levels", depth, MOST_DEPTH, "Ask for what is deeper in an operation of its own."),
            ("ALIASES", "aliases", aliases, MOST_ALIASES, "Send several operations."),
        ):
            if found > most:
                errors.append(_exceeded(code, what, found, most, advice, node))
        errors += too_costly(cost, node)
    return errors


def too_costly(cost: float, operation: OperationDefinitionNode) -> list[GraphQLError]:
    """An error if the operation costs more than one may."""
    most = get_settings().cost_per_request
    if cost <= most:
        return []
    advice = "Ask for shorter or fewer pages."
    return [_exceeded("COST", "fields in its answer", math.ceil(cost), most, advice, operation)]


def _count(selection_set: SelectionSetNode | None) -> int:
    nodes = selection_set.selections if selection_set else ()
    return sum(1 + _count(getattr(node, "selection_set", None)) for node in nodes)


def _exceeded(
    code: str, what: str, found: int, most: int, advice: str, node: OperationDefinitionNode | None = None
) -> GraphQLError:
    text = f"This operation may have {found:,} {what}, {most:,} are allowed. {advice}"
    return GraphQLError(text, node, extensions={"code": f"{code}_LIMIT_EXCEEDED"})


class Document:
    """A document that was parsed and looked through: what is wrong with it, and what its operations cost.

    Raises:
        GraphQLError: it cannot be read.
    """

    def __init__(self, schema: GraphQLSchema, text: str) -> None:
        self._schema = schema
        try:
            self.node = parse(text, max_tokens=MOST_TOKENS)
        except GraphQLError as unreadable:
            unreadable.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            raise
        self.errors = self._found_wrong()
        for error in self.errors:
            error.extensions = {"code": INVALID_DOCUMENT, **(error.extensions or {})}
        strings = [one.value or "" for one in _tokens(self.node) if one.kind is TokenKind.STRING]
        self.unstorable = [text for text in strings if "\0" in text]
        self.introspects = any(node.name.value in META for node in _fields(self.node))
        self._costs: dict[tuple[Any, ...], float] = {}
        self._sizes: dict[str | None, frozenset[str]] = {}

    def _found_wrong(self) -> list[GraphQLError]:
        if _has_long_number(self.node):
            said = f"A number may have {LONGEST_NUMBER} digits. Send what is longer as text."
            return [GraphQLError(said)]
        hidden = get_settings().introspection is not Introspection.EVERYONE
        return too_much(self._schema, self.node) or validate(self._schema, self.node, RULES, hide_suggestions=hidden)

    def cost(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> float:
        """What an operation costs with these variables; worked out once for the same sizes of pages and lists."""
        name = operation.name.value if operation.name else None
        if name not in self._sizes:
            scale = Scale(self._schema, self.node)
            scale.weigh(operation)
            self._sizes[name] = scale.sizes
        key = name, *((one, _size(variables[one])) for one in self._sizes[name] if one in variables)
        if key not in self._costs:
            if len(self._costs) >= MOST_COSTS:
                self._costs.clear()
            self._costs[key] = Scale(self._schema, self.node, variables).weigh(operation).cost
        return self._costs[key]


def _size(given: Any) -> Any:
    return (len(given),) if isinstance(given, list) else given if isinstance(given, int | float | None) else type(given)


@lru_cache(CACHED_DOCUMENTS)
def _known(schema: GraphQLSchema, text: str) -> Document:
    """The document, looked through once, however often it is sent."""
    return Document(schema, text)


def _tokens(document: DocumentNode) -> Iterator[Token]:
    token = document.loc.start_token if document.loc else None
    while token is not None:
        yield token
        token = token.next


def _has_long_number(document: DocumentNode) -> bool:
    numbers = (TokenKind.INT, TokenKind.FLOAT)
    return any(one.kind in numbers and one.end - one.start > LONGEST_NUMBER for one in _tokens(document))


def unstorable(context: ExecutionContext, texts: list[str]) -> list[GraphQLError]:
    """An error if what a query looks for is text that no row can hold, such as ``texts`` of the document; a mutation
    says so itself, and where it is."""
    document = context.graphql_document
    operation = get_operation_ast(document, context.operation_name) if document else None
    if document is None or operation is None or operation.operation is GraphQLOperation.MUTATION:
        return []
    try:
        refuse_unstorable([*texts, context.variables or {}])
    except InvalidInput as refused:
        return [GraphQLError(str(refused), original_error=refused)]
    return []


def too_many_values(variables: Mapping[str, Any] | None) -> list[GraphQLError]:
    """An error if variables hold more values than any mutation takes, before each of them is looked at."""
    waiting: list[Any] = [variables or {}]
    found = 0
    while waiting and found <= MOST_VALUES:
        inside = waiting.pop()
        found += len(inside)
        values = inside.values() if isinstance(inside, dict) else inside
        waiting += [value for value in values if isinstance(value, dict | list)]
    if found <= MOST_VALUES:
        return []
    said = f"Variables may hold {MOST_VALUES:,} values. Send several operations, or usage in bulk (/usage/bulk)."
    return [GraphQLError(said, extensions={"code": "VALUES_LIMIT_EXCEEDED"})]


def _fields(document: DocumentNode) -> Iterator[FieldNode]:
    waiting = [node.selection_set for node in document.definitions if hasattr(node, "selection_set")]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                yield node
            inside = getattr(node, "selection_set", None)
            if inside is not None:
                waiting.append(inside)


class Limits(SchemaExtension):
    """Parses a document, and holds it against the limits and the schema; once, however often it is sent.

    What its variables make of it is weighed each time, and counted for the caller. A query that takes too long is
    cancelled, and with it what the database does for it. A mutation is not: it might be done already (``mutation``
    bounds the time of its transaction).
    """

    def on_parse(self) -> Iterator[None]:
        """Parse and validate; a document that is too long is not even parsed."""
        context = self.execution_context
        text = context.query or ""
        if len(text) > MOST_CHARACTERS:
            said = f"The document has {len(text):,} characters, {MOST_CHARACTERS:,} are allowed. Use variables."
            raise GraphQLError(said, extensions={"code": "DOCUMENT_TOO_LONG"})
        _refuse_untrusted(text)
        self._document = _known(context.schema._schema, text)
        context.graphql_document = self._document.node
        yield

    async def on_validate(self) -> AsyncIterator[None]:
        """Say what is wrong with it, or count what it costs."""
        context = self.execution_context
        if not context.pre_execution_errors:
            context.pre_execution_errors = await self._refusals()
        yield

    async def _refusals(self) -> list[GraphQLError]:
        context = self.execution_context
        document = context.graphql_document
        if document is None:
            return []
        try:
            if isinstance(context.context, Context):
                await context.context.viewer()
        except BillingError as signed_out:
            return [GraphQLError(str(signed_out), original_error=signed_out)]
        texts = self._document.unstorable
        if refused := self._document.errors or too_many_values(context.variables) or unstorable(context, texts):
            charged = await _admit(context.context, INVALID_COST, False) if isinstance(context.context, Context) else []
            return charged or refused
        operation = get_operation_ast(document, context.operation_name)
        if operation is None:
            return []
        cost = self._document.cost(operation, context.variables or {})
        errors = too_costly(cost, operation)
        if not errors and isinstance(context.context, Context):
            errors = await _admit(context.context, cost, self._document.introspects)
        return errors

    async def on_execute(self) -> AsyncIterator[None]:
        """Wait for a place, and cancel a query that takes too long."""
        context: Context | None = self.execution_context.context
        kind = self.execution_context.operation_type
        if not isinstance(context, Context) or kind is OperationType.SUBSCRIPTION:
            yield
            return
        try:
            async with admission_of(context.request).place(await caller_of(context)):
                async with asyncio.timeout(
                    get_settings().query_timeout_seconds if kind is OperationType.QUERY else None
                ):
                    yield
        except Overloaded as busy:
            extensions = {"code": busy.code, "retryAfter": busy.params["retry_after"]}
            raise GraphQLError(busy.message(context.locale), extensions=extensions) from None
        except TimeoutError:
            seconds = get_settings().query_timeout_seconds
            said = f"The query took longer than {seconds:g} seconds and was ended. Ask for shorter or fewer pages."
            raise GraphQLError(said, extensions={"code": "TIMEOUT"}) from None


async def caller_of(context: Context) -> str | None:
    """Who asks: a user or service, else a network; ``None`` for this machine."""
    viewer = await context.viewer()
    return viewer.key if viewer else network_of(context.address)


async def _admit(context: Context, cost: float, introspection: bool) -> list[GraphQLError]:
    """Count what an operation costs its caller, and whether it may ask for the schema."""
    policy = get_settings().introspection
    hidden = policy is Introspection.NOBODY or (policy is Introspection.SIGNED_IN and not await context.viewer())
    if introspection and hidden:
        said = "The schema is not shown here. It is published with the product, as schema.graphql."
        return [GraphQLError(said, extensions={"code": "INTROSPECTION_DISABLED"})]
    try:
        admission_of(context.request).spend(await caller_of(context), cost)
    except BillingError as refused:
        return [GraphQLError(str(refused), original_error=refused)]
    return []


def _refuse_untrusted(text: str) -> None:
    if get_settings().trusted_documents_only and sha256(text) not in trusted_documents():
        said = "Only documents that the operator trusts are executed here, and this is none of them."
        raise GraphQLError(said, extensions={"code": "UNTRUSTED_DOCUMENT"})


class BodyLimit:
    """Middleware: a request body of over 4 MiB is refused with 413, however it is sent, and with 408 if it takes too
    long; bulk usage has bounds of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] == STREAMED:
            await self.app(scope, receive, send)
            return
        received, refused, ends = 0, 0, asyncio.get_running_loop().time() + BODY_SECONDS
        more = True

        async def counted() -> Message:
            nonlocal received, refused, more
            try:
                async with asyncio.timeout_at(ends if more else None):
                    message = await receive()
            except TimeoutError:
                refused = 408
                return {"type": "http.disconnect"}
            more = message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > MOST_BODY_BYTES:
                refused = 413
                return {"type": "http.request", "body": b"", "more_body": False}
            return message

        async def guarded(message: Message) -> None:
            if not refused:
                await send(message)

        try:
            await self.app(scope, counted, guarded)
        except ClientDisconnect:
            if not refused:
                raise
        if refused:
            code, text = {
                408: ("BODY_TOO_SLOW", f"The request body took longer than {BODY_SECONDS:g} seconds."),
                413: (
                    "BODY_TOO_LARGE",
                    f"The request body has more than {MOST_BODY_BYTES} bytes. Send it in several requests.",
                ),
            }[refused]
            error = {"errors": [{"message": text, "extensions": {"code": code}}]}
            await JSONResponse(error, refused, headers={"Connection": "close"})(scope, receive, send)
