"""Whoever may look at an account or is staff goes through their whole menu: nothing on it is refused to them."""

from __future__ import annotations

import asyncio
import re
import subprocess

import httpx
import pytest
from playwright.sync_api import Page, expect

from app.accounts.models import Role, StaffRole
from tests.api.driver import Api, joined
from tests.browsing import NEEDED
from tests.console.conftest import Visit
from tests.console.customers import PASSWORD
from tests.console.scene import Scene, ToServer
from tests.serving import BILLING, Server, environment

pytestmark = NEEDED
CHANGES = {
    Role.ADMIN: {"members": False, "licenses": True, "alerts": True},
    Role.FINANCE: {"members": False, "licenses": False, "alerts": True},
    Role.VIEWER: {"members": False, "licenses": False, "alerts": False},
}
"""Whether a page offers a role to change something."""
People = dict[str, str]


def key(role: Role | StaffRole) -> str:
    """Which of the two kinds of roles, and which: both have one for finance."""
    return f"{type(role).__name__} {role}"


@pytest.fixture(scope="session")
def people(served: Server, scene: Scene) -> People:
    """The tokens of a member with each role, and of staff with each."""
    return asyncio.run(_people(served, scene))


@pytest.mark.parametrize("role", CHANGES)
def test_a_member(people: People, visit: Visit, scene: Scene, role: Role) -> None:
    with visit() as opened:
        page = opened.page
        page.goto(f"{scene.path('')}#token={people[key(role)]}")
        if role == Role.VIEWER:
            _walk(page)
        for name, offered in CHANGES[role].items():
            page.goto(scene.path(name))
            changing = page.locator("main .ant-btn-primary")
            if offered:
                expect(changing.first).to_be_visible()
            else:
                expect(page.locator("main table, main .ant-empty").first).to_be_visible()
                expect(changing).to_have_count(0)


@pytest.mark.parametrize("role", StaffRole)
def test_staff(people: People, visit: Visit, role: StaffRole) -> None:
    with visit() as opened:
        opened.page.goto(f"/staff#token={people[key(role)]}")
        _walk(opened.page)


def _walk(page: Page) -> None:
    """Follow every entry of the menu: each is a page, and nothing on it is refused."""
    entries = page.locator("aside .ant-menu-item")
    expect(entries.first).to_be_visible()
    heading = page.get_by_role("heading", level=1)
    for number in range(1, entries.count()):
        before, entry = heading.text_content(), entries.nth(number)
        entry.click()
        expect(heading).not_to_have_text(before or "")
        expect(page.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0)
        refused = page.locator("main .ant-alert-error, .ant-message-error, .ant-result-404")
        expect(refused, str(entry.text_content())).to_have_count(0)


async def _people(served: Server, scene: Scene) -> People:
    found: People = {}
    async with httpx.AsyncClient(transport=ToServer(served.base), timeout=60) as http:
        for role in (*CHANGES, *StaffRole):
            email = f"{type(role).__name__}-{role}@example.com".lower()
            made = await Api(http).call("register", "token", email=email, password=PASSWORD, name=email)
            found[key(role)] = str(made["token"])
            if isinstance(role, Role):
                await joined(Api(http, scene.customer), scene.account, Api(http, found[key(role)]), role)
            else:
                granted = [str(BILLING), "staff", "grant", email, "--role", role]
                said = subprocess.run(
                    granted, env=environment(served.data, None), check=True, capture_output=True, text=True
                )
                code = re.search(r"the code (\S+),", said.stdout)
                assert code, said
                await Api(http, found[key(role)]).call("acceptInvitation", "__typename", code=code[1])
    return found
