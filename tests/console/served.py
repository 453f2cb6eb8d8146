"""``billing`` at a fixed instant from which time runs on, so that pages look the same on every day."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from app import clock
from app.cli import main

BEGUN = datetime(2026, 6, 15, 1, 30, tzinfo=UTC)

if __name__ == "__main__":
    started = time.monotonic()
    clock.replace(lambda: BEGUN + timedelta(seconds=time.monotonic() - started))
    main()
