"""A stand-in for Stripe Checkout: ``python -m tests.standins.stripe --port 9003 --webhook URL``.

``/v1/…`` is the provider's API: bearer key, ``Stripe-Version``, form-encoded bodies, ``Idempotency-Key``. What is paid,
refunded or disputed is announced to the webhook by events that are signed as Stripe signs them. For people and tests:
``/pay/<session>`` is the page to pay at, ``GET /_book`` lists the sessions, ``POST /_behave`` makes what comes next go
wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.standins.aws import Dropped
from tests.standins.serving import serving

SECRET_KEY, WEBHOOK_SECRET = "sk_test_stand-in-secret", "whsec_stand-in-secret"
MISBEHAVIOURS = ("fail", "drop", "drop_after_accepting", "announce_twice", "announce_never")
LEAST, MOST = 350, 99_999_999
DAY_SECONDS = 24 * 60 * 60
KNOWN = re.compile(
    r"mode|success_url|cancel_url|client_reference_id|metadata\[\w+\]|adaptive_pricing\[enabled\]"
    r"|payment_intent_data\[(description|metadata\]\[\w+)\]|line_items\[0\]\[quantity\]"
    r"|line_items\[0\]\[price_data\]\[(currency|unit_amount|product_data\]\[name)\]"
)
PAGE = """<!doctype html><title>Stand-in for Stripe Checkout</title><h1>{amount} {currency}</h1>
<form method=post><button>Pay</button></form>"""


class Refused(Exception):
    """An error that goes over the wire."""

    def __init__(self, status: int, kind: str, code: str | None = None, message: str = "") -> None:
        super().__init__(message or code or kind)
        self.status, self.kind, self.code = status, kind, code


class Stripe:
    """What the provider knows: sessions and payments by their ids, and the answers that idempotency keys had."""

    def __init__(self) -> None:
        self.url = self.webhook = ""
        self.sessions: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, tuple[bytes, dict[str, Any]]] = {}
        self.misbehave: Counter[str] = Counter()
        self.announced: list[tuple[dict[str, str], bytes, int]] = []
        self.requests: list[str] = []

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Stripe]:
        """Serve on a free port of this machine, in this process."""
        async with serving(self.app()) as address:
            self.url = f"http://{address}"
            yield self

    def app(self) -> Starlette:
        """The HTTP application."""
        return Starlette(
            routes=[
                Route("/v1/{path:path}", self.api, methods=["GET", "POST"]),
                Route("/pay/{id}", self.page, methods=["GET", "POST"]),
                Route("/_book", self.show_book),
                Route("/_behave", self.behave, methods=["POST"]),
            ]
        )

    async def api(self, request: Request) -> Response:
        """One call of the provider's API."""
        body = await request.body()
        self.requests.append(f"{request.method} {request.url.path}")
        try:
            self._check(request)
            if self._told("fail"):
                raise Refused(500, "api_error")
            if self._told("drop"):
                return Dropped()
            answer = self._once(request, body)
        except Refused as error:
            told = {"type": error.kind, "code": error.code, "message": str(error)}
            return JSONResponse({"error": told}, error.status, headers={"request-id": "req_stand-in"})
        return Dropped() if self._told("drop_after_accepting") else JSONResponse(answer)

    def _check(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {SECRET_KEY}":
            raise Refused(401, "invalid_request_error", None, "Invalid API Key provided")
        if not request.headers.get("stripe-version"):
            raise Refused(400, "invalid_request_error", None, "no Stripe-Version")
        encoded = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        if request.method == "POST" and not (encoded and request.headers.get("idempotency-key")):
            raise Refused(400, "invalid_request_error", None, "a form with an Idempotency-Key is needed")

    def _once(self, request: Request, body: bytes) -> dict[str, Any]:
        if request.method == "GET":
            return self._read(request)
        key, asked = request.headers["idempotency-key"], request.url.path.encode() + b"?" + body
        before = self.answers.get(key)
        if before is not None and before[0] != asked:
            raise Refused(400, "idempotency_error", None, "the key was used with other parameters")
        if before is None:
            self.answers[key] = before = (asked, self._write(request.url.path, body))
        return before[1]

    def _read(self, request: Request) -> dict[str, Any]:
        *_, kind, id = request.url.path.split("/")
        found = (self.sessions if kind == "sessions" else self.payments).get(id)
        if found is None:
            raise Refused(404, "invalid_request_error", "resource_missing", f"No such {kind}: '{id}'")
        expanded = request.query_params.get("expand[0]") == "payment_intent" and found["payment_intent"]
        return {**found, "payment_intent": self.payments[found["payment_intent"]]} if expanded else dict(found)

    def _write(self, path: str, body: bytes) -> dict[str, Any]:
        if path == "/v1/checkout/sessions":
            return self._create(dict(parse_qsl(body.decode(), strict_parsing=True)))
        expiring = re.fullmatch(r"/v1/checkout/sessions/(\w+)/expire", path)
        if not expiring or expiring[1] not in self.sessions:
            raise Refused(404, "invalid_request_error", "resource_missing")
        session = self.sessions[expiring[1]]
        if session["status"] != "open":
            raise Refused(400, "invalid_request_error", None, "Only open Checkout Sessions can be expired")
        session |= {"status": "expired", "url": None}
        return dict(session)

    def _create(self, asked: dict[str, str]) -> dict[str, Any]:
        for name in asked:
            if not KNOWN.fullmatch(name):
                raise Refused(400, "invalid_request_error", "parameter_unknown", f"Received unknown parameter: {name}")
        price = "line_items[0][price_data]"
        needed = ("mode", "success_url", "line_items[0][quantity]", f"{price}[currency]", f"{price}[unit_amount]")
        for name in (*needed, f"{price}[product_data][name]"):
            if not asked.get(name):
                raise Refused(400, "invalid_request_error", "parameter_missing", f"Missing required param: {name}")
        amount = int(asked[f"{price}[unit_amount]"]) * int(asked["line_items[0][quantity]"])
        if not LEAST <= amount <= MOST:
            raise Refused(400, "invalid_request_error", "amount_too_small" if amount < LEAST else "amount_too_large")
        return self.session(amount, asked[f"{price}[currency]"], _marked(asked, "metadata"), asked["success_url"])

    def session(
        self, amount: int, currency: str, metadata: dict[str, str], success_url: str = "https://x.example"
    ) -> dict[str, Any]:
        """An open session, its payment marked as it is."""
        id = f"cs_test_{secrets.token_hex(12)}"
        made = {
            "id": id,
            "object": "checkout.session",
            "mode": "payment",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": amount,
            "currency": currency,
            "metadata": metadata,
            "success_url": success_url,
            "expires_at": int(time.time()) + DAY_SECONDS,
            "url": f"{self.url}/pay/{id}",
        }
        self.sessions[id] = made
        return dict(made)

    async def pay(self, id: str, amount: int | None = None, currency: str | None = None, later: bool = False) -> str:
        """Somebody pays at the page; the payment's id. ``later``: by a means that is certain only after a while."""
        session = self.sessions[id]
        session["amount_total"] = session["amount_total"] if amount is None else amount
        session["currency"] = currency or session["currency"]
        payment = {
            "id": f"pi_{secrets.token_hex(12)}",
            "object": "payment_intent",
            "status": "processing" if later else "succeeded",
            "amount": session["amount_total"],
            "currency": session["currency"],
            "metadata": session["metadata"],
        }
        self.payments[payment["id"]] = payment
        session |= {"status": "complete", "payment_intent": payment["id"], "url": None}
        session["payment_status"] = "unpaid" if later else "paid"
        await self.announce("checkout.session.completed", session)
        return str(payment["id"])

    async def finish(self, id: str, paid: bool) -> None:
        """A payment that was under way succeeds, or fails."""
        session = self.sessions[id]
        session["payment_status"] = "paid" if paid else "unpaid"
        payment = self.payments[session["payment_intent"]]
        payment["status"] = "succeeded" if paid else "requires_payment_method"
        outcome = "succeeded" if paid else "failed"
        await self.announce(f"checkout.session.async_payment_{outcome}", session)

    async def lapse(self, id: str) -> None:
        """Nobody paid for a day."""
        self.sessions[id] |= {"status": "expired", "url": None}
        await self.announce("checkout.session.expired", self.sessions[id])

    async def reverse(self, event: str, payment: str) -> int:
        """A refund or dispute; what the webhook answered."""
        about = {
            "id": f"{'re' if event.startswith('refund') else 'dp'}_{secrets.token_hex(12)}",
            "object": event.split(".")[-2],
            "payment_intent": payment,
            "amount": self.payments[payment]["amount"],
            "currency": self.payments[payment]["currency"],
            "reason": "fraudulent",
            "status": "needs_response",
        }
        return await self.announce(event, about)

    async def announce(self, kind: str, about: dict[str, Any]) -> int:
        """Sign an event and send it to the webhook; the last answer."""
        if self._told("announce_never"):
            return 0
        event = {
            "id": f"evt_{secrets.token_hex(12)}",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "data": {"object": about},
        }
        body = json.dumps(event).encode()
        sent = [await self.send(body, self.signature(body)) for _ in range(1 + self._told("announce_twice"))]
        return sent[-1]

    async def send(self, body: bytes, signature: str) -> int:
        """Post to the webhook; the answer's status."""
        headers = {"content-type": "application/json", "stripe-signature": signature}
        async with httpx.AsyncClient() as http:
            status = (await http.post(self.webhook, content=body, headers=headers)).status_code
        self.announced.append((headers, body, status))
        return status

    def signature(self, body: bytes, secret: str = WEBHOOK_SECRET, age: int = 0) -> str:
        """``Stripe-Signature``: HMAC-SHA256 of the time, a full stop, and the body."""
        at = int(time.time()) - age
        return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"

    async def page(self, request: Request) -> Response:
        """The page to pay at."""
        session = self.sessions.get(request.path_params["id"])
        if session is None or session["status"] != "open":
            return HTMLResponse("<h1>This page is no longer open</h1>", 404)
        if request.method == "GET":
            amount = f"{session['amount_total'] // 100}.{session['amount_total'] % 100:02}"
            return HTMLResponse(PAGE.format(amount=amount, currency=session["currency"].upper()))
        await self.pay(session["id"])
        return RedirectResponse(session["success_url"], 303)

    async def show_book(self, request: Request) -> Response:
        """Every session."""
        return JSONResponse(list(self.sessions.values()))

    async def behave(self, request: Request) -> Response:
        """``{"fail": 3, ...}`` for what comes next."""
        asked = await request.json()
        if unknown := set(asked) - set(MISBEHAVIOURS):
            return JSONResponse({"unknown": sorted(unknown), "known": MISBEHAVIOURS}, 400)
        self.misbehave.update(asked)
        return Response(status_code=204)

    def _told(self, name: str) -> bool:
        told = self.misbehave[name] > 0
        self.misbehave[name] -= told
        return told


def _marked(asked: dict[str, str], name: str) -> dict[str, str]:
    return {key[len(name) + 1 : -1]: value for key, value in asked.items() if key.startswith(f"{name}[")}


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9003)
    parser.add_argument("--webhook", default="http://127.0.0.1:8000/channels/guance/payments")
    given = parser.parse_args()
    stripe = Stripe()
    stripe.url, stripe.webhook = f"http://127.0.0.1:{given.port}", given.webhook
    uvicorn.run(stripe.app(), host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
