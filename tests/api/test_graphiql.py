"""GraphiQL in headless Chromium, with nothing but this server to load from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from app.api.graphiql import FOLDER
from tests.serving import Server

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)"),
    pytest.mark.skipif(not (FOLDER / "graphiql.js").exists(), reason="GraphiQL is not built (make run)"),
]


@pytest.fixture
def outside() -> list[str]:
    """The requests that went to another host; they are blocked."""
    return []


@pytest.fixture
def page(server: Server, outside: list[str]) -> Iterator[Page]:
    """GraphiQL, opened."""

    def guard(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        opened = browser.new_page(viewport={"width": 1440, "height": 900})
        opened.route("**/*", guard)
        opened.goto(server.url)
        yield opened
        browser.close()


def test_it_loads_the_examples_and_runs_a_query_without_the_outside_network(page: Page, outside: list[str]) -> None:
    editor = page.locator(".graphiql-container").bounding_box()
    assert editor is not None
    assert editor["height"] == 900
    tabs = page.get_by_role("tab")
    expect(tabs.first).to_contain_text("Start")
    names = " ".join(tabs.all_inner_texts())
    for example in ("Catalog", "Upgrade", "Accept", "Pay", "License", "Activate", "Travel", "Charges", "Watch"):
        assert example in names
    page.get_by_role("tab", name="Catalog").click()
    expect(page.locator(".graphiql-query-editor")).to_contain_text("query Catalog")
    page.wait_for_timeout(1_000)  # it takes the operation's name over after a pause
    page.get_by_role("button", name="Execute query").click()
    answer = page.locator(".result-window")
    expect(answer).to_contain_text("The free edition of the self-hosted", timeout=15_000)
    assert outside == []
