"""A stand-in of Alibaba Cloud Marketplace: checks signatures and limits, keeps a book, misbehaves on order.

``python -m tests.standins.aliyun --port 9002`` runs it alone. ``GET /_book`` shows the book. JSON is posted to
``/_behave`` (``{"faults": ["throttle"]}``: what happens to the next requests), ``/_instances`` (``{"id", "product",
"expired"}``: an instance is sold, or expires) and ``/_call`` (``{"url", "action", "parameters"}``: the marketplace
calls the seller, with the right token).

It takes the same instance, times and key again without booking it twice; the provider does not say whether it does.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl, quote
from uuid import uuid4

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.standins.serving import serving

ACCESS_KEY_ID = "LTAIstandin"
ACCESS_KEY_SECRET = "stand-in-access-key-secret"
ISV_KEY = "stand-in-isv-key"
PRODUCT = "cmgj00012345"
FAULTS = ("throttle", "accept_then_hang", "accept_then_drop", "500", "drop")
AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")
SIGNED = {"host", *(f"x-acs-{name}" for name in ("action", "version", "date", "signature-nonce", "content-sha256"))}
KEYS = {"Frequency", "Period", "PeriodMin", "Storage", "NetworkIn", "NetworkOut", "Character", "DailyActiveUser"}
KEYS |= {"VirtualCpu", "Unit", "Memory", "KTokens", "Suit", "StorageGigaByte"}
CHINA_OFFSET = 8 * 3600
DAY = 86_400
EVERY = 60
HANG = 7


@dataclass
class Instance:
    """An instance that was sold; ``pushed_at`` is when a request for it was last taken, ``ends_on`` in milliseconds."""

    id: str
    product: str
    expired: bool = False
    pushed_at: float | None = None
    status: str = "OPENED"
    ends_on: int | None = None


@dataclass(frozen=True)
class Booked:
    """A metering record in the book."""

    instance_id: str
    start_time: int
    end_time: int
    key: str
    value: int


class Refusal(Exception):
    """An error that the marketplace answers."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Vanish(Response):
    """No answer: the connection is cut."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin an answer that never ends; the server then closes the connection."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Standin:
    """The marketplace; ``now`` is its clock (Unix seconds), which the limits are measured by."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.instances: dict[str, Instance] = {}
        self.book: list[Booked] = []
        self.requests: list[list[dict[str, Any]]] = []
        self.faults: deque[str] = deque()
        self.failed: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.repeats = 0
        self.refused: list[str] = []
        self.url = ""
        self._nonces: set[str] = set()
        self._booked: set[Booked] = set()

    def settings(self) -> dict[str, str]:
        """What a seller's channel is set to, so that it talks to this stand-in."""
        return {
            "access_key_id": ACCESS_KEY_ID,
            "access_key_secret": ACCESS_KEY_SECRET,
            "isv_key": ISV_KEY,
            "product_codes": PRODUCT,
            "endpoint": self.url,
            "protocol": "http",
        }

    def add(self, id: str, product: str = PRODUCT) -> Instance:
        """An instance is sold."""
        return self.instances.setdefault(id, Instance(id, product))

    def fail(self, id: str, action: str, message: str) -> None:
        """A call that the seller never answered with success is kept as failed."""
        self.failed[id] = {"NotificationRequestId": id, "Action": action, "Message": message, "CreateTime": 0}

    def app(self) -> Starlette:
        """The stand-in's ASGI application."""
        return Starlette(
            routes=[
                Route("/", self._api, methods=["POST"]),
                Route("/_book", self._show, methods=["GET"]),
                Route("/_behave", self._behave, methods=["POST"]),
                Route("/_instances", self._sell, methods=["POST"]),
                Route("/_call", self._call, methods=["POST"]),
            ]
        )

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Standin]:
        """Serve on a free port of this machine, in this process."""
        async with serving(self.app()) as self.url:
            yield self

    async def _show(self, request: Request) -> JSONResponse:
        return JSONResponse({"book": [asdict(booked) for booked in self.book], "repeats": self.repeats})

    async def _behave(self, request: Request) -> JSONResponse:
        faults = (await request.json())["faults"]
        if unknown := [fault for fault in faults if fault not in FAULTS]:
            return JSONResponse({"unknown": unknown}, 400)
        self.faults.extend(faults)
        return JSONResponse({"faults": list(self.faults)})

    async def _sell(self, request: Request) -> JSONResponse:
        asked = await request.json()
        instance = self.add(asked["id"], asked.get("product", PRODUCT))
        instance.expired = asked.get("expired", False)
        return JSONResponse(asdict(instance))

    async def _call(self, request: Request) -> JSONResponse:
        asked = await request.json()
        async with httpx.AsyncClient(timeout=10) as http:
            answer = await call_seller(http, asked["url"], asked["action"], **asked.get("parameters", {}))
        return JSONResponse({"status": answer.status_code, "body": answer.text})

    async def _api(self, request: Request) -> Response:
        fault = self.faults.popleft() if self.faults else ""
        if fault == "drop":
            return Vanish()
        try:
            self._check_signature(request, await request.body())
            if fault == "throttle":
                raise Refusal(400, "Throttling.User")
            if fault == "500":
                raise Refusal(500, "InternalError")
            answer = self._answer(request)
        except Refusal as refusal:
            self.refused.append(refusal.code)
            return JSONResponse(
                {"RequestId": str(uuid4()).upper(), "Code": refusal.code, "Message": refusal.code}, refusal.status
            )
        if fault == "accept_then_hang":
            await asyncio.sleep(HANG)
        if fault == "accept_then_drop":
            return Vanish()
        return JSONResponse({"RequestId": str(uuid4()).upper(), **answer})

    def _answer(self, request: Request) -> dict[str, Any]:
        action = request.headers["x-acs-action"]
        if request.headers["x-acs-version"] != "2015-11-01":
            raise Refusal(404, "InvalidVersion")
        self.asked.append(action)
        match action:
            case "PushMeteringData":
                self._push(request)
                return {"Success": True}
            case "DescribeFailedNotifications":
                page, size = int(request.query_params["PageNumber"]), int(request.query_params["PageSize"])
                shown = list(self.failed.values())[(page - 1) * size : page * size]
                about = {"PageNumber": page, "PageSize": size, "TotalCount": len(self.failed)}
                return {"NotificationList": shown, **about}
            case "ConfirmNotification":
                if self.failed.pop(request.query_params["NotificationRequestId"], None) is None:
                    raise Refusal(400, "InvalidNotification")
                return {"Success": True}
            case "DescribeInstanceForIsv":
                instance = self.instances.get(request.query_params["InstanceId"])
                if instance is None:
                    raise Refusal(404, "InstanceNotExist")
                return {"Status": instance.status, "EndOn": instance.ends_on, "ProductType": "APP"}
        raise Refusal(404, "InvalidAction.NotFound")

    def _check_signature(self, request: Request, body: bytes) -> None:
        """ACS3-HMAC-SHA256, from what came over the wire (Alibaba Cloud: request structure and signature, V3)."""
        given = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if given is None:
            raise Refusal(400, "IncompleteSignature")
        credential, names, signature = given.groups()
        if credential != ACCESS_KEY_ID:
            raise Refusal(404, "InvalidAccessKeyId.NotFound")
        signed = names.split(";")
        needed = {
            "host",
            "x-acs-action",
            "x-acs-version",
            "x-acs-date",
            "x-acs-signature-nonce",
            "x-acs-content-sha256",
        }
        if signed != sorted(signed) or not needed <= set(signed):
            raise Refusal(400, "IncompleteSignature")
        payload = hashlib.sha256(body).hexdigest()
        pairs = sorted(parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True))
        canonical = "\n".join(
            [
                request.method,
                request.scope["raw_path"].decode(),
                "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs),
                *(f"{name}:{','.join(request.headers.getlist(name)).strip()}" for name in signed),
                "",
                names,
                payload,
            ]
        )
        text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        expected = hmac.new(ACCESS_KEY_SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
        if request.headers["x-acs-content-sha256"] != payload or not hmac.compare_digest(expected, signature):
            raise Refusal(400, "SignatureDoesNotMatch")
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            raise Refusal(400, "SignatureNonceUsed")
        self._nonces.add(nonce)

    def _push(self, request: Request) -> None:
        try:
            entries = json.loads(request.query_params["Metering"])
            wanted = [(entry["InstanceId"], *_read(entry)) for entry in entries]
        except (KeyError, ValueError, TypeError) as error:
            raise Refusal(400, "InvalidMetering") from error
        if not 0 < len(wanted) <= 100:
            raise Refusal(400, "InvalidMetering.Size")
        now = self.now()
        touched = {id: self.instances.get(id) for id, *_ in wanted}
        for instance in touched.values():
            if instance is None:
                raise Refusal(400, "InvalidInstance")
            if instance.expired:
                raise Refusal(400, "InstanceExpired")
            if instance.pushed_at is not None and now - instance.pushed_at < EVERY:
                raise Refusal(400, "Throttling.Instance")
        if len({instance.product for instance in touched.values() if instance}) != 1:
            raise Refusal(400, "InvalidProduct.NotSame")
        for _, start, end, _, value in wanted:
            day = (start + CHINA_OFFSET) // DAY
            if value < 0 or end - start <= 300 or (end - 1 + CHINA_OFFSET) // DAY != day:
                raise Refusal(400, "InvalidMetering")
            if (now + CHINA_OFFSET) // DAY > day + 1:
                raise Refusal(400, "MeteringExpired")
        self.requests.append(entries)
        for instance in touched.values():
            if instance:
                instance.pushed_at = now
        for booked in (Booked(*entry) for entry in wanted):
            if booked in self._booked:
                self.repeats += 1
            else:
                self._booked.add(booked)
                self.book.append(booked)


def _read(entry: dict[str, Any]) -> tuple[int, int, str, int]:
    (entity,) = entry["Entities"]
    if entity["Key"] not in KEYS:
        raise ValueError(entity["Key"])
    return int(entry["StartTime"]), int(entry["EndTime"]), entity["Key"], int(entity["Value"])


def signed_call(key: str = ISV_KEY, **parameters: str) -> dict[str, str]:
    """The parameters of a call to the seller, with the token that the marketplace's documentation describes."""
    line = "&".join(f"{name}={parameters[name]}" for name in sorted(parameters))
    return {**parameters, "token": hashlib.md5(f"{line}&key={key}".encode()).hexdigest()}


async def call_seller(http: httpx.AsyncClient, url: str, action: str, **parameters: str) -> httpx.Response:
    """Call the seller at ``url`` as the marketplace does."""
    return await http.get(url, params=signed_call(action=action, **parameters))


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9002)
    uvicorn.run(Standin().app(), host="127.0.0.1", port=parser.parse_args().port, log_level="warning")


if __name__ == "__main__":
    main()
