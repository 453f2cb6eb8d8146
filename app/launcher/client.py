"""A small GraphQL client of the billing center, as a Launcher or a script would have one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from app.protocol.signing import sign_request


class Refused(Exception):
    """The billing center answered with a typed error, or with GraphQL errors."""


class Failed(Refused):
    """The billing center could not do it now: something is wrong inside, or before it. The same again may work."""


@dataclass(frozen=True)
class AccessKey:
    """An AK/SK pair that requests are signed with."""

    ak: str
    sk: str


def reach(url: str) -> str:
    """The GraphQL endpoint of the billing center at ``url``, which may have the path of that endpoint already.

    Raises:
        Refused: nothing answers there.
    """
    base = url.rstrip("/").removesuffix("/graphql")
    try:
        httpx.get(f"{base}/healthz", timeout=10)
    except httpx.TransportError:
        raise Refused(f"nothing answers at {base}: start `make run` first") from None
    return f"{base}/graphql"


class BillingClient:
    """Sends GraphQL operations over HTTP; a mutation's typed error becomes ``Refused``."""

    def __init__(self, url: str, token: str | None = None, locale: str = "en") -> None:
        self.url = url
        self.token = token
        self._http = httpx.Client(timeout=30, limits=httpx.Limits(), headers={"Accept-Language": locale})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def execute(self, document: str, variables: dict[str, Any], key: AccessKey | None = None) -> dict[str, Any]:
        """The ``data`` of an operation's answer; signed with ``key`` if given, else sent with the bearer token.

        Raises:
            Refused: the answer has GraphQL errors, or is not GraphQL; ``Failed`` where that is the server's own fault.
            httpx.HTTPError: the server does not answer.
        """
        body = orjson.dumps({"query": document, "variables": variables})
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers |= sign_request(key.ak, key.sk, "POST", self.url, body, datetime.now(UTC))
        elif self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        response = self._http.post(self.url, content=body, headers=headers)
        try:
            answer = response.json()
        except ValueError:
            kind = Failed if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR else Refused
            raise kind(f"{response.status_code} {response.text[:300]}") from None
        if answer.get("errors"):
            internal = any(error.get("extensions", {}).get("code") == "INTERNAL" for error in answer["errors"])
            raise (Failed if internal else Refused)("; ".join(error["message"] for error in answer["errors"]))
        return dict(answer["data"])

    def mutate(self, document: str, variables: dict[str, Any], key: AccessKey | None = None) -> dict[str, Any]:
        """The success object of a document's only mutation.

        Raises:
            Refused: the mutation answered with a typed error.
        """
        (result,) = self.execute(document, variables, key).values()
        if "code" in result:
            raise Refused(f"{result['code']}: {result['message']}")
        return dict(result)
