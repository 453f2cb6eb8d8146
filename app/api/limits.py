"""What one request may ask for: depth, aliases, tokens, cost, and the size of its body."""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    VariableNode,
)
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.extensions import AddValidationRules, MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter

MOST_DEPTH = 15
MOST_ALIASES = 30
MOST_TOKENS = 3_000
MOST_COST = 20_000
MOST_BODY_BYTES = 4 * 1024 * 1024
PAGE = 20
LARGEST_PAGE = 100


class CostRule(ValidationRule):
    """Refuses operations that could answer with more than 20,000 fields, a page counting as often as it is long."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments: dict[str, int] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Count the operation's cost."""
        cost = self._cost(node.selection_set, frozenset())
        if cost > MOST_COST:
            self.report_error(
                GraphQLError(
                    f"This operation may cost {cost} fields, {MOST_COST} are allowed. Ask for shorter or fewer pages.",
                    node,
                    extensions={"code": "COST_LIMIT_EXCEEDED"},
                )
            )

    def _cost(self, selections: SelectionSetNode | None, open_fragments: frozenset[str]) -> int:
        total = 0
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                total += 1 + _size(node) * self._cost(node.selection_set, open_fragments)
            elif isinstance(node, FragmentSpreadNode):
                total += self._fragment(node.name.value, open_fragments)
            else:
                total += self._cost(getattr(node, "selection_set", None), open_fragments)
        return total

    def _fragment(self, name: str, open_fragments: frozenset[str]) -> int:
        fragment = self.context.get_fragment(name)
        if fragment is None or name in open_fragments:
            return 0
        if name not in self._fragments:
            self._fragments[name] = self._cost(fragment.selection_set, open_fragments | {name})
        return self._fragments[name]


def _size(node: FieldNode) -> int:
    for argument in node.arguments or ():
        if argument.name.value in ("first", "last"):
            if isinstance(argument.value, IntValueNode):
                return min(max(int(argument.value.value), 1), LARGEST_PAGE)
            if isinstance(argument.value, VariableNode):
                return LARGEST_PAGE
    names = (
        {field.name.value for field in node.selection_set.selections if isinstance(field, FieldNode)}
        if node.selection_set
        else set()
    )
    return PAGE if names & {"edges", "nodes"} else 1


LIMITS = (
    lambda: QueryDepthLimiter(max_depth=MOST_DEPTH),
    lambda: MaxAliasesLimiter(max_alias_count=MOST_ALIASES),
    lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS),
    lambda: AddValidationRules([CostRule]),
)


class BodyLimit:
    """Middleware: a request body of more than 4 MiB is refused with 413, however it is sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
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
