"""Another password by mail, on a mail server of the test's own."""

from __future__ import annotations

import asyncio
import re
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from app import clock
from app.accounts.models import PasswordReset, User
from app.accounts.passwords import forget_resets
from app.notifications.password_resets import mail_resets
from app.settings import Settings, get_settings
from tests.accounts.people import NEW, PASSWORD, address, signed_in, works
from tests.api.driver import Api, registered
from tests.conftest import TravellingClock
from tests.notifications.mailbox import Mailbox

TOKEN = re.compile(r"rst_[\w-]{43}")


async def asked(api: Api, email: str) -> Any:
    return await api.call("requestPasswordReset", "email", email=email)


async def reset(api: Api, token: str, password: str = NEW, **more: Any) -> Any:
    return await api.call("resetPassword", "user { email }", code=token, newPassword=password, **more)


async def mailed(mailbox: Mailbox) -> list[tuple[str, str]]:
    """To whom mails went, and the tokens in them."""
    while await mail_resets(get_settings()):
        pass
    texts = [(to, message_from_bytes(body, policy=default).get_content()) for (to,), body in mailbox.messages]
    return [(to, found.group()) for to, text in texts if (found := TOKEN.search(text))]


async def test_a_token_by_mail_sets_another_password_once_and_ends_the_sessions(api: Api, mailbox: Mailbox) -> None:
    mine, _ = await registered(api)
    email = await address(mine)
    await User.filter(email=email).update(confirmed_at=clock.now())
    script = (await mine.call("createPersonalAccessToken", "token", name="ci"))["token"]
    assert (await asked(api, email.upper()))["__typename"] == "RequestPasswordResetSuccess"
    await asked(api, email)
    (to, first), (_, token) = await mailed(mailbox)
    assert to == email
    assert token not in str(await PasswordReset.all().values())
    assert (await reset(api, token, "short"))["path"] == ["newPassword"]
    answers = await asyncio.gather(*(reset(api, token) for _ in range(4)))
    assert sorted(answer["__typename"] for answer in answers) == ["InvalidCredentialsError"] * 3 + [
        "ResetPasswordSuccess"
    ]
    assert mine.token
    assert [await works(bearer, api) for bearer in (mine.token, script)] == [False, True]
    for used in (token, first, token.lower(), "", script):
        refused = await reset(api, used, PASSWORD)
        assert (refused["code"], refused["path"]) == ("INVALID_CREDENTIALS", ["code"])
        assert refused["operations"] == ["requestPasswordReset"]
    assert (await signed_in(api, email))["code"] == "INVALID_CREDENTIALS"
    assert (await signed_in(api, email, NEW))["token"]


async def test_the_answer_does_not_tell_whether_somebody_registered(api: Api, mailbox: Mailbox) -> None:
    mine, _ = await registered(api)
    email = await address(mine)
    known, unknown = await asked(api, email), await asked(api, "nobody@example.com")
    assert {**known, "email": ""} == {**unknown, "email": ""}
    assert await PasswordReset.all().count() == 2
    assert [to for to, _ in await mailed(mailbox)] == [email]
    assert await PasswordReset.filter(mail_at__isnull=False).count() == 0


async def test_three_mails_an_hour_go_to_an_address(
    api: Api, mailbox: Mailbox, travelling_clock: TravellingClock
) -> None:
    mine, _ = await registered(api)
    email = await address(mine)
    await asyncio.gather(*(asked(api, email) for _ in range(8)))
    assert len(await mailed(mailbox)) == 3
    travelling_clock.forward(hours=1)
    await asked(api, email)
    assert len(await mailed(mailbox)) == 4
    await forget_resets()
    assert await PasswordReset.all().count() == 4
    travelling_clock.forward(seconds=1)
    await forget_resets()
    assert await PasswordReset.all().count() == 1


async def test_a_token_lasts_an_hour(api: Api, mailbox: Mailbox, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    await asked(api, await address(mine))
    ((_, token),) = await mailed(mailbox)
    travelling_clock.forward(hours=1)
    assert (await reset(api, token))["code"] == "INVALID_CREDENTIALS"


async def test_what_the_mail_server_refuses_is_mailed_later_with_a_token_of_its_own(
    api: Api, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, travelling_clock: TravellingClock
) -> None:
    mine, _ = await registered(api)
    settings: Settings = get_settings()
    there = settings.smtp_url
    await asked(api, await address(mine))
    monkeypatch.setattr(settings, "smtp_url", "smtp://127.0.0.1:1")
    assert await mail_resets(settings) == 0
    monkeypatch.setattr(settings, "smtp_url", there)
    assert await mailed(mailbox) == []
    travelling_clock.forward(minutes=1)
    monkeypatch.setattr(settings, "password_reset_url", "https://console.example.com/reset?token={}")
    ((_, token),) = await mailed(mailbox)
    (_, body) = mailbox.messages[0]
    assert f"https://console.example.com/reset?token={token}" in message_from_bytes(body, policy=default).get_content()
    assert (await reset(api, token, idempotencyKey="once"))["__typename"] == "ResetPasswordSuccess"


async def test_without_a_mail_server_it_is_refused(api: Api) -> None:
    refused = await asked(api, "a@example.com")
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["email"])
