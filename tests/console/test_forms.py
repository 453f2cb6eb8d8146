"""What a form sends: refused, it stays open with the reason at its field; done, it closes and the page shows it."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browsing import NEEDED
from tests.console.conftest import Visit
from tests.console.scene import Scene
from tests.console.texts import texts

pytestmark = NEEDED


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_stands_at_its_field(visit: Visit, scene: Scene, language: str) -> None:
    t = texts(language)
    with visit(locale={"zh": "zh-CN", "en": "en-US"}[language]) as opened:
        page = opened.page
        page.goto(f"{scene.path('invoices')}?tab=titles#token={scene.customer}")
        page.get_by_role("button", name=t("invoices.addTitle")).click()
        form = page.get_by_role("dialog")
        form.get_by_label(t("invoices.invoiceTitle"), exact=True).fill(f"Example {language}")
        number = form.get_by_label(t("invoices.taxNumber"))
        number.fill("123")
        form.locator(".ant-btn-primary").click()
        expect(number).to_have_attribute("aria-invalid", "true")
        expect(form.locator(".ant-form-item-explain-error")).to_contain_text("18")
        expect(form.locator(".ant-form-item-explain-error")).not_to_contain_text("taxNumber")

        number.fill("91350100M000100Y43")
        form.locator(".ant-btn-primary").click()
        expect(form).to_have_count(0)
        expect(page.get_by_role("row").filter(has_text=f"Example {language}")).to_have_count(1)


def form_of(page: Page, scene: Scene, t: Callable[[str], str], channel: str) -> Locator:
    """Open the form of a channel; answers its link to where what it asks for is bought."""
    page.goto(f"{scene.path('settings')}#token={scene.customer}")
    page.get_by_role("button", name=t("settings.changeChannel")).click()
    page.get_by_role("button", name=f"{t('upgrade.pick')} {channel}", exact=True).click()
    return page.get_by_role("link", name=t("upgrade.subscribe"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_channel_asks_for_what_is_bought_elsewhere_first(visit: Visit, scene: Scene, language: str) -> None:
    t = texts(language)
    asked = {"zh": ("亚马逊云账户", "领取码"), "en": ("AWS account", "Claim code")}[language]
    with visit(locale={"zh": "zh-CN", "en": "en-US"}[language]) as opened:
        page = opened.page
        buy = form_of(page, scene, t, asked[0])
        expect(buy).to_have_attribute("href", "https://aws.amazon.com/marketplace/pp/prodview-example")
        expect(buy).to_have_attribute("rel", "noreferrer")
        code = page.get_by_label(asked[1])
        page.get_by_role("button", name=t("upgrade.useChannel")).click()
        expect(page.locator(".ant-message-error, .ant-form-item-explain-error").first).to_contain_text(asked[1])
        code.fill("secret" * 10)
        page.get_by_role("button", name=t("upgrade.useChannel")).click()
        expect(page.locator(".ant-form-item-explain-error")).to_contain_text("40")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_channel_that_refuses_says_so_at_its_field(visit: Visit, scene: Scene, language: str) -> None:
    t = texts(language)
    channel, uid, instance = {
        "zh": ("阿里云账户", "阿里云账号 UID", "实例 ID"),
        "en": ("Alibaba Cloud account", "Alibaba Cloud user id", "Instance id"),
    }[language]
    with visit(locale={"zh": "zh-CN", "en": "en-US"}[language]) as opened:
        page = opened.page
        buy = form_of(page, scene, t, channel)
        expect(buy).to_have_attribute("href", "https://market.aliyun.com/products/example.html")
        page.get_by_label(uid).fill("123")
        page.get_by_label(instance).fill("i-unknown")
        page.get_by_role("button", name=t("upgrade.useChannel")).click()
        refused = page.locator(".ant-form-item-explain-error")
        expect(refused).to_contain_text("16")
        page.get_by_label(uid).fill("1234567890123456")
        page.get_by_role("button", name=t("upgrade.useChannel")).click()
        expect(refused).to_contain_text({"zh": "没有此实例", "en": "no such instance"}[language])
        expect(page.get_by_label(instance)).to_have_attribute("aria-invalid", "true")


def test_who_registers_by_an_invitation_comes_to_it(visit: Visit, scene: Scene) -> None:
    t = texts("zh")
    email = f"{secrets.token_hex(6)}@example.com"
    with visit(locale="zh-CN") as opened:
        page = opened.page
        page.goto(f"{scene.path('members')}#token={scene.customer}")
        page.get_by_role("button", name=t("members.invite")).click()
        page.get_by_role("dialog").get_by_label(t("members.email")).fill(email)
        page.get_by_role("dialog").locator(".ant-btn-primary").click()
        link = page.get_by_role("dialog").locator("pre").text_content() or ""
    with visit(locale="zh-CN") as opened:
        page = opened.page
        page.goto(link)
        page.get_by_role("link", name=t("signIn.register")).click()
        page.get_by_label(t("signIn.name")).fill("客人")
        page.get_by_label(t("signIn.email")).fill(email)
        page.get_by_label(t("signIn.password"), exact=True).fill("correct horse battery")
        expect(page.get_by_label(t("signIn.organization"))).to_have_count(0)
        page.locator(".ant-btn-primary").click()
        expect(page.get_by_label(t("me.invitationCode"))).to_have_value(link.partition("code=")[2])
        page.locator("main .ant-btn-primary").click()
        expect(page.locator(".ant-result-success")).to_be_visible()
