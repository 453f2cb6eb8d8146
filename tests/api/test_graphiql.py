"""GraphiQL in headless Chromium, with nothing but this server to load from."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browsing import NEEDED, Opened, chromium, opened
from tests.serving import Server

pytestmark = NEEDED


@pytest.fixture
def graphiql(server: Server) -> Iterator[Opened]:
    """GraphiQL, opened as the demo's administrator."""
    token = json.loads((server.data / "demo-tokens.json").read_text())["administrator"]
    with chromium() as browser, opened(browser, viewport={"width": 1440, "height": 900}) as found:
        found.page.goto(f"{server.url}#token={token}")
        yield found


def run(page: Page, tab: str, answer: str) -> None:
    """Go to a tab, run it, and wait for the answer."""
    page.get_by_role("tab", name=tab).click()
    expect(page.locator(".graphiql-query-editor")).to_contain_text(f" {tab}")
    page.wait_for_timeout(1_000)  # it takes the operation's name over after a pause
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text(answer, timeout=15_000)


def test_the_examples_run_in_their_order_with_nothing_pasted(graphiql: Opened) -> None:
    page = graphiql.page
    editor = page.locator(".graphiql-container").bounding_box()
    assert editor is not None
    assert editor["height"] == 900
    names = " ".join(page.get_by_role("tab").all_inner_texts())
    assert "token=" not in page.url
    for example, answer in (
        ("Start", "CHOOSE_EDITION"),
        ("Catalog", "The free edition of the self-hosted"),
        ("Upgrade", "UpgradeEditionSuccess"),
        ("Accept", "AcceptAgreementSuccess"),
        ("Pay", "ChooseSettlementChannelSuccess"),
        ("License", "CreateAccessKeySuccess"),
        ("Activate", "ActivateLicenseSuccess"),
        ("TopUp", "RequestTopUpSuccess"),
        ("Travel", "AdvanceSandboxClockSuccess"),
        ("Charges", "100.00"),
    ):
        assert example in names
        run(page, example, answer)
    assert "Watch" in names
    assert graphiql.outside == []


@pytest.mark.parametrize("path", ["/", "/graphql"])
def test_a_link_with_a_token_signs_nobody_in_but_on_their_own_machine(server: Server, path: str) -> None:
    token = json.loads((server.data / "demo-tokens.json").read_text())["administrator"]
    kept = "localStorage.getItem('edition-billing.token')"
    with chromium() as browser:
        for base, taken in (("http://billing.example", None), (server.base, token)):
            context = browser.new_context()
            page = context.new_page()
            page.route("http://billing.example/**", lambda route: route.fulfill(response=_from(server, route)))
            page.goto(f"{base}{path}#token={token}")
            page.wait_for_function("!location.hash")
            assert page.evaluate(kept) == taken
            page.unroute_all(behavior="ignoreErrors")
            context.close()


def _from(server: Server, route: Route) -> APIResponse:
    """What the server answers, which the page takes for another host's."""
    return route.fetch(url=route.request.url.replace("http://billing.example", server.base))
