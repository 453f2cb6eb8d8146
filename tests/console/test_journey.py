"""The upgrade journey clicked through as a new customer would, in both languages, to the first settled charge."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Page, Request, Route, expect

from app.api.console import STATIC
from tests.browsing import NEEDED
from tests.console.conftest import Visit, server_at_a_fixed_instant
from tests.console.texts import texts
from tests.serving import Server

pytestmark = NEEDED


@pytest.fixture(scope="module")
def served() -> Iterator[Server]:
    """A server of its own: who registers here is in nobody's pictures."""
    with server_at_a_fixed_instant() as server:
        yield server


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_registering_to_the_first_settled_charge(visit: Visit, language: str) -> None:
    t = texts(language)
    with visit(locale={"zh": "zh-CN", "en": "en-US"}[language]) as opened:
        page = opened.page
        to_the_agreement(page, t)
        press(page, t("upgrade.accept"))
        page.get_by_role("dialog").get_by_role("button", name=t("upgrade.accept")).click()
        page.get_by_role("button", name=f"{t('upgrade.pick')} {channel(language)}", exact=True).click()
        press(page, t("upgrade.useChannel"))

        page.get_by_label(t("upgrade.label")).fill("Shanghai")
        press(page, t("upgrade.createLicense"))
        press(page, f"{t('common.copy')} {t('upgrade.license')}")
        license = page.evaluate("navigator.clipboard.readText()")
        assert license.count(".") == 2
        expect(page.get_by_text(t("upgrade.waiting"))).to_be_visible()
        press(page, t("upgrade.sandboxActivate"))
        expect(page.get_by_text(t("upgrade.activated"), exact=True)).to_be_visible()

        press(page, t("account.nextWeek"))
        press(page, t("account.nextDay"))
        press(page, t("account.nextDay"))
        page.get_by_role("menuitem", name=t("account.charges")).click()
        row = page.get_by_role("row").filter(has_text="CNY")
        expect(row).to_have_count(1, timeout=30_000)
        expect(row).to_contain_text("100.00")
        expect(row).to_contain_text(t("common.settlementState.SETTLED"))

        page.get_by_role("menuitem", name=t("account.statements")).click()
        with page.expect_download() as saved:
            page.get_by_role("button", name=t("statements.form.pdf")).first.click()
        file = saved.value.path().read_bytes()
        assert file.startswith(b"%PDF-")
        assert saved.value.suggested_filename.endswith(".pdf")


def test_what_changes_while_a_page_is_asked_for_is_shown(visit: Visit) -> None:
    t = texts("zh")
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if (route.request.post_data_json or {}).get("operationName") == "UpgradePage":
            held.append((route, route.fetch()))
        else:
            route.fallback()

    with visit() as opened:
        page = opened.page
        to_the_agreement(page, t)
        page.route("**/graphql", hold)
        press(page, t("account.nextDay"))
        while not held:
            page.wait_for_timeout(50)
        press(page, t("upgrade.accept"))
        page.get_by_role("dialog").get_by_role("button", name=t("upgrade.accept")).click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        for route, answer in reversed(held):  # what was asked for first comes last, as it may on a slow line
            with page.expect_request_finished(same(route.request)):
                route.fulfill(response=answer)
        page.unroute("**/graphql", hold)
        page.get_by_role("button", name=f"{t('upgrade.pick')} {channel('zh')}", exact=True).click()
        press(page, t("upgrade.useChannel"))
        expect(page.get_by_label(t("upgrade.label"))).to_be_visible()


def same(request: Request) -> Callable[[Request], bool]:
    """Whether another request is this one."""
    return lambda other: other == request


def to_the_agreement(page: Page, t: Callable[[str], str]) -> None:
    """Register in a sandbox, choose the edition, and read its agreement to the end."""
    page.goto("/")
    page.get_by_role("link", name=t("signIn.register")).click()
    page.get_by_label(t("signIn.organization")).fill("Example Ltd")
    page.get_by_label(t("signIn.name")).fill("Ming")
    page.get_by_label(t("signIn.email")).fill(f"{secrets.token_hex(6)}@example.com")
    page.get_by_label(t("signIn.password"), exact=True).fill("correct horse battery")
    press(page, t("signIn.sandbox"))
    expect(page.get_by_text(t("account.sandbox"))).to_be_visible()
    press(page, t("account.action.CHOOSE_EDITION"))
    press(page, t("upgrade.choose"))
    agreement = page.get_by_role("region")
    agreement.wait_for()
    agreement.evaluate("text => text.scrollTo(0, text.scrollHeight)")


def channel(language: str) -> str:
    """The enterprise account's name."""
    return {"zh": "观测云企业账户", "en": "Enterprise account"}[language]


def press(page: Page, name: str) -> None:
    """Press the button, and wait for what it asked."""
    page.get_by_role("button", name=name).first.click()
    expect(page.locator(".ant-btn-loading")).to_have_count(0)


def test_the_first_page_is_small(visit: Visit) -> None:
    """What signing in loads is under 300 kB as it travels: compressed."""
    sizes: list[int] = []
    with visit() as opened:
        opened.page.on("response", lambda answer: sizes.append(len_of(answer.headers.get("content-length"))))
        opened.page.goto("/sign-in")
        opened.page.wait_for_load_state("networkidle")
    assert 50_000 < sum(sizes) < 300_000


def len_of(header: str | None) -> int:
    """How many bytes an answer says that it has."""
    return int(header or 0)


def test_what_is_built_is_kept_for_a_year_and_compressed() -> None:
    assets = Path(STATIC / "console" / "assets")
    scripts = [path for path in assets.glob("*.js") if path.stat().st_size >= 1024]
    assert scripts
    assert all(path.with_suffix(".js.br").exists() for path in scripts)


@pytest.mark.parametrize(
    "elsewhere", ["//example.org/", "/%5Cexample.org/", "/%09/example.org/", "https://example.org/"]
)
def test_no_link_leads_from_signing_in_to_somewhere_else(visit: Visit, elsewhere: str) -> None:
    with visit(locale="en-US") as opened:
        register(opened.page, f"/register?next={elsewhere}")


def register(page: Page, path: str) -> None:
    """Register an organisation, and come to its account."""
    t = texts("en")
    page.goto(path)
    page.get_by_label(t("signIn.organization")).fill("Example")
    page.get_by_label(t("signIn.name")).fill("Guest")
    page.get_by_label(t("signIn.email")).fill(f"{secrets.token_hex(6)}@example.com")
    page.get_by_label(t("signIn.password"), exact=True).fill("correct horse battery")
    page.locator(".ant-btn-primary").click()
    page.wait_for_url("**/accounts/*")


def test_who_signs_out_leaves_nothing_of_what_was_sent(visit: Visit) -> None:
    with visit(locale="en-US") as opened:
        page = opened.page
        register(page, "/register")
        page.evaluate("""localStorage.setItem("graphiql:query", "mutation { signIn(password: …) }")""")
        page.get_by_role("button", name="Guest").click()
        page.get_by_text(texts("en")("common.signOut")).click()
        page.wait_for_url("**/sign-in*")
        assert "next=" not in page.url  # whoever signs in next is somebody else
        assert page.evaluate("Object.keys(localStorage).filter((key) => !key.endsWith('language'))") == []
