"""A client for simulations, which counts what it does and outlives a restart of the server."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

import httpx

from app.launcher.client import AccessKey, BillingClient, Failed

WAITS = (0.1, 0.5, 1, 2, 5, 10, 10, 10, 10)


class Tally:
    """What was done so far; threads add to it."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()

    def add(self, **counts: int) -> None:
        """Add to the counts: calls, data_kits, late, repeated, retried, miscounted."""
        with self._lock:
            self._counted.update(counts)

    def __getitem__(self, name: str) -> int:
        return self._counted[name]

    def per_second(self, name: str) -> float:
        """A count by the seconds since the beginning."""
        return self[name] / max(time.monotonic() - self.begun, 0.001)


class Patient(BillingClient):
    """Counts its calls, and asks again for most of a minute when the server is away or fails."""

    def __init__(self, url: str, tally: Tally) -> None:
        super().__init__(url)
        self._tally = tally

    def execute(self, document: str, variables: dict[str, Any], key: AccessKey | None = None) -> dict[str, Any]:
        """As ``BillingClient``; a repeated call is signed anew."""
        for wait in WAITS:
            try:
                return self._counted(document, variables, key)
            except (httpx.TransportError, Failed):
                self._tally.add(retried=1)
                time.sleep(wait)
        return self._counted(document, variables, key)

    def _counted(self, document: str, variables: dict[str, Any], key: AccessKey | None) -> dict[str, Any]:
        self._tally.add(calls=1)
        return super().execute(document, variables, key)
