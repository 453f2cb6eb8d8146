"""What a page opens at, and what stays in sight of it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browsing import NEEDED
from tests.console.conftest import Visit
from tests.console.scene import Scene
from tests.console.texts import texts

pytestmark = NEEDED


def with_sandboxes(page: Page, scene: Scene) -> None:
    """Sign in as staff who look at sandboxes, too."""
    page.add_init_script("sessionStorage.setItem('edition-billing.sandboxes', 'true')")
    page.goto(f"/staff#token={scene.staff}")


def test_a_menu_longer_than_the_screen_scrolls_by_itself(visit: Visit, scene: Scene) -> None:
    t = texts("zh")
    with visit() as opened:
        page = opened.page
        page.goto(f"/staff/audit#token={scene.staff}")
        present = page.get_by_role("menuitem", name=t("staff.menu.audit"))
        expect(present).to_be_in_viewport(ratio=1)
        expect(page.locator("main .ant-table-row").first).to_be_visible()
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        assert page.evaluate("scrollY") > 0
        expect(page.get_by_role("banner")).to_be_in_viewport(ratio=1)
        expect(present).to_be_in_viewport(ratio=1)
        page.get_by_role("menuitem", name=t("staff.menu.start")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(t("staff.menu.start"))


def test_revenue_opens_at_the_last_month_that_has_some(visit: Visit, scene: Scene) -> None:
    t = texts("zh")
    with visit() as opened:
        page = opened.page
        with_sandboxes(page, scene)
        page.goto("/staff/revenue")
        month = page.get_by_label(t("finance.month"), exact=True)
        expect(month).to_have_value("2026-07")  # where the sandbox's clock has come to
        page.get_by_role("switch").click()
        expect(month).to_have_value("2026-06")


def test_what_paid_a_charge_is_no_negative_amount(visit: Visit, scene: Scene) -> None:
    t = texts("zh")
    with visit() as opened:
        page = opened.page
        page.goto(f"{scene.path('charges')}#token={scene.customer}")
        page.locator(".ant-table-row-expand-icon").first.click()
        paid = page.locator(".ant-table-expanded-row").get_by_text(t("billing.paidFrom").partition("{{")[0]).first
        expect(paid).to_contain_text("CNY")
        expect(paid).not_to_contain_text("-CNY")
