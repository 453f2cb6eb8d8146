"""Errors outside the typed unions: refusals in a client's language, and the unexpected masked with a request id."""

from __future__ import annotations

import logging
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors
from strawberry.types import ExecutionContext
from tortoise.exceptions import ValidationError

from app.api.arguments import too_long
from app.api.context import Context
from app.api.limits import INVALID_DOCUMENT
from app.api.unavailable import RETRY_AFTER, UNAVAILABLE, unavailable_message
from app.db.lost import lost
from app.errors import BillingError
from app.logs import kind, note

log = logging.getLogger(__name__)


class Schema(strawberry.Schema):
    """A schema that logs what went wrong here, and nothing of what a client sent, which Strawberry's own would."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log our own faults with where they came from; refusals are answers, and no faults."""
        for error in errors:
            cause = error.original_error
            if _is_said_by_the_library(error) or cause is None or isinstance(cause, BillingError | ValidationError):
                continue
            if lost(cause):
                log.warning("the database does not answer: %s", kind(cause))
            else:
                log.error("request failed", exc_info=cause)


class ShowRefusalsMaskTheRest(MaskErrors):
    """What went wrong inside stays inside: a client gets a request id, the log has the trace.

    Where what is wrong is with a field of a mutation's answer, and the mutation was done, the error says so (``done``):
    it is not to be tried again.
    """

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """The error as a client may see it."""
        context: Context = self.execution_context.context
        shown = self._shown(error, context)
        if error.path and error.path[0] in context.done:
            shown.extensions = {**(shown.extensions or {}), "done": True}
        return shown

    def _shown(self, error: GraphQLError, context: Context) -> GraphQLError:
        cause = error.original_error
        if cause is None or _is_said_by_the_library(error):
            error.extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
            note(outcome=error.extensions["code"])
            return error
        if isinstance(cause, ValidationError):
            cause = too_long()
        if isinstance(cause, BillingError):
            message, code = cause.message(context.locale), cause.code
        elif lost(cause):
            message, code = unavailable_message(context.locale), UNAVAILABLE
        else:
            message = (
                f"Something went wrong here. Try again; if it stays so, tell us the request id {context.request_id}."
            )
            code = "INTERNAL"
        note(outcome=code)
        extensions: dict[str, Any] = {"code": code, "requestId": context.request_id}
        if code == UNAVAILABLE:
            extensions["retryAfter"] = RETRY_AFTER
        if isinstance(cause, BillingError) and "retry_after" in cause.params:
            extensions["retryAfter"] = cause.params["retry_after"]
        return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)


def _is_said_by_the_library(error: GraphQLError) -> bool:
    """Whether a request was refused before it was executed, or by a rule of GraphQL: no fault, and nothing to hide."""
    code = (error.extensions or {}).get("code")
    return isinstance(error.original_error, GraphQLError) or code == INVALID_DOCUMENT
