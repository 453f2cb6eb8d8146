"""Sandbox accounts: whether there are any, how many a user has, and how far their clocks go."""

from __future__ import annotations

import pytest

from app.settings import Settings, get_settings
from tests.api.driver import Api, registered

DAY = 86_400


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The process's settings, for a test to change."""
    found = get_settings()
    for name in ("sandbox", "sandboxes_per_user", "sandbox_jump_days", "sandbox_ahead_days"):
        monkeypatch.setattr(found, name, getattr(found, name))
    return found


async def register(api: Api, sandbox: bool) -> dict[str, object]:
    answer: dict[str, object] = await api.call(
        "register",
        "account { sandbox }",
        email=f"{sandbox}@sandboxes.example",
        password="correct horse battery",
        name="N",
        organizationName="O",
        sandbox=sandbox,
    )
    return answer


async def test_where_they_are_off_they_are_refused_and_their_clocks_stand(api: Api, settings: Settings) -> None:
    mine, account = await registered(api)
    settings.sandbox = False
    for answer in (
        await register(api, sandbox=True),
        await mine.call("createAccount", "account { id }", name="B", sandbox=True),
        await mine.call("advanceSandboxClock", "account { id }", accountId=account, bySeconds=DAY),
    ):
        assert answer["code"] == "SANDBOX_OFF"
    assert await register(api, sandbox=False) == {
        "__typename": "RegisterSuccess",
        "account": {"sandbox": False},
    }


def test_the_environment_turns_them_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_SANDBOX", "off")
    assert Settings().sandbox is False


async def test_a_user_has_so_many_and_no_more_however_they_are_opened(api: Api, settings: Settings) -> None:
    mine, _ = await registered(api)
    settings.sandboxes_per_user = 3
    fields = "__typename ... on CreateAccountSuccess { account { id } } ... on SandboxLimitError { code path message }"
    many = "\n".join(f'a{n}: createAccount(name: "S{n}", sandbox: true) {{ {fields} }}' for n in range(4))
    answers = list((await mine.data(f"mutation {{ {many} }}")).values())
    kinds = [answer["__typename"] for answer in answers]
    assert kinds == ["CreateAccountSuccess", "CreateAccountSuccess", "SandboxLimitError", "SandboxLimitError"]
    assert (answers[2]["code"], answers[2]["path"]) == ("SANDBOX_LIMIT", ["sandbox"])
    assert "3" in answers[2]["message"]
    real = await mine.call("createAccount", "account { id }", name="Real")
    assert real["__typename"] == "CreateAccountSuccess"


async def test_a_clock_jumps_as_far_as_the_settings_say(api: Api, settings: Settings) -> None:
    mine, account = await registered(api)
    settings.sandbox_jump_days, settings.sandbox_ahead_days = 10, 25

    async def jump(seconds: int) -> str:
        moved = await mine.call("advanceSandboxClock", "account { id }", accountId=account, bySeconds=seconds)
        return str(moved["__typename"])

    assert await jump(10 * DAY + 1) == "InvalidInputError"
    assert [await jump(10 * DAY) for _ in range(3)] == [
        "AdvanceSandboxClockSuccess",
        "AdvanceSandboxClockSuccess",
        "InvalidInputError",
    ]
    assert await jump(5 * DAY) == "AdvanceSandboxClockSuccess"
