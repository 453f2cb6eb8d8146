"""Pages in headless Chromium, which reach this machine alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from app.api.console import STATIC

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
]
NEEDED = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)"),
    pytest.mark.skipif(not (STATIC / ".made").exists(), reason="the pages are not built (make run)"),
]
"""The marks of a module whose tests open pages."""


@dataclass
class Opened:
    """A page, the requests that it made elsewhere, which were blocked, and what it complained of."""

    page: Page
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Opened]:
    """A page of its own context, made with ``options``; it may ask no host but this machine."""
    context = browser.new_context(**options)
    context.set_default_timeout(30_000)
    found = Opened(context.new_page())

    def guard(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            found.outside.append(route.request.url)
            route.abort()

    found.page.route("**/*", guard)
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("console", lambda said: found.complaints.append(said.text) if said.type == "error" else None)
    yield found
    context.close()
