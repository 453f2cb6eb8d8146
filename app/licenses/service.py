"""Activating a license on a deployment, from the Launcher or by file, and taking in what is carried by file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tortoise.connection import get_connection

from app.accounts.identity import Nonce, check_access_key, find_access_key, remember_nonce, secret_of
from app.accounts.models import AccessKey, Account
from app.accounts.queries import lock_account
from app.agreements.service import accepted_current
from app.applications.standing import live_contracts
from app.editions.keys import EditionKey, UpgradeState
from app.editions.models import Upgrade
from app.editions.service import PENDING, activated, current_upgrade, lapse_if_due
from app.errors import (
    InvalidCredentials,
    InvalidGatewayUrl,
    InvalidInput,
    NotFound,
    ReplayedRequest,
    StepOutOfOrder,
)
from app.events.recording import Actor, record
from app.licenses.keys import public_keys
from app.licenses.models import Deployment, License, LicenseState
from app.protocol.carried import Challenge, UsageFile, read_challenge, read_usage, remember_until
from app.protocol.documents import read_license
from app.protocol.jws import Kind, key_id, refuse
from app.refusals import Reason

GATEWAY_URL = re.compile(r"https?://[A-Za-z0-9.\-\[\]:_]+(/[^\s?#]*)?\?token=\{\}", re.ASCII)
FINGERPRINT = re.compile(r"[\x21-\x7e]{8,128}")
EXACT = timedelta(0)
REPORTER_SQL = """
SELECT k AS key, a AS account, d AS deployment FROM access_key k JOIN account a ON a.id = k.account_id
LEFT JOIN deployment d ON d.account_id = k.account_id AND d.fingerprint = $2
WHERE k.ak = $1 AND k.revoked_at IS NULL
"""


@dataclass(frozen=True)
class Reporter:
    """Who reports usage: a live access key, its account, and the deployment, if it was activated there."""

    key: AccessKey
    account: Account
    deployment: Deployment | None


async def activate_license(
    license_text: str, ak: str, sk: str, data_gateway_url: str, fingerprint: str, dialing_test: bool, address: str
) -> Deployment:
    """The Launcher presents a license: its deployment becomes commercial. Repeating it changes nothing.

    Raises:
        InvalidCredentials: AK/SK are not a live pair.
        InvalidGatewayUrl, InvalidInput, InvalidLicense, StepOutOfOrder: see ``activate``.
    """
    check_gateway(data_gateway_url)
    check_fingerprint(fingerprint)
    key = await check_access_key(ak, sk)
    account = await lock_account(key.account_id)
    return await activate(account, license_text, data_gateway_url, fingerprint, dialing_test, address)


async def activate(
    account: Account, license_text: str, data_gateway_url: str, fingerprint: str, dialing_test: bool, address: str
) -> Deployment:
    """Activate a license on a deployment of a locked account: of two that race for it, one comes first.

    Raises:
        InvalidGatewayUrl: not an http(s) address that ends with the literal ``?token={}``.
        InvalidInput: the fingerprint has not 8 to 128 visible ASCII characters.
        InvalidLicense: malformed, forged, out of its time, revoked, another account's, bound or transferred to
            another deployment, or active on another.
        StepOutOfOrder: the license is neither free nor of the account's contract, and the account's upgrade lacks a
            step (a newer agreement to accept, after the free period).
    """
    check_gateway(data_gateway_url)
    check_fingerprint(fingerprint)
    now = account.now()
    claims = read_license(license_text, await public_keys(), now, leeway=EXACT)
    if claims.account_id != str(account.id):
        raise refuse(Kind.LICENSE, Reason.OTHER_ACCOUNT)
    held = await License.get_or_none(id=UUID(claims.license_id), account_id=account.id)
    if held is None:
        raise refuse(Kind.LICENSE, Reason.MALFORMED)
    _check_usable(held, fingerprint)
    actor = Actor(kind="DEPLOYMENT", label=fingerprint, address=address)
    deployment, _ = await Deployment.get_or_create(
        account_id=account.id,
        fingerprint=fingerprint,
        defaults={
            "data_gateway_url": data_gateway_url,
            "dialing_test": dialing_test,
            "created_at": now,
            "last_seen_at": now,
        },
    )
    if held.deployment_id not in (None, deployment.id):
        first = await Deployment.get(id=held.deployment_id)
        raise refuse(Kind.LICENSE, Reason.ALREADY_ACTIVE_ELSEWHERE, active_on=first.fingerprint)
    await lapse_if_due(account, now)
    upgrade = await _upgrade_behind(account, held)
    deployment.data_gateway_url = data_gateway_url
    deployment.dialing_test = dialing_test
    deployment.last_seen_at = now
    await deployment.save(update_fields=["data_gateway_url", "dialing_test", "last_seen_at"])
    if held.state == LicenseState.CREATED:
        held.state = LicenseState.ACTIVE
        held.activated_at = held.activated_at or now
        held.deployment_id = deployment.id
        held.reserved_for = None
        await held.save(update_fields=["state", "activated_at", "deployment_id", "reserved_for"])
        await record(
            account.id,
            account.now(),
            "license.activated",
            actor,
            after={"license": str(held.id), "deployment": str(deployment.id)},
        )
    if upgrade is not None:
        await activated(account, upgrade, actor)
    return deployment


async def challenge_key(text: str) -> AccessKey:
    """The access key that a challenge says it is signed with.

    Raises:
        InvalidDocument: it is no challenge, or no live key is named in it.
    """
    return await _carried_key(Kind.CHALLENGE, text)


async def activate_by_challenge(account: Account, key: AccessKey, text: str, address: str) -> tuple[Deployment, str]:
    """Activate by a challenge that was carried in; the deployment, and the challenge's nonce for the receipt.

    Raises:
        InvalidDocument: not signed with the key's SK within 7 days, or used before.
        InvalidGatewayUrl, InvalidInput, InvalidLicense, StepOutOfOrder: see ``activate``.
    """
    challenge: Challenge = read_challenge(text, secret_of(key), account.now())
    await _once(Kind.CHALLENGE, key, challenge)
    deployment = await activate(
        account,
        challenge.license,
        challenge.data_gateway_url,
        challenge.fingerprint,
        challenge.dialing_test,
        address,
    )
    return deployment, challenge.nonce


async def usage_key(text: str) -> AccessKey:
    """The access key that a usage file says it is signed with.

    Raises:
        InvalidDocument: it is no usage file, or no live key is named in it.
    """
    return await _carried_key(Kind.USAGE, text)


async def take_usage_file(account: Account, key: AccessKey, text: str) -> tuple[Deployment, UsageFile]:
    """What a usage file reports, and of which deployment; it is accepted once.

    Raises:
        InvalidDocument: not signed with the key's SK within 93 days, or imported before.
        NotFound: no deployment with its fingerprint was activated.
    """
    usage = read_usage(text, secret_of(key), account.now())
    await _once(Kind.USAGE, key, usage)
    return await find_deployment(account.id, usage.fingerprint), usage


async def find_reporter(ak: str, fingerprint: str) -> Reporter:
    """Key, account and deployment of a report, in one round trip.

    Raises:
        InvalidCredentials: the AK is unknown or revoked.
    """
    rows = await get_connection("default").execute_query_dict(REPORTER_SQL, [ak, fingerprint])
    if not rows:
        raise InvalidCredentials(path=("ak",))
    key, account, deployment = rows[0]["key"], rows[0]["account"], rows[0]["deployment"]
    return Reporter(
        AccessKey._init_from_db(**key),
        Account._init_from_db(**account),
        Deployment._init_from_db(**deployment) if deployment else None,
    )


async def find_deployment(account_id: UUID, fingerprint: str) -> Deployment:
    """A deployment of the account.

    Raises:
        NotFound: none with that fingerprint was activated.
    """
    deployment = await Deployment.get_or_none(account_id=account_id, fingerprint=fingerprint)
    return known(deployment)


def known(deployment: Deployment | None) -> Deployment:
    """The deployment that was looked for.

    Raises:
        NotFound: none with that fingerprint was activated.
    """
    if deployment is None:
        raise NotFound(what="activated deployment with this fingerprint", path=("deploymentFingerprint",))
    return deployment


def check_gateway(data_gateway_url: str) -> None:
    """Refuse an address that is not http(s) or does not end with the literal ``?token={}``."""
    if not GATEWAY_URL.fullmatch(data_gateway_url) or len(data_gateway_url) > 2000:
        raise InvalidGatewayUrl(path=("dataGatewayUrl",))


def check_fingerprint(fingerprint: str, name: str = "fingerprint") -> None:
    """Refuse a fingerprint that has not 8 to 128 visible ASCII characters."""
    if not FINGERPRINT.fullmatch(fingerprint):
        raise InvalidInput(
            reason_en=f"{name} must have 8 to 128 visible ASCII characters",
            reason_zh=f"{name} 须为 8 到 128 个可见 ASCII 字符",
            path=(name,),
        )


async def _upgrade_behind(account: Account, held: License) -> Upgrade | None:
    if held.edition == EditionKey.COMMUNITY:
        return None
    if any(contract.edition == held.edition for contract in await live_contracts(account.id)):
        return None
    upgrade = await current_upgrade(account.id)
    if upgrade is None or upgrade.state in (*PENDING, UpgradeState.ENDED):
        raise StepOutOfOrder(missing_step="CHOOSE_EDITION")
    if upgrade.state == UpgradeState.LAPSED and not await accepted_current(account):
        raise StepOutOfOrder(missing_step="ACCEPT_AGREEMENT")
    return upgrade


def _check_usable(held: License, fingerprint: str) -> None:
    if held.state == LicenseState.REVOKED:
        raise refuse(Kind.LICENSE, Reason.REVOKED)
    if held.fingerprint not in (None, fingerprint):
        raise refuse(Kind.LICENSE, Reason.OTHER_DEPLOYMENT)
    if held.reserved_for not in (None, fingerprint):
        raise refuse(Kind.LICENSE, Reason.TRANSFERRED)


async def _carried_key(kind: Kind, text: str) -> AccessKey:
    try:
        return await find_access_key(key_id(kind, text))
    except InvalidCredentials:
        raise refuse(kind, Reason.UNKNOWN_KEY) from None


async def _once(kind: Kind, key: AccessKey, carried: Challenge | UsageFile) -> None:
    try:
        await remember_nonce(Nonce(key.id, carried.nonce, remember_until(kind, carried.issued_at)))
    except ReplayedRequest:
        raise refuse(kind, Reason.REPLAYED) from None
