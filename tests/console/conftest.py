"""The console of a server whose clock begins at a fixed instant, in headless Chromium."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import Browser

from tests.browsing import Opened, chromium, opened
from tests.console.scene import Scene, made
from tests.console.served import BEGUN
from tests.serving import Server, embedded_folder, serving

SETTINGS = {
    "BILLING_CHANNEL_AWS_PRODUCT_CODE": "prod-1",
    "BILLING_CHANNEL_AWS_DIMENSION": "datakit_days",
    "BILLING_CHANNEL_AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "BILLING_CHANNEL_AWS_SECRET_ACCESS_KEY": "not used",
    "BILLING_CHANNEL_AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "BILLING_CHANNEL_AWS_EVENTBRIDGE_API_KEY": "not used",
    "BILLING_CHANNEL_AWS_PURCHASE_URL": "https://aws.amazon.com/marketplace/pp/prodview-example",
    "BILLING_CHANNEL_ALIYUN_ACCESS_KEY_ID": "LTAIEXAMPLE",
    "BILLING_CHANNEL_ALIYUN_ACCESS_KEY_SECRET": "not used",
    "BILLING_CHANNEL_ALIYUN_ISV_KEY": "not used",
    "BILLING_CHANNEL_ALIYUN_PRODUCT_CODES": "cmgj000001",
    "BILLING_CHANNEL_ALIYUN_ENDPOINT": "127.0.0.1:9",
    "BILLING_CHANNEL_ALIYUN_PROTOCOL": "http",
    "BILLING_CHANNEL_ALIYUN_PURCHASE_URL": "https://market.aliyun.com/products/example.html",
}
"""Both clouds are set up and out of reach, so that there are channels with a form to look at."""

Visit = Callable[..., AbstractContextManager[Opened]]


@contextmanager
def server_at_a_fixed_instant() -> Iterator[Server]:
    """A server with worker and demo users, on an embedded PostgreSQL of its own."""
    command = (sys.executable, "-m", "tests.console.served")
    with embedded_folder() as folder, serving(folder, None, settings=SETTINGS, command=command) as server:
        yield server


@pytest.fixture(scope="session")
def served() -> Iterator[Server]:
    """The server of the scene."""
    with server_at_a_fixed_instant() as server:
        yield server


@pytest.fixture(scope="session")
def scene(served: Server) -> Scene:
    """What the pages show."""
    return asyncio.run(made(served.base, served.data))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, for one module: while it is driven, no test of another can run an event loop."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def visit(served: Server, browser: Browser) -> Visit:
    """Opens pages: ``with visit(locale="zh-CN", width=1440) as opened``; nothing may complain, nor ask elsewhere."""

    @contextmanager
    def visited(locale: str = "zh-CN", width: int = 1440, scheme: str = "light") -> Iterator[Opened]:
        options = {
            "base_url": served.base,
            "locale": locale,
            "timezone_id": "Asia/Shanghai",
            "color_scheme": scheme,
            "viewport": {"width": width, "height": 900},
            "permissions": ["clipboard-read", "clipboard-write"],
            "reduced_motion": "reduce",
        }
        with opened(browser, **options) as found:
            found.page.clock.install(time=BEGUN)
            yield found
            assert found.outside == []
            assert found.complaints == []

    return visited
