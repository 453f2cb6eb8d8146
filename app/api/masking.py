"""Errors outside the typed unions: refusals in a client's language, and the unexpected masked with a request id."""

from __future__ import annotations

import logging

from graphql import GraphQLError
from strawberry.extensions import MaskErrors

from app.api.context import Context
from app.api.limits import INVALID_DOCUMENT
from app.errors import BillingError

log = logging.getLogger(__name__)


class ShowRefusalsMaskTheRest(MaskErrors):
    """What went wrong inside stays inside: a client gets a request id, the log has the trace."""

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """The error as a client may see it."""
        context: Context = self.execution_context.context
        cause = error.original_error
        extensions = error.extensions or {}
        if cause is None or isinstance(cause, GraphQLError) or extensions.get("code") == INVALID_DOCUMENT:
            error.extensions = {"code": "BAD_USER_INPUT", **extensions}
            return error
        if isinstance(cause, BillingError):
            message, code = cause.message(context.locale), cause.code
        else:
            log.error("request %s failed", context.request_id, exc_info=cause)
            message = (
                f"Something went wrong here. Try again; if it stays so, tell us the request id {context.request_id}."
            )
            code = "INTERNAL"
        extensions = {"code": code, "requestId": context.request_id}
        return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)
