"""What one request may ask for: the size of its body and document, depth, aliases, and cost."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    MaxIntrospectionDepthRule,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
    specified_rules,
    validate,
)
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.extensions import SchemaExtension

MOST_DEPTH = 15
MOST_ALIASES = 30
MOST_TOKENS = 3_000
MOST_SELECTIONS = 400
MOST_COST = 20_000
MOST_CHARACTERS = 100_000
MOST_BODY_BYTES = 4 * 1024 * 1024
STREAMED = "/usage/bulk"
CACHED_DOCUMENTS = 200
PAGE = 20
LARGEST_PAGE = 100
SHORT_LIST = 5
INVALID_DOCUMENT = "GRAPHQL_VALIDATION_FAILED"
RULES = tuple(dict.fromkeys((*specified_rules, MaxIntrospectionDepthRule)))


class Weight(NamedTuple):
    """What a selection amounts to: how deep it is, how many aliases it has, how many fields it may answer with."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0


class Scale:
    """Weighs the operations of one document. Each fragment is weighed once, however often it is spread.

    A connection counts as often as the page asked for is long (20 without a size, 100 with a variable one), any other
    list five times, and introspection as if it were one field: a rule of its own bounds that.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._weighed: dict[str, Weight] = {}

    def weigh(self, operation: OperationDefinitionNode) -> Weight:
        """The weight of an operation."""
        return self._selections(operation.selection_set, self._schema.get_root_type(operation.operation))

    def _selections(self, selection_set: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Weight:
        depth = aliases = cost = 0
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
        if name.startswith("__"):
            return Weight(1, aliased, 1)
        known = parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None
        kind = get_named_type(known.type) if known else None
        inside = self._selections(node.selection_set, kind)
        times = 1
        if _is_connection(kind):
            times = _page_size(node)
        elif known and is_list_type(get_nullable_type(known.type)) and not _is_connection(parent):
            times = SHORT_LIST
        return Weight(1 + inside.depth, aliased + inside.aliases, 1 + times * inside.cost)


def _is_connection(kind: GraphQLNamedType | None) -> bool:
    return kind is not None and kind.name.endswith("Connection")


def _page_size(node: FieldNode) -> int:
    for argument in node.arguments or ():
        if argument.name.value in ("first", "last"):
            value = argument.value
            return min(max(int(value.value), 1), LARGEST_PAGE) if isinstance(value, IntValueNode) else LARGEST_PAGE
    return PAGE


def too_much(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """An error for each limit that an operation of the document exceeds."""
    written = sum(_count(node.selection_set) for node in document.definitions if hasattr(node, "selection_set"))
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
            ("COST", "fields in its answer", cost, MOST_COST, "Ask for shorter or fewer pages."),
        ):
            if found > most:
                errors.append(_exceeded(code, what, found, most, advice, node))
    return errors


def _count(selection_set: SelectionSetNode | None) -> int:
    nodes = selection_set.selections if selection_set else ()
    return sum(1 + _count(getattr(node, "selection_set", None)) for node in nodes)


def _exceeded(
    code: str, what: str, found: int, most: int, advice: str, node: OperationDefinitionNode | None = None
) -> GraphQLError:
    text = f"This operation may have {found:,} {what}, {most:,} are allowed. {advice}"
    return GraphQLError(text, node, extensions={"code": f"{code}_LIMIT_EXCEEDED"})


@lru_cache(CACHED_DOCUMENTS)
def _known(schema: GraphQLSchema, text: str) -> tuple[DocumentNode, list[GraphQLError]]:
    try:
        document = parse(text, max_tokens=MOST_TOKENS)
    except GraphQLError as unreadable:
        unreadable.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
        raise
    errors = too_much(schema, document) or validate(schema, document, RULES)
    for error in errors:
        error.extensions = {"code": INVALID_DOCUMENT, **(error.extensions or {})}
    return document, errors


class Limits(SchemaExtension):
    """Parses a document, and holds it against the limits and the schema; once, however often it is sent."""

    def on_parse(self) -> Iterator[None]:
        """Parse and validate; a document that is too long is not even parsed."""
        context = self.execution_context
        text = context.query or ""
        if len(text) > MOST_CHARACTERS:
            said = f"The document has {len(text):,} characters, {MOST_CHARACTERS:,} are allowed. Use variables."
            raise GraphQLError(said, extensions={"code": "DOCUMENT_TOO_LONG"})
        context.graphql_document, self._errors = _known(context.schema._schema, text)
        yield

    def on_validate(self) -> Iterator[None]:
        """Say what is wrong with it."""
        context = self.execution_context
        if not context.pre_execution_errors:
            context.pre_execution_errors = self._errors
        yield


class BodyLimit:
    """Middleware: a request body of over 4 MiB is refused with 413, however it is sent; bulk usage is not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] == STREAMED:
            await self.app(scope, receive, send)
            return
        received = 0
        refused = False

        async def counted() -> Message:
            nonlocal received, refused
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BODY_BYTES:
                refused = True
                return {"type": "http.request", "body": b"", "more_body": False}
            return message

        async def guarded(message: Message) -> None:
            if not refused:
                await send(message)

        await self.app(scope, counted, guarded)
        if refused:
            text = f"The request body has more than {MOST_BODY_BYTES} bytes. Send it in several requests."
            error = {"errors": [{"message": text, "extensions": {"code": "BODY_TOO_LARGE"}}]}
            await JSONResponse(error, status_code=413)(scope, receive, send)
