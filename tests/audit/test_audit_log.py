"""Who did what stands in the audit log, sealed in a chain that whoever changes it breaks."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import orjson
import pytest
from gql import gql
from tortoise.connection import get_connection

from app.accounts.models import StaffRole
from app.api.node import decode_id
from app.audit.models import AuditEntry, AuditSeal
from app.audit.recording import Deed, note, without_secrets
from app.audit.sealing import exported, seal, verify
from app.events.models import Event
from app.events.recording import SYSTEM
from tests.accounts.people import PASSWORD, address
from tests.api.driver import Api, activate, license_and_key, registered, upgraded
from tests.api.wallets import staff
from tests.conftest import TravellingClock
from tests.serving import Server, connected

LOG = "auditLog(last: 100) { nodes { action actor actorKind outcome details } }"


async def of(client: Api, account: str) -> list[dict[str, Any]]:
    return list((await client.account(account, LOG))["auditLog"]["nodes"])


async def test_every_mutation_stands_there_with_who_what_and_what_came_of_it(api: Api) -> None:
    mine, account = await upgraded(api)
    email = await address(mine)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    refused = await mine.call("chooseSettlementChannel", "__typename", accountId=account, channel="no such")
    found = {(one["action"], one["actorKind"], one["outcome"]): one for one in await of(mine, account)}
    assert ("createLicense", "MEMBER", "SUCCESS") in found
    assert ("chooseSettlementChannel", "MEMBER", refused["code"]) in found
    activated = found["activateLicense", "DEPLOYMENT", "SUCCESS"]
    assert activated["details"]["arguments"]["sk"] == activated["details"]["arguments"]["license"] == "(secret)"
    made = found["createLicense", "MEMBER", "SUCCESS"]
    assert made["actor"] == email
    (event,) = made["details"]["events"]
    assert (await Event.get(id=event)).type == "license.created"
    everything = str(await AuditEntry.all().values())
    for secret in (text, sk, PASSWORD, mine.token):
        assert str(secret) not in everything


async def test_who_signs_in_or_tries_to_stands_there(api: Api) -> None:
    mine, _ = await registered(api)
    email = await address(mine)
    for password in (PASSWORD, "not the password"):
        await api.call("signIn", "token", email=email, password=password)
    auditor = await staff(api, [StaffRole.AUDITOR])
    nodes = (await auditor.data("{ " + LOG + " }"))["auditLog"]["nodes"]
    found = [(one["actorKind"], one["actor"], one["outcome"]) for one in nodes if one["action"] == "signIn"]
    assert found == [("ANONYMOUS", email, "SUCCESS"), ("ANONYMOUS", email, "INVALID_CREDENTIALS")]
    for client in (mine, await staff(api)):
        assert "errors" in await client.answer("{ auditLog { totalCount } }")


async def test_what_is_of_no_account_is_not_noted_of_another_deed_s(api: Api) -> None:
    mine, account = await registered(api)
    await mine.data(
        'mutation ($id: ID!) { renameAccount(accountId: $id, name: "Bee") { __typename } '
        'createAccount(name: "A secret venture", sandbox: true) { __typename } }',
        id=account,
    )
    assert [one["action"] for one in await of(mine, account)] == ["renameAccount"]


async def test_operations_of_one_connection_know_nothing_of_each_other(server: Server) -> None:
    given = f'email: "a@example.com", password: "{PASSWORD}", name: "A", organizationName: "A"'
    register = f"mutation {{ register({given}) {{ ... on RegisterSuccess {{ token account {{ id }} }} }} }}"
    async with connected(server, None) as session:
        mine = (await session.execute(gql(register)))["register"]
    async with connected(server, mine["token"]) as session:
        account = mine["account"]["id"]
        await session.execute(gql(f'mutation {{ renameAccount(accountId: "{account}", name: "B") {{ __typename }} }}'))
        await session.execute(gql('mutation { createAccount(name: "A secret venture") { __typename } }'))
        found = await session.execute(gql(f'{{ account(id: "{account}") {{ {LOG} }} }}'))
    assert [one["action"] for one in found["account"]["auditLog"]["nodes"]] == ["renameAccount"]


async def test_what_staff_read_of_a_customer_stands_there_for_the_customer(api: Api) -> None:
    mine, account = await upgraded(api)
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    query = "query Look($id: ID!) { account(id: $id) { name } again: account(id: $id) { edition } }"
    await manager.data(query, id=account)
    await mine.data(query, id=account)
    await manager.data("query All { accounts { totalCount } }")
    seen = [one for one in await of(mine, account) if one["action"].startswith("read")]
    assert [(one["action"], one["actorKind"], one["actor"]) for one in seen] == [
        ("read: Look", "STAFF", await address(manager))
    ]
    assert await AuditEntry.filter(action="read: All", account_id=None).count() == 1
    headers = {"Authorization": f"Bearer {manager.token}"}
    answer = await api.http.get(f"http://test/statements/{account}/2026-03.csv", headers=headers)
    assert answer.status_code == 200
    assert (await of(mine, account))[-1]["action"] == f"read: /statements/{account}/2026-03.csv"


async def test_what_was_undone_is_not_said_to_be_done(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, account = await upgraded(api)

    async def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("app.api.deployments.create_access_key", broken)
    answer = await mine.answer(f'mutation {{ createAccessKey(accountId: "{account}", label: "x") {{ __typename }} }}')
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert [(one["action"], one["outcome"]) for one in await of(mine, account)][-1] == ("createAccessKey", "INTERNAL")


async def some(count: int) -> None:
    await note(*(Deed(SYSTEM, f"deed {index}", details={"index": index}) for index in range(count)))


async def test_seals_follow_one_another_and_are_verified(database: str) -> None:
    for count in (3, 1, 5):
        await some(count)
        sealed = await asyncio.gather(*(seal() for _ in range(3)))
        assert sorted(sealed) == [0, 0, count]
    found = await verify()
    assert (found.entries, found.seals, found.wrong) == (9, 3, [])
    first = await AuditSeal.get(number=1)
    assert (await verify(first.hash)).wrong == []
    assert (await verify("0" * 64)).wrong == ["the hash that you gave is in no seal: the chain was written anew"]
    lines = [orjson.loads(line) async for line in exported()]
    assert [line["details"]["index"] for line in lines] == [0, 1, 2, 0, 0, 1, 2, 3, 4]
    assert [line["seal"] for line in lines] == [1, 1, 1, 2, 3, 3, 3, 3, 3]


async def altered(statement: str) -> None:
    """Change the log as somebody who owns the database can."""
    for table in ("audit_entry", "audit_seal"):
        await get_connection("default").execute_script(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    await get_connection("default").execute_script(statement)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_entry SET actor_label = 'x' WHERE action = 'deed 1'", "entry "),
        ("UPDATE audit_entry SET details = '{}' WHERE action = 'deed 0'", "entry "),
        ("UPDATE audit_entry SET action = 'deed 9' WHERE action = 'deed 1'", "seal 2 is not the hash"),
        ("DELETE FROM audit_entry WHERE action = 'deed 2'", "seal 2 is over 3 entries, and 2 are there"),
        ("DELETE FROM audit_seal WHERE number = 1", "seal 1 is missing"),
        ("DELETE FROM audit_seal WHERE number = 3", "2 entries are under seals that are not there"),
        ("UPDATE audit_seal SET hash = repeat('0', 64) WHERE number = 1", "seal 2 is not the hash"),
    ],
)
async def test_whoever_changes_it_breaks_the_chain(database: str, statement: str, said: str) -> None:
    for count in (1, 3, 2):
        await some(count)
        await seal()
    await altered(statement)
    assert any(line.startswith(said) for line in (await verify()).wrong), (await verify()).wrong


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor_label = 'x'",
        "UPDATE audit_entry SET seal = 7",
        "UPDATE audit_entry SET seal = NULL",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE audit_seal SET entries = 0",
        "DELETE FROM audit_seal",
    ],
)
async def test_the_database_lets_nobody_change_it(database: str, statement: str) -> None:
    await some(2)
    await seal()
    with pytest.raises(asyncpg.RaiseError, match="never changed or deleted"):
        await get_connection("default").execute_script(statement)


async def test_what_is_not_sealed_for_long_is_said(database: str, travelling_clock: TravellingClock) -> None:
    await some(2)
    assert (await verify()).wrong == []
    travelling_clock.forward(minutes=10, seconds=1)
    assert (await verify()).wrong == ["2 entries older than 10 minutes are not sealed: does a worker run?"]


def test_secrets_and_floods_are_left_out_of_arguments() -> None:
    deep: Any = 1
    for _ in range(2_000):
        deep = {"\0x": [deep]}
    given = {"a": {"password": "x", "b": ["y"] * 30}, "c": "z" * 900, "d": None, "e": 1 << 60, "f": True, "g": deep}
    kept = without_secrets(given)
    assert list(kept["g"]) == ["x"]
    assert kept["a"]["password"] == "(secret)"
    assert kept["a"]["b"][-1] == "and 10 more"
    assert len(kept["c"]) == 500
    assert (kept["e"], kept["f"]) == (str(1 << 60), True)
    assert "d" not in kept


async def test_the_log_is_an_account_s_administrators_and_nobody_else_s(api: Api) -> None:
    _, account = await upgraded(api)
    stranger, _ = await upgraded(api)
    key = decode_id(account, "Account", "id")
    assert await AuditEntry.filter(account_id=key).exists()
    document = f"query ($id: ID!) {{ account(id: $id) {{ {LOG} }} }}"
    assert (await stranger.data(document, id=account))["account"] is None
    assert "errors" in await (await staff(api)).answer(document, id=account)
