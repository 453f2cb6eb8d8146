"""Whoever's ways to sign in change is told by mail what changed, once; whoever did not do it learns of it."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest

from app.accounts.models import SecurityNotice
from app.accounts.security_notices import forget_security_notices
from app.notifications.security_notices import TEXTS, mail_security_notices
from app.settings import get_settings
from tests.accounts.authenticator import Authenticator
from tests.accounts.people import NEW, ORIGIN, PASSWORD, added, address, code, set_up
from tests.api.driver import Api, registered
from tests.conftest import TravellingClock
from tests.messages import unreadable
from tests.notifications.mailbox import Mailbox


@pytest.fixture(autouse=True)
def site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where passkeys are for."""
    monkeypatch.setattr(get_settings(), "public_url", ORIGIN)


async def mailed(mailbox: Mailbox) -> list[tuple[str, str, str]]:
    """To whom mails went since the last time, their subjects and texts."""
    while await mail_security_notices(get_settings()):
        pass
    mails = [(to, message_from_bytes(body, policy=default)) for (to,), body in mailbox.messages]
    mailbox.messages.clear()
    return [(to, mail["Subject"], mail.get_content()) for to, mail in mails]


async def test_what_changes_is_told_once(api: Api, mailbox: Mailbox, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    email = await address(mine)
    passkey = (await added(mine, Authenticator(ORIGIN), "Lin's phone"))["passkey"]["id"]
    await mine.call("removePasskey", "__typename", passkeyId=passkey)
    await mine.call("createPersonalAccessToken", "token", name="nightly report")
    secret, _ = await set_up(mine, travelling_clock)
    travelling_clock.forward(minutes=1)
    await mine.call("removeSecondFactor", "__typename", code=code(secret, travelling_clock))
    await mine.call("changePassword", "__typename", currentPassword=PASSWORD, newPassword=NEW)
    told = await mailed(mailbox)
    assert {to for to, _, _ in told} == {email}
    assert [subject.partition(" / ")[2] for _, subject, _ in told] == [
        "A passkey was added",
        "A passkey was removed",
        "A personal access token was created",
        "A second factor was set up",
        "Your second factor was removed",
        "Your password was changed",
    ]
    assert "Lin's phone" in told[0][2]
    assert "nightly report" in told[2][2]
    assert await mailed(mailbox) == []


async def test_a_refused_change_tells_nothing(api: Api, mailbox: Mailbox) -> None:
    mine, _ = await registered(api)
    for current, new in (("wrong", NEW), (PASSWORD, "x")):
        assert "code" in await mine.call("changePassword", "__typename", currentPassword=current, newPassword=new)
    await mine.call("confirmSecondFactor", "__typename", code="000000")
    assert await mailed(mailbox) == []
    assert not await SecurityNotice.exists()


async def test_what_cannot_be_mailed_is_forgotten_after_a_week(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    await mine.call("createPersonalAccessToken", "token", name="x")
    assert await mail_security_notices(get_settings()) == 0
    await forget_security_notices()
    assert await SecurityNotice.all().count() == 1
    travelling_clock.forward(days=7, seconds=1)
    await forget_security_notices()
    assert not await SecurityNotice.exists()


def test_every_change_has_a_text_that_people_read() -> None:
    for zh, en in TEXTS.values():
        assert not unreadable(zh)
        assert not unreadable(en)
    assert set(TEXTS) == set(type(next(iter(TEXTS))))
