"""Typed errors: one GraphQL type for each refusal of the rules, all of the interface ``Error``."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

import app.api.enums  # noqa: F401  the enums of errors are described there
from app.api.fields import object_type
from app.errors import (
    ALL_ERRORS,
    BillingError,
    ChannelChangeTooSoon,
    InvalidDocument,
    InvalidLicense,
    LimitExceeded,
    Overloaded,
    PermissionDenied,
    RateLimited,
    SignInProviderUnavailable,
    StaleAgreement,
    StepOutOfOrder,
)
from app.logs import note
from app.refusals import DocumentKind, RefusalReason
from app.steps import NextAction

_CODES = {error.code: error.__doc__ for error in ALL_ERRORS}
_CODE_VALUES: Any = {code: strawberry.enum_value(code, description=text) for code, text in _CODES.items()}
_CODE_ENUM: Any = Enum("ErrorCode", _CODE_VALUES)  # type: ignore[misc]
ErrorCode: Any = strawberry.enum(_CODE_ENUM, description="What kind of error it is, for a client to switch on.")


@strawberry.interface(description="What every typed error has. Nothing was written when a mutation answers with one.")
class Error:
    """A refusal as the API shows it."""

    code: ErrorCode = strawberry.field(description="What kind of error it is.")
    message: str = strawberry.field(description="What is wrong and what to do, in the language of Accept-Language.")
    path: list[str] = strawberry.field(description="The argument at fault, from the outside in; empty if none is.")
    operations: list[str] = strawberry.field(
        description="The mutations of this API that lead on, for a client to offer; empty if none does. No message "
        "names them: people read those."
    )


_DETAILS: dict[type[BillingError], dict[str, tuple[Any, str]]] = {
    PermissionDenied: {
        "needed": (list[str], "The roles or scopes of which one is enough; empty where it is for people, not tokens.")
    },
    StepOutOfOrder: {"missing_step": (NextAction, "The step to do first.")},
    StaleAgreement: {"current_version": (int, "The version that is current.")},
    InvalidLicense: {
        "reason": (RefusalReason, "What is wrong with it."),
        "active_on": (str | None, "The fingerprint of the deployment that it is active on, for its owner."),
    },
    InvalidDocument: {
        "document": (DocumentKind, "Which document."),
        "reason": (RefusalReason, "What is wrong with it."),
    },
    ChannelChangeTooSoon: {"allowed_at": (datetime, "From when on the channel may change again.")},
    RateLimited: {"retry_after": (int, "In how many seconds it may be tried again.")},
    Overloaded: {"retry_after": (int, "In how many seconds to try again.")},
    SignInProviderUnavailable: {"retry_after": (int, "In how many seconds to try again.")},
    LimitExceeded: {"limit": (int, "How many one call may have."), "actual": (int, "How many were sent.")},
}


ERROR_TYPES: dict[type[BillingError], type[Error]] = {
    error: object_type(f"{error.__name__}Error", error.__doc__, _DETAILS.get(error, {}), Error) for error in ALL_ERRORS
}


def as_graphql(error: BillingError, locale: str) -> Error:
    """The GraphQL object of a refusal, in a language."""
    note(outcome=error.code)
    details = {name: error.params.get(name) for name in _DETAILS.get(type(error), {})}
    return ERROR_TYPES[type(error)](
        code=ErrorCode(error.code),
        message=error.message(locale),
        path=list(error.path),
        operations=list(error.operations),
        **details,
    )
