"""Takes the README's pictures: GraphiQL in headless Chromium, and `billing demo` in a terminal (`make pictures`)."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from playwright.sync_api import expect
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from app.launcher.demo import run_demo
from tests.browsing import chromium
from tests.serving import serving

IMAGES = Path(__file__).parent / "images"


def graphiql(url: str) -> None:
    """The catalog's query and its answer."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(url)
        page.get_by_role("tab", name="Catalog").click()
        page.get_by_role("button", name="Execute query").click()
        expect(page.locator(".result-window")).to_contain_text("The free edition", timeout=20_000)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / "graphiql.png")


def terminal(url: str, tokens: Path) -> None:
    """What `billing demo` prints, in the fonts of whoever looks at it."""
    console = Console(record=True, width=110, file=io.StringIO())
    if not run_demo(url, tokens, 25, console):
        raise SystemExit(console.export_text())
    format = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    console.save_svg(str(IMAGES / "demo.svg"), title="make demo", code_format=format)


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="billing-pictures-") as folder, serving(Path(folder), None) as server:
        graphiql(server.url)
        terminal(server.url, server.data / "demo-tokens.json")
