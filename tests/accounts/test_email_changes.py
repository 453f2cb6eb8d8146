"""Another e-mail address: with a code from the mail of both, once, soon, and with few tries."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from app import clock
from app.accounts.email_changes import forget_email_changes
from app.accounts.models import EmailChange, PasswordReset, User
from app.audit.models import AuditEntry
from app.notifications.email_changes import mail_email_changes
from app.notifications.password_resets import mail_resets
from app.settings import get_settings
from tests.accounts.people import PASSWORD, address, rows_about, signed_in, works
from tests.api.driver import Api, registered
from tests.conftest import TravellingClock
from tests.notifications.mailbox import Mailbox

CODE = re.compile(r"^[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}$", re.MULTILINE)
NEW = "new@example.com"
WRONG = "0000-0000-0000-0000"


async def asked(mine: Api, email: str = NEW) -> Any:
    return await mine.call("requestEmailChange", "email", email=email)


async def confirmed(mine: Api, old: str, new: str, **more: Any) -> Any:
    return await mine.call("confirmEmailChange", "user { email }", oldCode=old, newCode=new, **more)


async def mailed(mailbox: Mailbox) -> list[tuple[str, str | None]]:
    """To whom mails went since the last time, and the codes in them."""
    while await mail_email_changes(get_settings()):
        pass
    texts = [(to, message_from_bytes(body, policy=default).get_content()) for (to,), body in mailbox.messages]
    mailbox.messages.clear()
    return [(to, found.group() if (found := CODE.search(text)) else None) for to, text in texts]


async def codes(mailbox: Mailbox) -> tuple[str, str]:
    (_, old), (_, new) = await mailed(mailbox)
    assert old
    assert new
    return old, new


async def test_the_codes_of_both_addresses_change_it_once_and_sessions_stay(api: Api, mailbox: Mailbox) -> None:
    mine, account = await registered(api)
    email = await address(mine)
    assert (await asked(mine, f" {NEW.upper()} "))["email"] == NEW
    (to, old), (to_new, new) = await mailed(mailbox)
    assert (to, to_new) == (email, NEW)
    assert old
    assert new
    assert old not in str(await EmailChange.all().values())
    assert new not in str(await EmailChange.all().values())
    typed = [(old.lower().replace("-", " "), new), *[(old, new)] * 3]
    answers = await asyncio.gather(*(confirmed(mine, *one) for one in typed))
    assert (
        sorted(answer["__typename"] for answer in answers)
        == ["ConfirmEmailChangeSuccess"] + ["InvalidCredentialsError"] * 3
    )
    assert mine.token
    assert await works(mine.token, api)
    assert await address(mine) == NEW
    assert (await signed_in(api, email))["code"] == "INVALID_CREDENTIALS"
    assert (await signed_in(api, NEW))["token"]
    assert await mailed(mailbox) == [(email, None)]
    assert await mailed(mailbox) == []
    events = await mine.account(account, "events(last: 1) { nodes { type actor before after } }")
    assert events["events"]["nodes"] == [
        {"type": "member.email_changed", "actor": email, "before": {"email": email}, "after": {"email": NEW}}
    ]


@pytest.mark.parametrize("wrong", ["oldCode", "newCode"])
async def test_one_code_is_not_enough(api: Api, mailbox: Mailbox, wrong: str) -> None:
    mine, _ = await registered(api)
    await asked(mine)
    old, new = await codes(mailbox)
    given = {"oldCode": (WRONG, new), "newCode": (old, WRONG)}[wrong]
    refused = await confirmed(mine, *given)
    assert (refused["code"], refused["path"]) == ("INVALID_CREDENTIALS", [wrong])
    assert (await confirmed(mine, new, old))["code"] == "INVALID_CREDENTIALS"
    assert (await confirmed(mine, old, new))["user"]["email"] == NEW


async def test_after_five_wrong_tries_the_right_codes_are_refused_with_idempotency_keys_or_not(
    api: Api, mailbox: Mailbox
) -> None:
    mine, _ = await registered(api)
    await asked(mine)
    old, new = await codes(mailbox)
    for number in range(5):
        more = {"idempotencyKey": f"k-{number}"} if number % 2 else {}
        assert (await confirmed(mine, old, WRONG, **more))["code"] == "INVALID_CREDENTIALS"
    assert (await confirmed(mine, old, new))["code"] == "INVALID_CREDENTIALS"
    await asked(mine)
    assert (await confirmed(mine, *await codes(mailbox)))["user"]["email"] == NEW


async def test_codes_last_half_an_hour(api: Api, mailbox: Mailbox, travelling_clock: TravellingClock) -> None:
    mine, _ = await registered(api)
    await asked(mine)
    given = await codes(mailbox)
    travelling_clock.forward(minutes=30)
    assert (await confirmed(mine, *given))["code"] == "INVALID_CREDENTIALS"
    travelling_clock.forward(seconds=1)
    await forget_email_changes()
    assert await EmailChange.all().count() == 0


async def test_only_the_newest_request_counts_and_there_are_three_in_half_an_hour(
    api: Api, mailbox: Mailbox, travelling_clock: TravellingClock
) -> None:
    mine, _ = await registered(api)
    await asked(mine, "first@example.com")
    first = await codes(mailbox)
    await asked(mine)
    assert (await confirmed(mine, *first))["code"] == "INVALID_CREDENTIALS"
    answers = await asyncio.gather(*(asked(mine) for _ in range(3)))
    assert sorted(answer["__typename"] for answer in answers) == ["InvalidInputError"] * 2 + [
        "RequestEmailChangeSuccess"
    ]
    second = await codes(mailbox)
    travelling_clock.forward(minutes=30)
    assert (await asked(mine))["__typename"] == "RequestEmailChangeSuccess"
    assert (await confirmed(mine, *second))["code"] == "INVALID_CREDENTIALS"


async def test_an_address_that_somebody_has_is_refused_whenever_it_was_taken(api: Api, mailbox: Mailbox) -> None:
    (mine, _), (other, _) = await registered(api), await registered(api)
    assert (await asked(mine, await address(other)))["email"] == await address(other)
    (to, code), (to_other, none) = await mailed(mailbox)
    assert (to, to_other, none) == (await address(mine), await address(other), None)
    assert code
    for wrong in (await address(mine), "x"):
        refused = await asked(mine, wrong)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["email"])
    await asked(mine)
    mine_codes = await codes(mailbox)
    await asked(other)
    others_codes = await codes(mailbox)
    assert (await confirmed(mine, *others_codes))["code"] == "INVALID_CREDENTIALS"
    answers = await asyncio.gather(confirmed(mine, *mine_codes), confirmed(other, *others_codes))
    assert sorted(answer["__typename"] for answer in answers) == ["ConfirmEmailChangeSuccess", "EmailTakenError"]
    assert await User.filter(email=NEW).count() == 1


async def test_one_address_gets_no_more_than_ten_codes_in_half_an_hour(api: Api, mailbox: Mailbox) -> None:
    mine, _ = await registered(api)
    other, _ = await registered(api)
    user = await User.get(email=await address(other))
    soon = clock.now() + timedelta(minutes=30)
    for _ in range(9):
        await EmailChange.create(user_id=user.id, email=NEW, mail_at=None, expires_at=soon)
    third, _ = await registered(api)
    assert (await asked(third))["email"] == NEW
    refused = await asked(mine)
    assert (refused["code"], refused["path"]) == ("RATE_LIMITED", ["email"])
    assert (await asked(mine, "others@example.com"))["email"] == "others@example.com"


async def test_the_mail_of_the_former_address_resets_no_password_any_more(api: Api, mailbox: Mailbox) -> None:
    mine, _ = await registered(api)
    email = await address(mine)
    await api.call("requestPasswordReset", "email", email=email)
    await mail_resets(get_settings())
    ((_, body),) = mailbox.messages
    token = re.search(r"rst_[\w-]{43}", message_from_bytes(body, policy=default).get_content())
    assert token
    mailbox.messages.clear()
    await asked(mine)
    assert (await confirmed(mine, *await codes(mailbox)))["user"]["email"] == NEW
    reset = await api.call("resetPassword", "user { id }", code=token.group(), newPassword="x" * 12)
    assert reset["code"] == "INVALID_CREDENTIALS"
    assert await PasswordReset.filter(token_hash__isnull=False).count() == 0
    assert (await signed_in(api, NEW, PASSWORD))["token"]


async def test_what_the_mail_server_refuses_is_mailed_later_with_other_codes(
    api: Api, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, travelling_clock: TravellingClock
) -> None:
    mine, _ = await registered(api)
    settings = get_settings()
    there = settings.smtp_url
    await asked(mine)
    monkeypatch.setattr(settings, "smtp_url", "smtp://127.0.0.1:1")
    assert await mail_email_changes(settings) == 0
    monkeypatch.setattr(settings, "smtp_url", there)
    assert await mailed(mailbox) == []
    travelling_clock.forward(minutes=1)
    assert (await confirmed(mine, *await codes(mailbox)))["user"]["email"] == NEW


async def test_without_a_mail_server_or_signed_in_it_is_refused(api: Api) -> None:
    mine, _ = await registered(api)
    refused = await asked(mine)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["email"])
    assert (await confirmed(api, WRONG, WRONG))["code"] == "UNAUTHENTICATED"


async def test_who_has_an_address_later_keeps_what_is_theirs(api: Api, mailbox: Mailbox) -> None:
    mine, _ = await registered(api)
    former = await address(mine)
    await asked(mine)
    await confirmed(mine, *await codes(mailbox))
    before = await AuditEntry.filter(actor_label=former).count()
    await EmailChange.all().update(expires_at=clock.now())
    await forget_email_changes()
    about: dict[str, Any] = {"password": PASSWORD, "name": "B", "organizationName": "B", "sandbox": True}
    made = await api.call("register", "token account { id }", email=former, **about)
    theirs = Api(api.http, made["token"])
    await theirs.call("createAccessKey", "__typename", accountId=made["account"]["id"], label="theirs")
    later = await AuditEntry.filter(actor_label=former).count()
    assert later > before > 0
    rows = await rows_about(mine)
    assert former in str(rows)
    assert "theirs" not in str(rows)
    assert (await mine.call("eraseMyself", "erased", password=PASSWORD))["erased"] is True
    assert await AuditEntry.filter(actor_label=former).count() == later - before
    assert (await theirs.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"] == former
    keys = await theirs.account(made["account"]["id"], 'events(types: ["access_key.created"]) { nodes { actor } }')
    assert keys["events"]["nodes"] == [{"actor": former}]
