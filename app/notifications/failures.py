"""Why a notification does not arrive."""

from __future__ import annotations


class NotDelivered(Exception):
    """The receiver did not take it; ``gone`` if it never will."""

    def __init__(self, reason: str, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone
