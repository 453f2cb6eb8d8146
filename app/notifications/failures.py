"""Whether a notification arrived, and why not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What the receiver said: an HTTP status, and the first characters of its body."""

    status: int
    body: str


class NotDelivered(Exception):
    """The receiver did not take it; ``gone`` if it never will. ``answer`` is what it said, if it did."""

    def __init__(self, reason: str, gone: bool = False, answer: Answer | None = None) -> None:
        super().__init__(reason)
        self.gone = gone
        self.answer = answer
