"""The editions as they are sold: perpetual use with maintenance, subscription by the year, versions free for a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app import clock
from app.accounts.models import StaffRole
from app.catalog.keys import EditionKey
from app.licenses.keys import alive, public_keys
from app.licenses.models import License, LicenseState
from app.licenses.revocations import current_revocations
from app.licenses.upkeep import keep_up
from app.protocol.documents import LicenseClaims, Receipt, read_license, read_receipt
from app.protocol.entitlements import Level, entitlements, maintained
from app.protocol.jws import peek
from tests.api.driver import Api, activate, advance, agreed, registered
from tests.api.wallets import staff
from tests.applications.steps import (
    DAY,
    LICENSED,
    SUBSCRIPTION,
    TODAY,
    agreed_and_accepted,
    apply,
    event_types,
    steps,
    terms,
)
from tests.billing.factory import edition_with
from tests.conftest import TravellingClock

VERSION = "1.92.3"
LICENSE = "license { id text expiresAt productVersion maintenanceUntil notBefore }"
NEXT_YEAR = date(2027, 3, 2)


@pytest.fixture(autouse=True)
def stand_still(travelling_clock: TravellingClock) -> None:
    """Every test begins in the evening of TODAY, 2026-03-02, in Shanghai."""


async def asked(api: Api, mine: Api, account: str, edition: Any, **made: Any) -> Any:
    """What makeOffer answers."""
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    application = (await apply(mine, account, edition))["application"]["id"]
    await manager.call("takeApplication", "application { id }", applicationId=application)
    return await manager.call("makeOffer", "offer { id productVersion }", applicationId=application, **made)


async def renewed(api: Api, mine: Api, account: str) -> None:
    """A second year of maintenance."""
    offer = terms(NEXT_YEAR, 366, (NEXT_YEAR, "12000.00"), productVersion=VERSION)
    made = await asked(api, mine, account, LICENSED, **offer)
    answer = await agreed_and_accepted(mine, account, made["offer"]["id"])
    assert "code" not in answer, answer


async def owner(api: Api) -> tuple[Api, str]:
    """An account that has the licensed edition."""
    mine, account = await registered(api)
    made = await asked(api, mine, account, LICENSED, **terms(TODAY, 365, (TODAY, "12000.00"), productVersion=VERSION))
    await agreed(mine, account)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    answer = await agreed_and_accepted(mine, account, made["offer"]["id"])
    assert "code" not in answer, answer
    return mine, account


async def made(mine: Api, account: str, **given: Any) -> dict[str, Any]:
    answer = await mine.call("createLicense", LICENSE, accountId=account, label="x", **given)
    assert "code" not in answer, answer
    return dict(answer["license"])


async def key(mine: Api, account: str) -> tuple[str, str]:
    answer = await mine.call("createAccessKey", "accessKey { ak } sk", accountId=account, label="x")
    return answer["accessKey"]["ak"], answer["sk"]


async def reported(mine: Api, account: str, pair: tuple[str, str]) -> Receipt:
    """The receipt that a report of usage is answered with."""
    now = datetime.fromisoformat((await mine.account(account, "clock"))["clock"])
    hour = now.replace(minute=0, second=0, microsecond=0).isoformat()
    answer = await Api(mine.http).call(
        "reportUsage",
        "receipt { text }",
        pair,
        fingerprint="fingerprint-1",
        reports=[{"hour": hour, "dataKits": ["dk-1"]}],
    )
    return read_receipt(answer["receipt"]["text"], await public_keys(), "fingerprint-1")


async def test_a_licensed_editions_license_has_no_end_and_says_its_version_and_maintenance(api: Api) -> None:
    mine, account = await owner(api)
    license = await made(mine, account)
    until = datetime(2027, 3, 1, 16, tzinfo=UTC)
    assert (license["expiresAt"], license["productVersion"]) == (None, VERSION)
    assert datetime.fromisoformat(license["maintenanceUntil"]) == until
    claims = peek(license["text"])[1]
    assert "exp" not in claims
    assert (claims["version"], claims["maintenanceUntil"]) == (VERSION, int(until.timestamp()))
    found = read_license(license["text"], await public_keys(), clock.now() + timedelta(days=36_500))
    assert found == LicenseClaims.of(claims)
    pair = await key(mine, account)
    assert "code" not in await activate(mine, license["text"], *pair)
    receipt = await reported(mine, account, pair)
    assert (receipt.license_expires_at, receipt.product_version, receipt.maintenance_until) == (None, VERSION, until)
    assert entitlements(receipt, receipt.valid_until - timedelta(seconds=1)).level == Level.FULL
    contracts = await mine.account(account, "contracts { nodes { perpetual productVersion endsOn } }")
    assert contracts["contracts"]["nodes"] == [{"perpetual": True, "productVersion": VERSION, "endsOn": "2027-03-01"}]


async def test_when_maintenance_is_over_the_license_goes_on_and_newer_versions_are_refused(api: Api) -> None:
    mine, account = await owner(api)
    license = await made(mine, account)
    pair = await key(mine, account)
    await activate(mine, license["text"], *pair)
    operator = await staff(api, [StaffRole.OPERATOR])
    for version, released in (("2.0.0", "2027-02-01T00:00:00Z"), ("2.1.0", "2027-04-01T00:00:00Z")):
        await operator.call("publishRelease", "release { version }", version=version, releasedAt=released)
    allowed = "licenses { nodes { now: versionUpgradeAllowed(dataKits: 1) } }"
    assert (await mine.account(account, allowed))["licenses"]["nodes"] == [{"now": True}]
    await advance(mine, account, 400 * DAY)
    shown = await mine.account(
        account,
        "edition licenses { nodes { state now: versionUpgradeAllowed(dataKits: 1) "
        'old: versionUpgradeAllowed(dataKits: 1, toVersion: "2.0.0") '
        'new: versionUpgradeAllowed(dataKits: 1, toVersion: "2.1.0") } } contracts { nodes { state } }',
    )
    assert shown == {
        "edition": "LICENSED",
        "licenses": {"nodes": [{"state": "ACTIVE", "now": False, "old": True, "new": False}]},
        "contracts": {"nodes": [{"state": "ENDED"}]},
    }
    types = await event_types(mine, account)
    assert ("contract.maintenance_ended" in types, "contract.ended" in types) == (True, False)
    assert await steps(mine, account) == ["REPORT_USAGE"]
    assert (await reported(mine, account, pair)).maintenance_until == datetime(2027, 3, 1, 16, tzinfo=UTC)
    another = await made(mine, account)
    assert (another["expiresAt"], another["maintenanceUntil"]) == (None, license["maintenanceUntil"])
    assert "code" not in await activate(mine, another["text"], *pair, fingerprint="fingerprint-2")
    assert await License.filter(attention_at__isnull=False).count() == 0


async def test_a_renewed_maintenance_reaches_licenses_that_are_out_by_their_receipts(api: Api) -> None:
    mine, account = await owner(api)
    license = await made(mine, account)
    pair = await key(mine, account)
    await activate(mine, license["text"], *pair)
    await renewed(api, mine, account)
    assert (await reported(mine, account, pair)).maintenance_until == datetime(2027, 3, 1, 16, tzinfo=UTC)
    await advance(mine, account, 365 * DAY)
    assert (await reported(mine, account, pair)).maintenance_until == datetime(2028, 3, 1, 16, tzinfo=UTC)
    rotated = await mine.call("rotateLicense", LICENSE, licenseId=license["id"])
    assert rotated["license"]["maintenanceUntil"] == "2028-03-01T16:00:00+00:00"
    assert rotated["license"]["expiresAt"] is None
    assert await steps(mine, account) == ["REPORT_USAGE"]
    await advance(mine, account, 8 * DAY)
    await keep_up()
    states = (await mine.account(account, "licenses { nodes { state } }"))["licenses"]["nodes"]
    assert {one["state"] for one in states} == {"REVOKED", "CREATED"}


async def test_maintenance_may_be_renewed_after_a_while(api: Api) -> None:
    mine, account = await owner(api)
    license = await made(mine, account)
    pair = await key(mine, account)
    await activate(mine, license["text"], *pair)
    await advance(mine, account, 400 * DAY)
    today = TODAY + timedelta(days=400)
    ends = date(today.year + 1, today.month, today.day) - timedelta(days=1)
    until = clock.day_end(ends, "Asia/Shanghai")
    offer = terms(today, 365, (today, "2000.00"), price="2000.00", productVersion="2.1.0")
    offer |= {"endsOn": ends.isoformat(), "validUntil": until.isoformat()}
    answer = await asked(api, mine, account, LICENSED, **offer)
    accepted = await agreed_and_accepted(mine, account, answer["offer"]["id"])
    assert accepted["contract"]["state"] == "ACTIVE", accepted
    assert (await reported(mine, account, pair)).maintenance_until == until


async def test_a_perpetual_license_outlives_another_edition_but_not_a_revocation(api: Api) -> None:
    mine, account = await owner(api)
    license = await made(mine, account)
    answer = await asked(api, mine, account, SUBSCRIPTION, **terms(NEXT_YEAR, 366, (NEXT_YEAR, "12000.00")))
    assert "code" not in await agreed_and_accepted(mine, account, answer["offer"]["id"])
    await advance(mine, account, 380 * DAY)
    assert (await mine.account(account, "edition"))["edition"] == "SUBSCRIPTION"
    held = await License.get()
    assert (held.revoke_at, held.state, await alive(held.kid)) == (None, LicenseState.CREATED, 1)
    await mine.call("revokeLicense", "license { state }", licenseId=license["id"], reason="sold")
    assert str(held.id) in peek((await current_revocations()).text)[1]["revoked"]


@pytest.mark.parametrize(
    ("edition", "given", "path"),
    [
        (LICENSED, {}, ["productVersion"]),
        (LICENSED, {"productVersion": "one point two"}, ["productVersion"]),
        (LICENSED, {"productVersion": VERSION, "endsOn": "2027-03-02"}, ["endsOn"]),
        (SUBSCRIPTION, {"productVersion": VERSION}, ["productVersion"]),
        (SUBSCRIPTION, {"endsOn": "2026-09-01"}, ["endsOn"]),
        (SUBSCRIPTION, {"endsOn": "2027-09-01"}, ["endsOn"]),
        (SUBSCRIPTION, {"endsOn": "2028-03-01"}, None),
    ],
)
async def test_an_offer_keeps_to_the_terms_of_its_edition(
    api: Api, edition: Any, given: dict[str, Any], path: list[str] | None
) -> None:
    mine, account = await registered(api)
    answer = await asked(api, mine, account, edition, **{**terms(), **given})
    assert answer.get("path") == path, answer


async def test_the_terms_are_data_of_the_edition(api: Api) -> None:
    await edition_with(EditionKey.SUBSCRIPTION, least_term_months=6, term_step_months=0)
    mine, account = await registered(api)
    assert (await asked(api, mine, account, SUBSCRIPTION, **terms(endsOn="2026-08-31")))["path"] == ["endsOn"]
    other, another = await registered(api)
    assert "offer" in await asked(api, other, another, SUBSCRIPTION, **terms(endsOn="2026-10-15"))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [("2026-03-02", 12, "2027-03-02"), ("2024-02-29", 12, "2025-02-28"), ("2026-12-31", 2, "2027-02-28"),
     ("2026-01-31", 24, "2028-01-31")],
)  # fmt: skip
def test_months_later(day: str, months: int, then: str) -> None:
    assert clock.add_months(date.fromisoformat(day), months) == date.fromisoformat(then)


async def community(mine: Api, account: str, **given: Any) -> Any:
    answer = await mine.call("createCommunityLicense", LICENSE, accountId=account, **given)
    return answer.get("license") or answer


async def test_a_version_is_free_for_180_days_from_its_release_on(api: Api) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    mine, account = await registered(api)
    first: dict[str, Any] = {"version": "1.92.3", "releasedAt": "2026-01-01T00:00:00+08:00"}
    assert "code" not in await operator.call("publishRelease", "release { version }", **first)
    assert (await operator.call("publishRelease", "release { version }", **first))["path"] == ["version"]
    later: dict[str, Any] = {"version": "1.93.0", "releasedAt": "2026-03-20T00:00:00+08:00"}
    assert "code" not in await operator.call("publishRelease", "release { version }", **later)
    assert (await community(mine, account, productVersion="1.93.0"))["path"] == ["productVersion"]
    made = await community(mine, account)
    assert (made["productVersion"], made["expiresAt"]) == ("1.92.3", "2026-06-29T16:00:00+00:00")
    assert peek(made["text"])[1]["version"] == "1.92.3"
    assert (await community(mine, account))["code"] == "LICENSE_LIMIT"
    await advance(mine, account, 30 * DAY)
    newer = await community(mine, account)
    assert (newer["productVersion"], newer["expiresAt"]) == ("1.93.0", "2026-09-15T16:00:00+00:00")
    await advance(mine, account, 170 * DAY)
    refused = await community(mine, account)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["productVersion"])
    assert "1.93.0 was free for 180 days" in refused["message"]
    await edition_with(EditionKey.COMMUNITY, version_days=365)
    assert (await community(mine, account))["expiresAt"] == "2027-03-19T16:00:00+00:00"
    releases = (await api.data("{ releases { nodes { version } } }"))["releases"]["nodes"]
    assert [one["version"] for one in releases] == ["1.93.0", "1.92.3"]


async def test_without_a_release_a_community_license_lasts_180_days(api: Api) -> None:
    mine, account = await registered(api)
    made = await community(mine, account)
    assert (made["productVersion"], made["maintenanceUntil"]) == (None, None)
    assert datetime.fromisoformat(made["expiresAt"]) == clock.now() + timedelta(days=180)


async def test_a_release_is_withdrawn_before_it_comes(api: Api) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    cases = (("2.0", "2026-04-01T00:00:00Z", None), ("1.0", "2026-01-01T00:00:00Z", ["version"]))
    for version, released, path in cases:
        await operator.call("publishRelease", "release { version }", version=version, releasedAt=released)
        taken = await operator.call("withdrawRelease", "release { version }", version=version)
        assert taken.get("path") == path
    found = (await api.data("{ releases { nodes { version } totalCount } }"))["releases"]
    assert found == {"nodes": [{"version": "1.0"}], "totalCount": 1}


def test_a_version_is_maintained_that_was_released_before_the_end() -> None:
    end = datetime(2027, 3, 1, 16, tzinfo=UTC)
    assert maintained(None, end)
    assert maintained(end, end - timedelta(seconds=1))
    assert not maintained(end, end)
