"""Every page in both themes, on a desk and on a phone: as its picture shows it, and accessible."""

from __future__ import annotations

import os
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, expect

from tests.browsing import NEEDED
from tests.console.conftest import Visit
from tests.console.pages import PAGES, Shown
from tests.console.scene import Scene

pytestmark = NEEDED
PICTURES = Path(__file__).parent / "pictures"
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PLATFORM = PICTURES / "platform.txt"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (1440, 375)
WRITE = "BILLING_WRITE_PICTURES" in os.environ
MOST_DIFFERENT = 0.01
"""How much of a picture may differ."""
UNLIKE = 40
"""From which difference of a colour on (of 255) a point of it is another: less is how fonts are smoothed."""


DRAWN = "new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 100))"
"""Waits until what a new size or theme changes is drawn: charts, that is, which follow a moment later."""


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page(visit: Visit, browser: Browser, scene: Scene, shown: Shown) -> None:
    wrong: list[str] = []
    comparable = platform(browser.version)
    with visit() as opened:
        page = opened.page
        open_page(page, scene, shown)
        for scheme, width in product(SCHEMES, WIDTHS):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            name = f"{shown.name}-{scheme}-{width}"
            picture = taken(page)
            wrong += [f"{name}: {found}" for found in findings(page)]
            if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                wrong.append(f"{name} scrolls sideways")
            wrong += compare(picture, PICTURES / f"{name}.png", comparable) if shown.steady else []
    assert not wrong, "\n".join(wrong)


def open_page(page: Page, scene: Scene, shown: Shown) -> None:
    """Open a page as whoever is to see it, wait for all of it, and have axe there."""
    token = {"nobody": None, "staff": scene.staff}.get(shown.of, scene.customer)
    if token:
        page.add_init_script(f"localStorage.setItem('edition-billing.token', {token!r})")
    if shown.of == "staff":
        page.add_init_script("sessionStorage.setItem('edition-billing.sandboxes', 'true')")
    here = shown.path.replace("{account}", quote(scene.account, safe=""))
    page.goto(scene.path(shown.path) if shown.of == "account" else here)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=30_000)
    expect(page.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0, timeout=30_000)
    page.evaluate(AXE.read_text())


def findings(page: Page) -> list[str]:
    """What axe finds that is serious: the rule, and where."""
    results: dict[str, Any] = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in results["violations"]
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


def taken(page: Page) -> bytes:
    """A picture of the page; what is different every time, such as keys, is covered."""
    page.evaluate(DRAWN)
    covered = [page.locator(".code"), page.locator("[data-varies]")]
    return page.screenshot(mask=covered, mask_color="#888888", animations="disabled", full_page=True)


@cache
def platform(version: str) -> bool:
    """Whether pages are drawn as when the pictures were taken: by this Chromium, with fonts for Chinese."""
    if WRITE:
        PICTURES.mkdir(exist_ok=True)
        PLATFORM.write_text(version + "\n")
    fonts = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists()
    return fonts and PLATFORM.exists() and PLATFORM.read_text().strip() == version


def compare(picture: bytes, kept: Path, comparable: bool) -> list[str]:
    """What is wrong with a picture, beside the one that is kept: how fonts are smoothed does not count."""
    now = Image.open(BytesIO(picture)).convert("RGB")
    if WRITE:
        now.quantize(64, dither=Image.Dither.NONE).save(kept, optimize=True)
    if not comparable:
        return []
    if not kept.exists():
        return [f"there is no {kept.name}: BILLING_WRITE_PICTURES=1 pytest tests/console/test_pages.py writes it"]
    before = Image.open(kept).convert("RGB")
    if now.size != before.size:
        return [f"{kept.name} was {before.size}, is {now.size}"]
    bands = ImageChops.difference(now, before).split()
    worst = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    different = sum(worst.histogram()[UNLIKE:]) / (now.width * now.height)
    return [f"{different:.1%} of {kept.name} differs"] if different > MOST_DIFFERENT else []
