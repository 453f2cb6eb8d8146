"""Files by links of a few minutes, which a browser opens without a header."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from app.accounts.models import StaffRole
from app.audit.models import AuditEntry
from tests.accounts.people import address
from tests.api.driver import URL, Api, Enum, registered
from tests.api.wallets import staff
from tests.conftest import TravellingClock
from tests.statements.conftest import Billed, billed

__all__ = ["billed"]
FILES = '{ reportFiles(month: "2026-03", sandboxes: true) { revenue arrears contractsEnding deferred charges focus } }'


async def opened(api: Api, path: str, **headers: str) -> httpx.Response:
    return await api.http.get(f"http://test{path}", headers=headers)


async def pdf_of(mine: Api, account: str) -> str:
    found: Any = await mine.account(account, 'statement(month: "2026-03") { downloads { pdf } }')
    return str(found["statement"]["downloads"]["pdf"])


async def test_a_link_is_opened_for_five_minutes(billed: Billed, travelling_clock: TravellingClock) -> None:
    path = await pdf_of(billed.api, billed.account)
    assert "lang=en" in path
    for minutes, status in ((0, 200), (4, 200), (1, 401)):
        travelling_clock.forward(minutes=minutes)
        answer = await opened(billed.api, path)
        assert answer.status_code == status
    assert (answer.json()["code"], "link has ended" in answer.json()["message"]) == ("UNAUTHENTICATED", True)
    by_header = await opened(billed.api, path, Authorization=f"Bearer {billed.api.token}")
    assert by_header.status_code == 200, "the header counts where there is one"


async def test_a_link_is_for_one_path_and_ends_with_its_session(billed: Billed) -> None:
    path = await pdf_of(billed.api, billed.account)
    other = path.replace(".pdf", ".csv")
    assert (await opened(billed.api, other)).status_code == 401
    changed = path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1]
    for wrong in (changed, path.partition("link=")[0] + "link=x", path.partition("link=")[0] + "link="):
        assert (await opened(billed.api, wrong)).status_code == 401
    asked = await billed.api.http.post(f"{URL}?{path.partition('?')[2]}", json={"query": "{ viewer { user { id } } }"})
    assert asked.json()["data"] == {"viewer": None}, "a link is for its file alone"
    await billed.api.call("signOut", "user { id }")
    assert (await opened(billed.api, path)).status_code == 401


async def test_whoever_loses_the_right_to_read_loses_it_with_the_link(billed: Billed, api: Api) -> None:
    viewer, _ = await registered(api)
    email = await address(viewer)
    invited = await billed.api.call(
        "inviteMember", "invitationCode", accountId=billed.account, email=email, role=Enum("VIEWER")
    )
    joined = await viewer.call("acceptInvitation", "membership { id }", code=invited["invitationCode"])
    path = await pdf_of(viewer, billed.account)
    assert (await opened(api, path)).status_code == 200
    await billed.api.call("removeMember", "account { id }", membershipId=joined["membership"]["id"])
    assert (await opened(api, path)).status_code == 404


async def test_reports_and_exports_are_had_by_link_and_noted(billed: Billed, api: Api) -> None:
    finance = await staff(api)
    found = (await finance.data(FILES))["reportFiles"]
    assert len(found) == 6
    for name, path in found.items():
        answer = await opened(api, f"{path}&bom")
        assert answer.status_code == 200, name
        assert answer.text.startswith("\ufeff"), name
    assert await AuditEntry.filter(action="read: /reports/revenue.csv", actor_label=await address(finance)).exists()
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    assert (await manager.answer(FILES))["errors"][0]["extensions"]["code"] == "PERMISSION_DENIED"


async def test_what_is_kept_of_a_person_is_had_by_link(api: Api) -> None:
    mine, _ = await registered(api)
    path = (await mine.data("{ viewer { personalData } }"))["viewer"]["personalData"]
    answer = await opened(api, path)
    assert answer.status_code == 200
    assert await address(mine) in answer.text


@pytest.mark.parametrize("form", ["csv", "daily.csv", "income-expense.csv", "focus.csv"])
async def test_a_link_takes_what_else_a_file_takes(billed: Billed, form: str) -> None:
    field = {"csv": "csv", "daily.csv": "dailyCsv", "income-expense.csv": "incomeExpenseCsv", "focus.csv": "focusCsv"}
    asked = f'statement(month: "2026-03") {{ downloads {{ {field[form]} }} }}'
    found: Any = await billed.api.account(billed.account, asked)
    path = found["statement"]["downloads"][field[form]]
    assert path.startswith(f"/statements/{billed.account}/2026-03.{form}?link=")
    assert (await opened(billed.api, f"{path}&bom")).text.startswith("\ufeff")
