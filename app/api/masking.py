"""Errors outside the typed unions: refusals in a client's language, and the unexpected masked with a request id."""

from __future__ import annotations

import logging

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors
from strawberry.types import ExecutionContext

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
            if cause is None or isinstance(cause, (GraphQLError, BillingError)):
                continue
            if lost(cause):
                log.warning("the database does not answer: %s", kind(cause))
            else:
                log.error("request failed", exc_info=cause)


class ShowRefusalsMaskTheRest(MaskErrors):
    """What went wrong inside stays inside: a client gets a request id, the log has the trace."""

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """The error as a client may see it."""
        context: Context = self.execution_context.context
        cause = error.original_error
        extensions = error.extensions or {}
        if cause is None or isinstance(cause, GraphQLError) or extensions.get("code") == INVALID_DOCUMENT:
            error.extensions = {"code": "BAD_USER_INPUT", **extensions}
            note(outcome=error.extensions["code"])
            return error
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
        extensions = {"code": code, "requestId": context.request_id}
        if code == UNAVAILABLE:
            extensions["retryAfter"] = RETRY_AFTER
        if isinstance(cause, BillingError) and "retry_after" in cause.params:
            extensions["retryAfter"] = cause.params["retry_after"]
        return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)
