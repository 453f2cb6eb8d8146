"""Looking up access keys and deployments, and who reports."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app import clock, secretbox
from app.accounts.models import Account
from app.db.lookup import find
from app.db.sql import statement
from app.deployments.models import AccessKey, Deployment
from app.errors import (
    InvalidCredentials,
    NotFound,
)

REPORTER = statement(__file__, "reporter")
BY_FINGERPRINT = statement(__file__, "by_fingerprint")


async def find_access_key(ak: str) -> AccessKey:
    """The live key with that AK.

    Raises:
        InvalidCredentials: unknown or revoked.
    """
    key = await find(AccessKey, {"ak": ak})
    if key is None or (key.revoked_at is not None and key.revoked_at <= clock.now()):
        raise InvalidCredentials(path=("ak",))
    return key


async def check_access_key(ak: str, sk: str) -> AccessKey:
    """The live key with that AK and SK, the SK compared in constant time.

    Raises:
        InvalidCredentials: unknown, revoked, or not its SK.
    """
    key = await find_access_key(ak)
    if not secrets.compare_digest(secret_of(key), sk.encode()):
        raise InvalidCredentials(path=("sk",))
    return key


def secret_of(key: AccessKey) -> bytes:
    """The SK in the clear, to check signatures with."""
    return secretbox.decrypt(key.sk_encrypted)


@dataclass(frozen=True)
class Reporter:
    """Who reports usage: a live access key, its account, and the deployment, if it was activated there."""

    key: AccessKey
    account: Account
    deployment: Deployment | None


async def find_reporter(ak: str, fingerprint: str) -> Reporter:
    """Key, account and deployment of a report, in one round trip.

    Raises:
        InvalidCredentials: the AK is unknown or revoked.
    """
    rows = await REPORTER.rows(ak, fingerprint, clock.now())
    if not rows:
        raise InvalidCredentials()
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
    deployment = await find(Deployment, {"fingerprint": fingerprint}, account_id=account_id)
    return known(deployment)


def known(deployment: Deployment | None) -> Deployment:
    """The deployment that was looked for.

    Raises:
        NotFound: none with that fingerprint was activated.
    """
    if deployment is None:
        raise NotFound(what="activated deployment with this fingerprint", path=("fingerprint",))
    return deployment


@dataclass(frozen=True)
class Named:
    """What a fingerprint stands for: how many deployments, and, if it is one, its key and its account's."""

    fingerprint: str
    found: int
    deployment_id: UUID | None
    account_id: UUID | None


async def named_deployments(fingerprints: Sequence[str], account_id: UUID | None) -> list[Named]:
    """What fingerprints stand for, among an account's deployments or everybody's."""
    return [Named(**row) for row in await BY_FINGERPRINT.rows(fingerprints, account_id)]
