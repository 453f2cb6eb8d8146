"""A person takes along what is kept of them, and is erased: from every table, and the books and the chain hold."""

from __future__ import annotations

import secrets

import asyncpg
import pytest
from tortoise.connection import get_connection

from app.accounts.models import AccessToken, Role, StaffRole, User
from app.audit.sealing import exported, seal, verify
from app.bootstrap import Runtime
from app.settlement.audit import check
from tests.accounts.people import PASSWORD, address, rows_about, works
from tests.api.driver import Api, Enum, joined, registered, upgraded
from tests.api.tenant import tenant, vendor
from tests.api.wallets import staff
from tests.conftest import TravellingClock
from tests.db.rows import everything


async def test_of_an_erased_person_nothing_is_left_and_books_and_chain_hold(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    helpers = await vendor(api)
    owner = await tenant(api, runtime, helpers)
    books = await check(runtime.host)
    second = (await registered(api))[0]
    for account in (await owner.client.data("{ viewer { accounts { nodes { id } } } }"))["viewer"]["accounts"]["nodes"]:
        await joined(owner.client, account["id"], second, Role.OWNER)
    for person in (owner.client, helpers.finance, helpers.manager):
        email = await address(person)
        await person.call("signIn", "__typename", email=email, password="not the password")
        user = await User.get(email=email)
        await seal()
        about = await rows_about(person)
        assert {"user_account", "membership", "access_token", "audit_entry", "event"} <= {row["table"] for row in about}
        assert not {name for row in about for name in row} & {"password_hash", "token_hash", "secret_encrypted"}
        erased = await person.call("eraseMyself", "erased", password=PASSWORD)
        assert erased["erased"] is True, erased
        found = {name: text.count(email) for name, text in (await everything()).items() if email in text}
        rows = [line for text in (await everything()).values() for line in text.splitlines() if email in line]
        assert (found, rows) == ({}, []), email
        assert not await works(str(person.token), api)
        assert (await api.call("signIn", "__typename", email=email, password=PASSWORD))["code"] == "INVALID_CREDENTIALS"
        assert not await AccessToken.filter(user_id=user.id).exists()
        assert (await User.get(id=user.id)).name == "erased"
        await seal()
        sound = await verify()
        assert (sound.wrong, sound.erased > 0) == ([], True)
    assert await check(runtime.host) == books
    assert len([line async for line in exported()]) == sound.entries


async def test_an_account_is_not_left_without_an_owner(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _ = await upgraded(api)
    assert (await mine.call("eraseMyself", "erased", password=PASSWORD))["code"] == "LAST_OWNER"
    assert (await mine.call("eraseMyself", "erased", password="wrong password"))["code"] == "INVALID_CREDENTIALS"
    free, account = await registered(api)
    other = (await registered(api))[0]
    await joined(free, account, other, Role.VIEWER)
    assert (await free.call("eraseMyself", "erased", password=PASSWORD))["code"] == "LAST_OWNER"
    await other.call("leaveAccount", "__typename", accountId=account)
    assert (await free.call("eraseMyself", "erased", password=PASSWORD))["erased"] is True


async def test_nobody_but_oneself_is_asked(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await upgraded(api)
    token = await mine.call("createServiceToken", "token", accountId=account, name="ci", role=Enum("ADMIN"))
    service = Api(api.http, token["token"])
    assert (await service.call("eraseMyself", "erased", password=PASSWORD))["code"] == "PERMISSION_DENIED"
    for client in (service, Api(api.http), Api(api.http, "x")):
        headers = {"Authorization": f"Bearer {client.token}"} if client.token else {}
        answer = await api.http.get("http://test/personal-data.ndjson", headers=headers)
        assert answer.status_code in (401, 403)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor_label = 'somebody else'",
        "UPDATE event SET after = after || '{\"email\": \"x\"}' WHERE after ? 'email'",
        'UPDATE event SET after = after || \'{"email": "erased", "role": "OWNER"}\' WHERE after ? \'role\'',
        "UPDATE event SET type = 'x', actor_label = 'erased'",
        "UPDATE event SET after = NULL WHERE after IS NOT NULL",
        "DELETE FROM event",
        "UPDATE acceptance SET address = 'x'",
        "UPDATE acceptance SET accepted_at = now(), address = 'erased'",
        "UPDATE audit_entry SET actor_label = 'erased'",
        "UPDATE audit_entry SET salt = NULL, actor_label = 'erased', address = '', details = '{}', action = 'x'",
        "UPDATE price_plan SET published_by = 'x'",
        "UPDATE price_plan SET published_by = 'erased', unit_price_minor = 1",
    ],
)
async def test_nothing_else_is_changed_by_way_of_erasure(
    api: Api, travelling_clock: TravellingClock, statement: str
) -> None:
    mine, account = await upgraded(api)
    await joined(mine, account, (await registered(api))[0], Role.VIEWER)
    with pytest.raises(asyncpg.RaiseError, match="never changed or deleted"):
        await get_connection("default").execute_query(statement)


async def test_what_was_erased_off_the_record_is_found(api: Api, travelling_clock: TravellingClock) -> None:
    await upgraded(api)
    await seal()
    await get_connection("default").execute_query(
        "UPDATE audit_entry SET salt = NULL, actor_label = 'erased', address = '', details = '{}' "
        "WHERE action = 'upgradeEdition'"
    )
    assert (await verify()).wrong == ["of 1 entries what they said is erased, and 0 were erased on record"]
    auditor = await staff(api, [StaffRole.AUDITOR])
    assert (await auditor.data("{ auditLog(last: 1) { nodes { actor } } }"))["auditLog"]["nodes"]


async def test_nothing_is_erased_of_who_has_another_address(api: Api, travelling_clock: TravellingClock) -> None:
    mine, account = await registered(api)
    name = secrets.token_hex(6)
    made = await api.call("register", "token", email=f"{name}@example.co", password=PASSWORD, name="x")
    others = [f"x{name}@example.com", f"x.{name}@example.co", f"{name}@example.co.uk", f"x{name}@example.co"]
    for email in (*others, f"{name}@Example.co"):
        await mine.call("inviteMember", "__typename", accountId=account, email=email, role=Enum("VIEWER"))
    assert (await Api(api.http, made["token"]).call("eraseMyself", "erased", password=PASSWORD))["erased"] is True
    log = (await mine.account(account, 'auditLog(action: "inviteMember") { nodes { details } }'))["auditLog"]["nodes"]
    assert [entry["details"]["arguments"]["email"] for entry in log if entry["details"]] == others


async def test_an_address_that_nobody_confirmed_leads_to_nothing_of_others(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await registered(api)
    email = f"{secrets.token_hex(6)}@example.com"
    await mine.call(
        "applyForEdition",
        "__typename",
        accountId=account,
        edition=Enum("SUBSCRIPTION"),
        contactName="Boss",
        contactPhone="+86 21 5555 0100",
        contactEmail=email,
        remarks="none of your business",
        expectedDataKits=5,
        termMonths=12,
    )
    made = await api.call("register", "token", email=email, password=PASSWORD, name="x")
    stranger = Api(api.http, made["token"])
    assert {row["table"] for row in await rows_about(stranger)} == {"user_account", "access_token", "audit_entry"}
    assert (await stranger.call("eraseMyself", "erased", password=PASSWORD))["erased"] is True
    shown = await mine.account(account, "applications { nodes { contactEmail } }")
    assert shown["applications"]["nodes"] == [{"contactEmail": email}]
