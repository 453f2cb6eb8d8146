"""Licenses through the API: made, rotated, transferred, revoked; receipts renewed; all of it by file as well."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from app import clock
from app.accounts.queries import lock_account
from app.api.node import decode_id
from app.catalog.keys import EditionKey
from app.errors import LicenseLimit
from app.events.models import Event
from app.events.recording import SYSTEM
from app.licenses.issuing import Terms, issue_license
from app.licenses.keys import public_keys, retire_keys, rotate_key
from app.licenses.upkeep import keep_up
from app.protocol.carried import Challenge, UsageFile, new_nonce, write_challenge, write_usage
from app.protocol.documents import read_license, read_receipt, read_revocations
from app.protocol.entitlements import Level, entitlements
from app.protocol.jws import Kind, key_id, read_jwks
from app.refusals import hint
from tests.api.driver import GATEWAY, Api, activate, advance, license_and_key, registered, upgraded
from tests.billing.factory import edition_with
from tests.conftest import TravellingClock

DAY = 86_400
RECEIPT = "receipt { text validUntil warningUntil }"


async def active(api: Api) -> tuple[Api, str, str, tuple[str, str]]:
    """An account whose license is active on fingerprint-1: client, account, license text, key."""
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    assert (await activate(mine, text, ak, sk))["__typename"] == "ActivateLicenseSuccess"
    return mine, account, text, (ak, sk)


async def newest(mine: Api, account: str, fields: str) -> dict[str, Any]:
    return dict((await mine.account(account, f"licenses(last: 1) {{ nodes {{ {fields} }} }}"))["licenses"]["nodes"][0])


async def events(mine: Api, account: str, type: str) -> list[dict[str, Any]]:
    found = await mine.account(account, "events(last: 100) { nodes { type after reason at } }")
    return [event for event in found["events"]["nodes"] if event["type"] == type]


async def report(mine: Api, key: tuple[str, str], kits: int = 3, fingerprint: str = "fingerprint-1") -> Any:
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    return await mine.call(
        "reportUsage",
        f"accepted {{ count }} {RECEIPT}",
        key,
        fingerprint=fingerprint,
        reports=[{"hour": hour.isoformat(), "dataKits": [f"dk-{n}" for n in range(kits)]}],
    )


async def test_a_report_renews_the_receipt(api: Api, travelling_clock: TravellingClock) -> None:
    mine, _, _, key = await active(api)
    travelling_clock.forward(days=10)
    renewed = (await report(mine, key))["receipt"]
    receipt = read_receipt(renewed["text"], await public_keys(), "fingerprint-1")
    assert receipt.valid_until == datetime.fromisoformat(renewed["validUntil"])
    assert receipt.issued_at == clock.now().replace(microsecond=0)
    assert entitlements(receipt, clock.now() + timedelta(days=13)).level == Level.FULL
    assert entitlements(receipt, clock.now() + timedelta(days=15)).level == Level.WARNING
    assert entitlements(receipt, clock.now() + timedelta(days=29)).level == Level.COMMUNITY


async def test_two_deployments_race_for_one_license_and_one_wins(api: Api) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    answers = await asyncio.gather(*(activate(mine, text, ak, sk, f"fingerprint-{n}") for n in range(6)))
    winners = [answer for answer in answers if answer["__typename"] == "ActivateLicenseSuccess"]
    assert len(winners) == 1
    held = await newest(mine, account, "deployment { fingerprint }")
    losers = [answer for answer in answers if answer["__typename"] == "InvalidLicenseError"]
    assert len(losers) == 5
    assert all(held["deployment"]["fingerprint"] in loser["message"] for loser in losers)
    assert len(await events(mine, account, "license.activated")) == 1


async def test_only_its_owner_learns_where_a_license_is_active(api: Api) -> None:
    _, _, text, _ = await active(api)
    other, other_account = await upgraded(api)
    _, ak, sk = await license_and_key(other, other_account)
    refused = await activate(other, text, ak, sk, "fingerprint-2")
    assert hint("OTHER_ACCOUNT", "en") in refused["message"]
    assert "fingerprint-1" not in refused["message"]


async def test_a_transfer_ends_the_first_deployment(api: Api) -> None:
    mine, account, text, (ak, sk) = await active(api)
    license_id = (await newest(mine, account, "id"))["id"]
    moved = await mine.call(
        "transferLicense", "license { state reservedFor }", licenseId=license_id, toFingerprint="fingerprint-2"
    )
    assert moved["license"] == {"state": "CREATED", "reservedFor": "fingerprint-2"}
    first = await report(mine, (ak, sk))
    assert first["accepted"] == [{"count": 3}]
    assert first["receipt"] is None
    assert hint("TRANSFERRED", "en") in (await activate(mine, text, ak, sk))["message"]
    assert (await activate(mine, text, ak, sk, "fingerprint-2"))["__typename"] == "ActivateLicenseSuccess"
    assert "fingerprint-2" in (await activate(mine, text, ak, sk))["message"]


async def test_of_all_who_race_for_a_transferred_license_only_the_new_deployment_gets_it(api: Api) -> None:
    mine, account, text, (ak, sk) = await active(api)
    license_id = (await newest(mine, account, "id"))["id"]
    await mine.call("transferLicense", "license { id }", licenseId=license_id, toFingerprint="fingerprint-2")
    names = ["fingerprint-1", "fingerprint-2", "fingerprint-3"] * 2
    answers = await asyncio.gather(*(activate(mine, text, ak, sk, name) for name in names))
    won = [name for name, answer in zip(names, answers, strict=True) if "deployment" in answer]
    assert won == ["fingerprint-2"] * 2
    held = await newest(mine, account, "state deployment { fingerprint }")
    assert held == {"state": "ACTIVE", "deployment": {"fingerprint": "fingerprint-2"}}
    assert len(await events(mine, account, "license.activated")) == 2


async def test_a_transfer_and_the_first_deployment_at_once_leave_one_of_them_active(api: Api) -> None:
    mine, account, text, (ak, sk) = await active(api)
    license_id = (await newest(mine, account, "id"))["id"]
    moved = mine.call("transferLicense", "license { id }", licenseId=license_id, toFingerprint="fingerprint-2")
    answers = await asyncio.gather(
        moved, *(activate(mine, text, ak, sk, name) for name in ("fingerprint-1", "fingerprint-2"))
    )
    assert answers[0]["__typename"] == "TransferLicenseSuccess"
    assert (await activate(mine, text, ak, sk, "fingerprint-2"))["__typename"] == "ActivateLicenseSuccess"
    assert (await report(mine, (ak, sk)))["receipt"] is None


async def test_a_text_that_is_bound_is_not_transferred_but_replaced(api: Api) -> None:
    mine, account = await upgraded(api)
    _, ak, sk = await license_and_key(mine, account)
    spare = (await newest(mine, account, "id"))["id"]
    await mine.call("revokeLicense", "license { state }", licenseId=spare, reason="to be bound")
    bound: dict[str, Any] = {"accountId": account, "label": "bound"}
    made = await mine.call("createLicense", "license { id text }", **bound, fingerprint="fingerprint-7")
    await activate(mine, made["license"]["text"], ak, sk, "fingerprint-7")
    license_id = made["license"]["id"]
    refused = await mine.call("transferLicense", "license { id }", licenseId=license_id, toFingerprint="fingerprint-8")
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["licenseId"])
    assert "revoke it, and create one for the other" in refused["message"]
    await mine.call("revokeLicense", "license { state }", licenseId=license_id, reason="moved")
    other = await mine.call("createLicense", "license { text }", **bound, fingerprint="fingerprint-8")
    done = await activate(mine, other["license"]["text"], ak, sk, "fingerprint-8")
    assert done["__typename"] == "ActivateLicenseSuccess"


async def test_a_rotated_license_is_valid_for_its_grace_and_then_revoked(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account, old, key = await active(api)
    license_id = (await newest(mine, account, "id"))["id"]
    first = await mine.call("rotateLicense", "license { id text } replaced { revokeAt }", licenseId=license_id)
    again = await mine.call("rotateLicense", "license { id }", licenseId=license_id)
    assert first["license"]["id"] == again["license"]["id"]
    grace = datetime.fromisoformat(first["replaced"]["revokeAt"]) - clock.now()
    assert grace == timedelta(days=7)
    assert (await activate(mine, old, *key))["__typename"] == "ActivateLicenseSuccess"
    travelling_clock.forward(days=7)
    await keep_up()
    assert hint("REVOKED", "en") in (await activate(mine, old, *key))["message"]
    assert (await activate(mine, first["license"]["text"], *key))["__typename"] == "ActivateLicenseSuccess"
    assert [event["reason"] for event in await events(mine, account, "license.revoked")] == ["replaced by rotation"]


async def test_a_revoked_license_is_in_the_next_list_and_versions_grow(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account, text, key = await active(api)

    async def listed() -> Any:
        response = await mine.http.get("http://billing.test/.well-known/license-revocations")
        return read_revocations(response.text, keys, clock.now())

    keys = read_jwks((await mine.http.get("http://billing.test/.well-known/jwks.json")).content)
    before = await listed()
    assert before == await listed()
    license_id = (await newest(mine, account, "id"))["id"]
    await mine.call("revokeLicense", "license { id }", licenseId=license_id, reason="the contract ended")
    after = await listed()
    assert after.version == before.version + 1
    assert set(after.revoked) == {str(decode_id(license_id, "License", "id"))}
    assert (await report(mine, key))["receipt"] is None
    assert hint("REVOKED", "en") in (await activate(mine, text, *key))["message"]
    together = await asyncio.gather(*(listed() for _ in range(5)))
    assert {found.version for found in together} == {after.version}
    travelling_clock.forward(days=400)
    assert (await listed()).revoked == {}


async def test_reminders_come_30_7_and_1_days_before_the_end_and_once_each(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    await mine.call("createLicense", "license { id }", accountId=account, label="x")
    travelling_clock.forward(days=330)
    for _ in range(2 * 36):
        travelling_clock.forward(hours=12)
        await keep_up()
    noted = await Event.filter(type__startswith="license.expir").order_by("id").values_list("type", "after")
    assert [(type, after.get("daysBefore")) for type, after in noted] == [
        ("license.expiring", 30),
        ("license.expiring", 7),
        ("license.expiring", 1),
        ("license.expired", None),
    ]


async def test_a_sandbox_clock_that_jumps_sends_the_nearest_reminder_only(api: Api) -> None:
    mine, account = await upgraded(api)
    await mine.call("createLicense", "license { id }", accountId=account, label="x")
    await advance(mine, account, 360 * DAY)
    await keep_up()
    await keep_up()
    reminded = await events(mine, account, "license.expiring")
    assert [event["after"]["daysBefore"] for event in reminded] == [7]


async def test_above_the_dk_limit_there_is_one_event_a_day_and_an_upgrade_refusal(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account, _, key = await active(api)
    usage = "dkUsage { limit connected exceeded notice } versionUpgradeAllowed more: versionUpgradeAllowed(dataKits: 6)"
    unlimited = await newest(mine, account, usage)
    assert unlimited["versionUpgradeAllowed"] is True
    async with in_transaction():
        row = await lock_account(decode_id(account, "Account", "id"))
        made = await issue_license(row, EditionKey.PAY_AS_YOU_GO, Terms(dk_limit=5), "limited", SYSTEM)
    assert (await activate(mine, made.text, *key))["__typename"] == "ActivateLicenseSuccess"
    for hour in range(3):
        travelling_clock.forward(hours=1)
        assert (await report(mine, key, kits=6 + hour))["accepted"] == [{"count": 6 + hour}]
        await keep_up()
    exceeded = await events(mine, account, "license.dk_limit_exceeded")
    assert [event["after"]["dataKits"] for event in exceeded] == [6]
    found = await newest(mine, account, usage)
    assert found["dkUsage"]["exceeded"] is True
    assert "8 DataKits are connected, 5 are licensed" in found["dkUsage"]["notice"]
    assert (found["versionUpgradeAllowed"], found["more"]) == (False, False)
    travelling_clock.forward(days=1)
    await report(mine, key, kits=7)
    await keep_up()
    assert len(await events(mine, account, "license.dk_limit_exceeded")) == 2
    travelling_clock.forward(days=400)
    await report(mine, key, kits=9)
    await keep_up()
    told = await Event.filter(type="license.dk_limit_exceeded").count()
    assert told == 2, "what has expired limits nothing"


async def test_limits_are_per_account_and_edition(api: Api) -> None:
    _, account = await registered(api)
    await edition_with(EditionKey.LICENSED, license_limit=2, spare_license_limit=5)
    async with in_transaction():
        row = await lock_account(decode_id(account, "Account", "id"))
        for _ in range(2):
            await issue_license(row, EditionKey.LICENSED, Terms(dk_limit=10), "x", SYSTEM)
        with pytest.raises(LicenseLimit):
            await issue_license(row, EditionKey.LICENSED, Terms(), "x", SYSTEM)
        await issue_license(row, EditionKey.COMMUNITY, Terms(), "x", SYSTEM)


async def test_a_bound_license_is_for_its_deployment_alone(api: Api) -> None:
    mine, account = await upgraded(api)
    made = await mine.call(
        "createLicense", "license { id text boundTo }", accountId=account, label="x", fingerprint="fingerprint-7"
    )
    key = await mine.call("createAccessKey", "accessKey { ak } sk", accountId=account, label="x")
    pair = (key["accessKey"]["ak"], key["sk"])
    assert hint("OTHER_DEPLOYMENT", "en") in (await activate(mine, made["license"]["text"], *pair))["message"]
    bound = await activate(mine, made["license"]["text"], *pair, "fingerprint-7")
    assert bound["__typename"] == "ActivateLicenseSuccess"


async def test_an_air_gapped_deployment_is_activated_and_reports_by_file(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    now = clock.now().replace(microsecond=0)
    challenge = write_challenge(Challenge(new_nonce(), now, text, "fingerprint-1", GATEWAY, True), ak, sk)
    stranger, _ = await registered(api)
    refused = await stranger.call("activateOffline", "nonce", challenge=challenge)
    assert refused["__typename"] == "NotFoundError"
    done = await mine.call("activateOffline", f"nonce {RECEIPT} deployment {{ dialingTest }}", challenge=challenge)
    assert done["deployment"] == {"dialingTest": True}
    receipt = read_receipt(done["receipt"]["text"], await public_keys(), "fingerprint-1")
    assert receipt.nonce == done["nonce"]
    replayed = await mine.call("activateOffline", "nonce", challenge=challenge)
    assert hint("REPLAYED", "en") in replayed["message"]
    forged = write_challenge(Challenge(new_nonce(), now, text, "fingerprint-1", GATEWAY, True), ak, sk[::-1])
    assert hint("BAD_SIGNATURE", "en") in (await mine.call("activateOffline", "nonce", challenge=forged))["message"]
    travelling_clock.forward(days=25)
    hours = [(now.replace(minute=0, second=0) + timedelta(days=n), ["dk-1", "dk-2"]) for n in range(20)]
    file = write_usage(UsageFile(new_nonce(), clock.now(), "fingerprint-1", hours), ak, sk)
    imported = await mine.call("importUsageFile", f"hours {RECEIPT}", file=file)
    assert imported["hours"] == 20
    renewed = read_receipt(imported["receipt"]["text"], await public_keys(), "fingerprint-1")
    assert entitlements(renewed, clock.now()).level == Level.FULL
    assert hint("REPLAYED", "en") in (await mine.call("importUsageFile", "hours", file=file))["message"]


async def test_a_refused_challenge_is_not_used_up(api: Api) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    challenge = write_challenge(
        Challenge(new_nonce(), clock.now(), text + "A", "fingerprint-1", GATEWAY, False), ak, sk
    )
    for _ in range(2):
        refused = await mine.call("activateOffline", "nonce", challenge=challenge)
        assert refused["__typename"] == "InvalidLicenseError"


async def test_keys_overlap_until_nothing_signed_with_the_old_is_alive(
    api: Api, travelling_clock: TravellingClock
) -> None:
    mine, _, text, key = await active(api)
    old = key_id(Kind.LICENSE, text)
    async with in_transaction():
        new = (await rotate_key()).kid
    keys = await public_keys()
    assert set(keys) == {old, new}
    read_license(text, keys, clock.now())
    receipt = (await report(mine, key))["receipt"]["text"]
    assert key_id(Kind.RECEIPT, receipt) == new
    travelling_clock.forward(days=364)
    assert await retire_keys() == []
    travelling_clock.forward(days=60)
    assert await retire_keys() == [old]
    assert set(await public_keys()) == {new}


async def test_renaming_is_on_record(api: Api) -> None:
    mine, account, _, _ = await active(api)
    license_id = (await newest(mine, account, "id"))["id"]
    renamed = await mine.call("renameLicense", "license { label }", licenseId=license_id, label="headquarters")
    assert renamed["license"] == {"label": "headquarters"}
    assert [event["after"] for event in await events(mine, account, "license.renamed")] == [{"label": "headquarters"}]


async def test_a_license_that_is_active_nowhere_is_transferred_as_well(api: Api) -> None:
    mine, account = await upgraded(api)
    made = await mine.call("createLicense", "license { id }", accountId=account, label="x")
    moved = await mine.call(
        "transferLicense", "license { reservedFor }", licenseId=made["license"]["id"], toFingerprint="fingerprint-2"
    )
    assert moved["license"]["reservedFor"] == "fingerprint-2"
    events = (await mine.account(account, "events(last: 1) { nodes { type before } }"))["events"]["nodes"]
    assert events[0]["type"] == "license.transferred"
    assert events[0]["before"]["deployment"] is None
