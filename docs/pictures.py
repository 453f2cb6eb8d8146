"""Takes the pictures of the README: GraphiQL in headless Chromium, and `billing demo` in a terminal (`make pictures`)."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console

from app.launcher.demo import run_demo
from tests.api.test_graphiql import CHROMIUM, FLAGS
from tests.serving import serving

IMAGES = Path(__file__).parent / "images"


def graphiql(url: str) -> None:
    """The catalog's query and its answer."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(url)
        page.get_by_role("tab", name="Catalog").click()
        page.get_by_role("button", name="Execute query").click()
        page.get_by_text("The free edition of the self-hosted").wait_for()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / "graphiql.png")
        browser.close()


def terminal(url: str, tokens: Path) -> None:
    """What `billing demo` prints."""
    console = Console(record=True, width=110, file=io.StringIO())
    if not run_demo(url, tokens, 25, console):
        raise SystemExit(console.export_text())
    console.save_svg(str(IMAGES / "demo.svg"), title="make demo")


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="billing-pictures-") as folder, serving(Path(folder), None) as server:
        graphiql(server.url)
        terminal(server.url, server.data / "demo-tokens.json")
