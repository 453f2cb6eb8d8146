"""What the servers are sent: which deployment reports which ids in which hour, and how each server wants that put."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import orjson
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms

REPORT = """
mutation Report($fingerprint: String!, $reports: [HourlyUsageInput!]!) {
  reportUsage(fingerprint: $fingerprint, reports: $reports) {
    __typename
    ... on ReportUsageSuccess { accepted { hour count } }
    ... on Error { code message path }
  }
}
"""


@dataclass
class Reporter:
    """The deployments of one account, and the key that they sign with."""

    ak: str = ""
    sk: str = ""
    fingerprints: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """One call's usage: the deployment (by number), the hour, and the ids."""

    deployment: int
    hour: datetime
    ids: tuple[str, ...]


def plan_calls(count: int, deployments: int, offset: int, size: int) -> list[Call]:
    """``count`` calls of ``size`` ids.

    Each deployment reports hour after hour, and after 30 days the same hours again, half of the ids changed.
    """
    latest = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    calls = []
    for number in range(offset, offset + count):
        step = number // deployments
        first = (step // 720) * (size // 2)
        ids = tuple(f"host-{first + index:06d}.datacenter.example" for index in range(size))
        calls.append(Call(number % deployments, latest - timedelta(hours=step % 720), ids))
    return calls


def spread(requests: Sequence[bytes], connections: int) -> list[Sequence[bytes]]:
    """Requests dealt out to connections; each deployment's stay on one connection, in order."""
    return [requests[number::connections] for number in range(connections)]


def bare_body(call: Call, account: UUID | None, deployments: Sequence[UUID]) -> bytes:
    """What the bare handlers take; a signature says whose it is, if ``account`` does not."""
    return orjson.dumps(
        {
            "account": account,
            "deployment": deployments[call.deployment],
            "reports": [{"hour": call.hour, "dataKits": call.ids}],
        }
    )


def graphql_body(call: Call, reporter: Reporter) -> bytes:
    """What a Launcher posts."""
    variables = {
        "fingerprint": reporter.fingerprints[call.deployment],
        "reports": [{"hour": call.hour, "dataKits": call.ids}],
    }
    return orjson.dumps({"query": REPORT, "variables": variables})


def rival_body(mutation: str, call: Call, deployments: Sequence[UUID]) -> bytes:
    """What a rival takes: the same report, with nothing to prove who sends it."""
    variables = {"deployment": deployments[call.deployment], "hour": call.hour, "dataKits": call.ids}
    return orjson.dumps({"query": mutation, "variables": variables})


def signed(url: str, body: bytes, reporter: Reporter) -> dict[str, str]:
    """The headers of a signed request (docs/launcher-signing.md)."""

    class Keys(HTTPSignatureKeyResolver):
        def resolve_private_key(self, key_id: str) -> bytes:
            return reporter.sk.encode()

        def resolve_public_key(self, key_id: str) -> bytes:
            return reporter.sk.encode()

    request = httpx.Request("POST", url, content=body, headers={"Content-Type": "application/json"})
    HTTPMessageSigner(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=Keys()).sign(
        request,
        key_id=reporter.ak,
        created=datetime.now(UTC),
        nonce=secrets.token_urlsafe(16),
        label="sig1",
        covered_component_ids=("@method", "@target-uri", "content-digest", "content-type"),
        body=body,
    )
    return {name: request.headers[name] for name in ("content-type", "content-digest", "signature-input", "signature")}
