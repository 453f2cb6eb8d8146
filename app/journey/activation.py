"""Activating a license on a deployment, from the Launcher or by file, and taking in what is carried by file."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.catalog.keys import EditionKey
from app.contracts.queries import live_contracts, served_until
from app.deployments.checks import check_fingerprint, check_gateway
from app.deployments.models import AccessKey, Deployment
from app.deployments.nonces import Nonce, remember_nonce
from app.deployments.queries import check_access_key, find_access_key, find_deployment, secret_of
from app.errors import InvalidCredentials, ReplayedRequest
from app.events.models import ActorKind
from app.events.recording import Actor, record
from app.inputs import within
from app.journey.channels import cannot_collect
from app.journey.ways import by_upgrade, refuse
from app.licenses.keys import public_keys
from app.licenses.models import License, LicenseState
from app.protocol.carried import Challenge, UsageFile, read_challenge, read_usage, remember_until
from app.protocol.documents import read_license
from app.protocol.jws import Kind, key_id
from app.protocol.jws import refuse as refuse_document
from app.refusals import RefusalReason
from app.settlement.host import ChannelHost
from app.settlement.queries import paying_link
from app.steps import NextAction
from app.suspensions.queries import suspended_of
from app.upgrades.advancing import activated, lapse_if_due
from app.upgrades.models import Upgrade, UpgradeState
from app.upgrades.queries import current_upgrade

EXACT = timedelta(0)


async def activate_license(
    host: ChannelHost,
    license_text: str,
    ak: str,
    sk: str,
    data_gateway_url: str,
    fingerprint: str,
    dialing_test: bool,
    address: str,
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
    return await activate(host, account, license_text, data_gateway_url, fingerprint, dialing_test, address)


async def activate(
    host: ChannelHost,
    account: Account,
    license_text: str,
    data_gateway_url: str,
    fingerprint: str,
    dialing_test: bool,
    address: str,
) -> Deployment:
    """Activate a license on a deployment of a locked account: of two that race for it, one comes first.

    Raises:
        InvalidGatewayUrl: see ``check_gateway``.
        InvalidInput: the fingerprint has not 8 to 128 visible ASCII characters.
        InvalidLicense: malformed, forged, out of its time, revoked, suspended, another account's, bound or
            transferred to another deployment, or active on another.
        StepOutOfOrder: the license is neither free nor of the account's contract, and the account's upgrade lacks a
            step after the free period (a newer agreement to accept, a channel that collects what is charged now).
    """
    check_gateway(data_gateway_url)
    check_fingerprint(fingerprint)
    now = account.now()
    claims = read_license(license_text, await public_keys(), now, leeway=EXACT)
    if claims.account_id != str(account.id):
        raise refuse_document(Kind.LICENSE, RefusalReason.OTHER_ACCOUNT)
    held = await License.get_or_none(id=UUID(claims.license_id), account_id=account.id)
    if held is None:
        raise refuse_document(Kind.LICENSE, RefusalReason.MALFORMED)
    _check_usable(held, fingerprint)
    actor = Actor(kind=ActorKind.DEPLOYMENT, label=fingerprint, address=address)
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
    if not (await suspended_of(account.id)).isdisjoint((account.id, held.id, deployment.id)):
        raise refuse_document(Kind.LICENSE, RefusalReason.SUSPENDED)
    if held.deployment_id not in (None, deployment.id):
        first = await Deployment.get(id=held.deployment_id)
        raise refuse_document(Kind.LICENSE, RefusalReason.ALREADY_ACTIVE_ELSEWHERE, active_on=first.fingerprint)
    await lapse_if_due(account, now)
    upgrade = await _upgrade_behind(host, account, held)
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
        await activated(account, upgrade, actor, await served_until(account.id))
    return deployment


async def challenge_key(text: str) -> AccessKey:
    """The access key that a challenge says it is signed with.

    Raises:
        InvalidDocument: it is no challenge, or no live key is named in it.
    """
    return await _carried_key(Kind.CHALLENGE, text)


async def activate_by_challenge(
    host: ChannelHost, account: Account, key: AccessKey, text: str, address: str
) -> tuple[Deployment, str]:
    """Activate by a challenge that was carried in; the deployment, and the challenge's nonce for the receipt.

    Raises:
        InvalidDocument: not signed with the key's SK within 7 days, or used before.
        InvalidGatewayUrl, InvalidInput, InvalidLicense, StepOutOfOrder: see ``activate``.
    """
    challenge: Challenge = read_challenge(text, secret_of(key), account.now())
    await _once(Kind.CHALLENGE, key, challenge)
    with within("challenge"):
        deployment = await activate(
            host,
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
    with within("file"):
        return await find_deployment(account.id, usage.fingerprint), usage


async def _upgrade_behind(host: ChannelHost, account: Account, held: License) -> Upgrade | None:
    if held.edition == EditionKey.COMMUNITY:
        return None
    if held.expires_at is None or any(one.edition == held.edition for one in await live_contracts(account.id)):
        return None
    upgrade = await current_upgrade(account.id)
    refuse((await by_upgrade(account, upgrade)).missing())
    link = await paying_link(account.id)
    waits = upgrade is not None and upgrade.state != UpgradeState.ACTIVE
    if waits and link is not None and await cannot_collect(host, account, link.channel):
        refuse(NextAction.CHOOSE_SETTLEMENT_CHANNEL)
    return upgrade


def _check_usable(held: License, fingerprint: str) -> None:
    if held.state == LicenseState.REVOKED:
        raise refuse_document(Kind.LICENSE, RefusalReason.REVOKED)
    if held.fingerprint not in (None, fingerprint):
        raise refuse_document(Kind.LICENSE, RefusalReason.OTHER_DEPLOYMENT)
    if held.reserved_for not in (None, fingerprint):
        raise refuse_document(Kind.LICENSE, RefusalReason.TRANSFERRED)


async def _carried_key(kind: Kind, text: str) -> AccessKey:
    try:
        return await find_access_key(key_id(kind, text))
    except InvalidCredentials:
        raise refuse_document(kind, RefusalReason.UNKNOWN_KEY) from None


async def _once(kind: Kind, key: AccessKey, carried: Challenge | UsageFile) -> None:
    try:
        await remember_nonce(Nonce(key.id, carried.nonce, remember_until(kind, carried.issued_at)))
    except ReplayedRequest:
        raise refuse_document(kind, RefusalReason.REPLAYED) from None
