"""Addresses count once they are confirmed: by a code to register with, by an invitation, by a reset."""

from __future__ import annotations

import asyncio
import re
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from app.accounts.models import AccessToken, Invitation, Membership, Registration, StaffAssignment, StaffRole, User
from app.accounts.registration import forget_registrations
from app.accounts.staff import MAILED, grant, revoke
from app.notifications.invitations import mail_invitations, mail_registrations
from app.notifications.password_resets import mail_resets
from app.settings import get_settings
from tests.accounts.people import NEW, PASSWORD, address, signed_in, works
from tests.api.driver import Api, Enum, joined, registered
from tests.conftest import TravellingClock
from tests.notifications.mailbox import Mailbox

CODE = re.compile(r"^[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}$|rst_\S+", re.MULTILINE)
WRONG = "0000-0000-0000-0000"
DAY = 24


async def mailed(mailbox: Mailbox) -> list[tuple[str, str | None]]:
    """To whom mails went since the last time, and the codes in them."""
    for mail in (mail_registrations, mail_invitations, mail_resets):
        while await mail(get_settings()):
            pass
    texts = [(to, message_from_bytes(body, policy=default).get_content()) for (to,), body in mailbox.messages]
    mailbox.messages.clear()
    return [(to, found.group() if (found := CODE.search(text)) else None) for to, text in texts]


@pytest.fixture
def confirming(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """A mail server, and codes are asked for."""
    monkeypatch.setattr(get_settings(), "confirm_addresses", True)
    return mailbox


async def registering(api: Api, email: str, code: str | None) -> Any:
    asked: dict[str, Any] = {
        "password": PASSWORD,
        "name": "A",
        "organizationName": "Acme",
        "sandbox": True,
        "code": code,
    }
    return await api.call("register", "token user { confirmedAt }", email=email, **asked)


async def invited(owner: Api, account: str, email: str, role: str = "VIEWER") -> Any:
    asked: dict[str, Any] = {"accountId": account, "email": email, "role": Enum(role)}
    return await owner.call("inviteMember", "invitationCode invitation { id email role invitedBy expiresAt }", **asked)


async def accepted(member: Api, code: str) -> Any:
    return await member.call("acceptInvitation", "membership { role } staffRole", code=code)


async def test_who_registers_proves_the_address(
    api: Api, confirming: Mailbox, travelling_clock: TravellingClock
) -> None:
    for code in (None, WRONG):
        refused = await registering(api, "a@example.com", code)
        assert (refused["code"], refused["path"]) == ("INVALID_CREDENTIALS", ["code"])
    assert (await api.call("requestRegistration", "email", email="A@Example.com"))["email"] == "a@example.com"
    ((to, code),) = await mailed(confirming)
    assert to == "a@example.com"
    assert code
    assert code not in str(await Registration.all().values())
    assert (await registering(api, "b@example.com", code))["code"] == "INVALID_CREDENTIALS"
    answers = await asyncio.gather(*(registering(api, "a@example.com", code) for _ in range(3)))
    assert sorted(one["__typename"] for one in answers)[-1] == "RegisterSuccess"
    assert [one["__typename"] for one in answers].count("RegisterSuccess") == 1
    assert (await User.get(email="a@example.com")).confirmed_at is not None
    travelling_clock.forward(hours=1, minutes=1)
    await forget_registrations()
    assert await Registration.all().count() == 0


async def test_who_is_registered_is_told_so_by_mail_alone(api: Api, confirming: Mailbox) -> None:
    answers = []
    for email in ("a@example.com", "b@example.com"):
        answers.append(await api.call("requestRegistration", "__typename", email=email))
        if email == "a@example.com":
            ((_, code),) = await mailed(confirming)
            await registering(api, email, code)
            answers.append(await api.call("requestRegistration", "__typename", email=email))
    assert len({str(answer) for answer in answers}) == 1
    assert [(to, code is None) for to, code in await mailed(confirming)] == [
        ("a@example.com", True),
        ("b@example.com", False),
    ]


async def test_a_code_ends_with_its_hour_and_three_are_mailed(
    api: Api, confirming: Mailbox, travelling_clock: TravellingClock
) -> None:
    for _ in range(5):
        await api.call("requestRegistration", "email", email="a@example.com")
    codes = [code for _, code in await mailed(confirming)]
    assert len(set(codes)) == 3
    travelling_clock.forward(minutes=59, seconds=59)
    assert (await registering(api, "c@example.com", codes[0]))["code"] == "INVALID_CREDENTIALS"
    travelling_clock.forward(seconds=1)
    assert (await registering(api, "a@example.com", codes[0]))["code"] == "INVALID_CREDENTIALS"


async def test_who_accepts_is_a_member_once_and_nobody_before(api: Api, mailbox: Mailbox) -> None:
    owner, account = await registered(api)
    (member, _), (other, _) = await registered(api), await registered(api)
    email = await address(member)
    made = await invited(owner, account, email.upper(), "ADMIN")
    assert (made["invitationCode"], made["invitation"]["email"]) == (None, email)
    ((to, code),) = await mailed(mailbox)
    assert to == email
    assert code
    assert code not in str(await Invitation.all().values())
    asked = "query ($id: ID!) { account(id: $id) { members { totalCount } invitations { totalCount } } }"
    assert (await member.data(asked, id=account))["account"] is None
    for wrong in (WRONG, ""):
        assert (await accepted(other, wrong))["code"] == "INVALID_CREDENTIALS"
    assert (await accepted(Api(api.http), code))["code"] == "UNAUTHENTICATED"
    answers = await asyncio.gather(*(accepted(member, code.lower().replace("-", " ")) for _ in range(3)))
    assert [one.get("membership") for one in answers].count({"role": "ADMIN"}) == 1
    found = (await member.data(asked, id=account))["account"]
    assert (found["members"]["totalCount"], found["invitations"]["totalCount"]) == (2, 0)
    assert (await User.get(email=email)).confirmed_at is not None
    types = [one["type"] for one in (await owner.account(account, "events { nodes { type } }"))["events"]["nodes"]]
    assert types[-2:] == ["member.invited", "member.added"]


async def test_an_invitation_ends_by_time_by_the_owner_and_by_another(
    api: Api, travelling_clock: TravellingClock
) -> None:
    owner, account = await registered(api)
    member, _ = await registered(api)
    first, second = [await invited(owner, account, "new@example.com", role) for role in ("ADMIN", "VIEWER")]
    assert (await accepted(member, first["invitationCode"]))["code"] == "INVALID_CREDENTIALS"
    listed = await owner.account(account, "invitations { nodes { id role } }")
    assert listed["invitations"]["nodes"] == [{"id": second["invitation"]["id"], "role": "VIEWER"}]
    for _ in range(2):
        gone = await owner.call("revokeInvitation", "invitation { revokedAt }", invitationId=second["invitation"]["id"])
        assert gone["invitation"]["revokedAt"]
    third = await invited(owner, account, "new@example.com")
    travelling_clock.forward(hours=7 * DAY)
    for one in (second, third):
        assert (await accepted(member, one["invitationCode"]))["code"] == "INVALID_CREDENTIALS"
    fourth = await invited(owner, account, "new@example.com")
    assert (await accepted(member, fourth["invitationCode"]))["membership"] == {"role": "VIEWER"}
    gone = await owner.call("revokeInvitation", "__typename", invitationId=fourth["invitation"]["id"])
    assert gone["code"] == "NOT_FOUND"
    again = await invited(owner, account, await address(member))
    assert (again["code"], again["path"]) == ("INVALID_INPUT", ["email"])


async def test_a_hundred_invitations_are_open_at_the_most(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.accounts.invitations.MOST_OPEN", 2)
    owner, account = await registered(api)
    asked = "invitation { id }"
    for email in ("a@example.com", "b@example.com", "b@example.com"):
        made = await owner.call("inviteMember", asked, accountId=account, email=email, role=Enum("VIEWER"))
        assert made["invitation"]
    refused = await owner.call(
        "inviteMember", "__typename", accountId=account, email="c@example.com", role=Enum("VIEWER")
    )
    assert refused["code"] == "LIMIT_EXCEEDED"


async def test_a_member_leaves_and_the_last_owner_does_not(api: Api) -> None:
    owner, account = await registered(api)
    member, _ = await registered(api)
    await joined(owner, account, member, "VIEWER")
    assert (await member.call("leaveAccount", "user { email }", accountId=account))["user"]
    assert (await member.call("leaveAccount", "user { email }", accountId=account))["code"] == "NOT_FOUND"
    assert (await owner.call("leaveAccount", "user { email }", accountId=account))["code"] == "LAST_OWNER"
    assert await Membership.filter(user__email=await address(member)).count() == 1


async def test_a_stranger_with_the_address_gets_neither_an_account_nor_a_role(api: Api, mailbox: Mailbox) -> None:
    """Whoever registered somebody else's address first is made nothing by it; who reads its mail gets it back."""
    owner, account = await registered(api)
    stranger, _ = await registered(api)
    email = await address(stranger)
    token = (await stranger.call("createPersonalAccessToken", "token", name="x"))["token"]
    assert await grant(email, "operator") == MAILED
    await invited(owner, account, email, "ADMIN")
    assert await StaffAssignment.all().count() == 0
    assert await Membership.filter(user__email=email).count() == 1
    await api.call("requestPasswordReset", "email", email=email)
    codes = [code for to, code in await mailed(mailbox) if to == email]
    (reset,) = [code for code in codes if code and code.startswith("rst_")]
    await api.call("resetPassword", "user { email }", code=reset, newPassword=NEW)
    for left in (token, stranger.token):
        assert not await works(str(left), api)
    assert await AccessToken.filter(revoked_at=None, user__email=email).count() == 0
    mine = Api(api.http, (await signed_in(api, email, NEW))["token"])
    assert (await mine.data("{ viewer { user { confirmedAt } staffRoles } }"))["viewer"]["user"]["confirmedAt"]
    assert await grant(email, "operator") is None
    assert (await mine.data("{ viewer { staffRoles } }"))["viewer"]["staffRoles"] == ["OPERATOR"]


async def test_staff_accept_by_mail_and_are_taken_back(api: Api, mailbox: Mailbox) -> None:
    li, _ = await registered(api)
    email = await address(li)
    for role in ("FINANCE", "OPERATOR"):
        assert await grant(email, role) == MAILED
    await revoke(email, "OPERATOR")
    ((to, code),) = await mailed(mailbox)
    assert to == email
    assert code
    assert (await accepted(li, code))["staffRole"] == "FINANCE"
    assert [one.role for one in await StaffAssignment.all()] == [StaffRole.FINANCE]
    assert await grant(email, "OPERATOR") is None


async def test_a_password_is_the_same_however_its_accents_are_typed(api: Api) -> None:
    composed, apart = "caf\u00e9 au lait", "cafe\u0301 au lait"
    asked: dict[str, Any] = {"name": "A", "organizationName": "Acme", "sandbox": True}
    await api.call("register", "token", email="a@example.com", password=apart, **asked)
    for password in (composed, apart):
        assert (await signed_in(api, "a@example.com", password))["token"]


async def test_nobody_floods_a_mailbox_with_invitations(
    api: Api, mailbox: Mailbox, travelling_clock: TravellingClock
) -> None:
    victim, mails = "victim@example.com", []
    for _ in range(4):
        owner, account = await registered(api)
        for _ in range(4):
            answer = await invited(owner, account, victim)
            mails += await mailed(mailbox)
        assert (answer["code"], answer["path"]) == ("RATE_LIMITED", ["email"])
        assert "code" not in await invited(owner, account, "another@example.com")
    assert [to for to, _ in mails].count(victim) == 10
    travelling_clock.forward(hours=1)
    assert "code" not in await invited(owner, account, victim)


async def test_who_invites_sixty_in_an_hour_waits(
    api: Api, mailbox: Mailbox, travelling_clock: TravellingClock
) -> None:
    owner, account = await registered(api)
    for number in range(60):
        assert "code" not in await invited(owner, account, f"{number}@example.com")
    assert (await invited(owner, account, "61@example.com"))["code"] == "RATE_LIMITED"


async def test_a_mail_that_is_refused_holds_up_no_other(
    api: Api, mailbox: Mailbox, travelling_clock: TravellingClock
) -> None:
    mailbox.refused.add("nowhere@example.com")
    for email in ("nowhere@example.com", "a@example.com", "a@例子.example"):
        assert "code" not in await api.call("requestRegistration", "email", email=email)
    assert [to for to, _ in await mailed(mailbox)] == ["a@example.com", "a@xn--fsqu00a.example"]
