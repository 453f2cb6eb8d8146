"""A stand-in for AWS Marketplace Metering, its agreements, and SNS: ``python -m tests.standins.aws --port 9001``.

``POST /`` is the provider's API (JSON, SigV4). For people and tests: ``GET /_book`` lists what was metered; ``POST
/_customers``, ``/_agreements`` and ``/_tokens`` make buyers, their agreements and registration tokens; ``/_behave``
makes the next requests go wrong, and ``/_notify`` sends a signed SNS message.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.serving import serving

ACCESS_KEY, SECRET_KEY = "AKIDSTANDIN", "stand-in-secret-key"
PRODUCT, DIMENSION = "prod-datakit", "datakit_days"
PRODUCTS = (PRODUCT, "prod-other")
WINDOW = timedelta(hours=24)
MONTH_CLOSES = timedelta(hours=6)
CERTIFICATE = "SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem"
TOPIC = "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-prod-datakit"
CONTENT_TYPE = "application/x-amz-json-1.1"
HANG_SECONDS = 30
LOST_ANSWERS = ("drop_after_accepting", "time_out_after_accepting")
MISBEHAVIOURS = ("throttle", "fail", "drop", *LOST_ANSWERS, "unprocessed", "partly_unprocessed")


class Refused(Exception):
    """An error that goes over the wire."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(message or code)
        self.code, self.status = code, status


class Aws:
    """What the provider knows. ``subscribed`` holds who may be metered; ``book`` every honoured record
    by customer, license or product, dimension, hour and region: AWS knows a record again in one region alone.
    ``agreements`` are by id.

    ``misbehave`` counts how often each fault is still to happen; ``faults`` says what happens to the next requests in
    turn (an empty one: nothing).
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC), rate: int = 10) -> None:
        self.clock = clock
        self.rate = rate
        self.url = ""
        self.tokens: dict[str, dict[str, Any]] = {}
        self.subscribed: set[str] = set()
        self.licenses: dict[str, str] = {}
        self.products: dict[str, str] = {}
        self.agreements: dict[str, dict[str, Any]] = {}
        self.book: dict[tuple[str, str, str, str, str], dict[str, Any]] = {}
        self.requests: list[dict[str, Any]] = []
        self.misbehave: Counter[str] = Counter()
        self.faults: deque[str] = deque()
        self.confirmed: list[str] = []
        self.refused: list[str] = []
        self._recent: dict[str, deque[float]] = defaultdict(deque)
        self._key = _key()
        self._certificate = certificate_of(self._key)

    def settings(self) -> dict[str, str]:
        """What a seller's channel is set to, so that it talks to this stand-in."""
        return {
            "product_code": PRODUCT,
            "dimension": DIMENSION,
            "access_key_id": ACCESS_KEY,
            "secret_access_key": SECRET_KEY,
            "endpoint_url": self.url,
            "sns_topic_arns": TOPIC,
            "sns_test_host": self.url.removeprefix("http://"),
        }

    def customer(
        self, account: str, license_arn: str | None = None, identifier: str | None = None, product: str = PRODUCT
    ) -> None:
        """A buyer with an active subscription: of a new product by license, of an old one by identifier."""
        self.subscribed |= {name for name in (account, identifier) if name}
        if license_arn:
            self.licenses[license_arn] = account
            self.products[license_arn] = product

    def agreement(
        self,
        id: str,
        account: str,
        license_arn: str | None = None,
        status: str = "ACTIVE",
        initial: str | None = None,
        entitlement: str = "PROVISIONED",
    ) -> None:
        """An agreement, the first of its chain or the successor of ``initial``, with one entitlement."""
        self.agreements[id] = {
            "agreementId": id,
            "acceptor": {"accountId": account},
            "status": status,
            "initialAgreementId": initial or id,
            "entitlements": [{"status": entitlement, **({"licenseArn": license_arn} if license_arn else {})}],
        }

    def token(
        self,
        account: str | None,
        license_arn: str | None = None,
        identifier: str | None = None,
        agreement: str | None = None,
        product: str = PRODUCT,
    ) -> str:
        """A registration token that resolves to the buyer."""
        token = f"token-{uuid4().hex}"
        answer = {
            "CustomerIdentifier": identifier or "",
            "ProductCode": product,
            "CustomerAWSAccountId": account,
            "LicenseArn": license_arn,
            "Metadata": {"AgreementId": agreement} if agreement else None,
        }
        self.tokens[token] = {name: value for name, value in answer.items() if value is not None}
        return token

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Aws]:
        """Serve on a free port of this machine, in this process."""
        async with serving(self.app()) as address:
            self.url = f"http://{address}"
            yield self

    def app(self) -> Starlette:
        """The HTTP application."""
        return Starlette(
            routes=[
                Route("/", self.api, methods=["POST"]),
                Route("/", self.confirm, methods=["GET"]),
                Route(f"/{CERTIFICATE}", self.certificate),
                Route("/_book", self.show_book),
                Route("/_customers", self.make_customer, methods=["POST"]),
                Route("/_agreements", self.make_agreement, methods=["POST"]),
                Route("/_tokens", self.make_token, methods=["POST"]),
                Route("/_behave", self.behave, methods=["POST"]),
                Route("/_notify", self.send, methods=["POST"]),
            ]
        )

    async def api(self, request: Request) -> Response:
        """One call of the provider's API."""
        body = await request.body()
        if fault := self.faults.popleft() if self.faults else "":
            self.misbehave[fault] += 1
        try:
            region = self._check_signature(request, body)
            self._check_rate(request.headers.get("x-amz-target", ""))
            for name, error in (("throttle", Refused("ThrottlingException")), ("fail", _internal())):
                if self._told(name):
                    raise error
            if self._told("drop"):
                return Dropped()
            answer = self._answer(request.headers.get("x-amz-target", ""), body, region)
        except Refused as error:
            self.refused.append(error.code)
            return _json({"__type": error.code, "message": str(error)}, error.status)
        if self._told("drop_after_accepting"):
            return Dropped()
        if self._told("time_out_after_accepting"):
            await _until_gone(request)
        return _json(answer)

    def _answer(self, target: str, body: bytes, region: str) -> dict[str, Any]:
        if len(body) >= 1024 * 1024:
            raise Refused("ValidationException", "the request is larger than 1 MB")
        asked = json.loads(body)
        self.requests.append({"target": target, "body": asked, "region": region})
        match target.rpartition(".")[2]:
            case "ResolveCustomer":
                return self._resolve(asked["RegistrationToken"])
            case "BatchMeterUsage":
                return self._meter(asked, region)
            case "DescribeAgreement":
                return {**self._agreement(asked["agreementId"]), "entitlements": None}
            case "GetAgreementEntitlements":
                return {"agreementEntitlements": self._agreement(asked["agreementId"])["entitlements"]}
        raise Refused("UnknownOperationException")

    def _resolve(self, token: str) -> dict[str, Any]:
        if token == "expired":
            raise Refused("ExpiredTokenException", "the token has expired")
        if token not in self.tokens:
            raise Refused("InvalidTokenException", "the token is invalid")
        return self.tokens[token]

    def _agreement(self, id: str) -> dict[str, Any]:
        if id not in self.agreements:
            raise Refused("ResourceNotFoundException", f"there is no agreement {id}")
        return self.agreements[id]

    def _meter(self, asked: dict[str, Any], region: str) -> dict[str, Any]:
        records = asked.get("UsageRecords", [])
        if not isinstance(records, list) or len(records) > 25:
            raise Refused("ValidationException", "UsageRecords must have at most 25 members")
        for record in records:
            self._check(record, asked.get("ProductCode"))
        if len({self.products.get(record.get("LicenseArn", ""), "") for record in records}) > 1:
            raise Refused("InvalidLicenseException", "a request has licenses of one product")
        if self._told("unprocessed"):
            return {"Results": [], "UnprocessedRecords": records}
        left = records[1::2] if self._told("partly_unprocessed") else []
        results = [self._book(record, asked.get("ProductCode"), region) for record in records if record not in left]
        return {"Results": results, "UnprocessedRecords": left}

    def _check(self, record: dict[str, Any], product: str | None) -> None:
        if ("CustomerAWSAccountId" in record) == ("CustomerIdentifier" in record):
            raise Refused("InvalidCustomerIdentifierException", "give CustomerAWSAccountId or CustomerIdentifier")
        if ("LicenseArn" in record) == (product is not None):
            raise Refused("InvalidLicenseException", "give LicenseArn or ProductCode")
        if product not in (None, *PRODUCTS):
            raise Refused("InvalidProductCodeException", f"{product} is no product")
        if "LicenseArn" in record and record["LicenseArn"] not in self.licenses:
            raise Refused("InvalidLicenseException", "there is no such license")
        if record["Dimension"] != DIMENSION:
            raise Refused("InvalidUsageDimensionException", f"{record['Dimension']} is no dimension")
        if type(record.get("Quantity", 0)) is not int or not 0 <= record.get("Quantity", 0) < 2**31:
            raise Refused("ValidationException", "Quantity is an integer from 0")
        at = datetime.fromtimestamp(record["Timestamp"], UTC)
        if not at <= self.clock() < closes_at(at):
            raise Refused("TimestampOutOfBoundsException", "the timestamp is in the future, or too old")

    def _book(self, record: dict[str, Any], product: str | None, region: str) -> dict[str, Any]:
        customer = record.get("CustomerAWSAccountId") or record["CustomerIdentifier"]
        hour = datetime.fromtimestamp(record["Timestamp"], UTC).strftime("%Y-%m-%dT%H")
        answer = {"UsageRecord": record, "Status": "Success"}
        if customer not in self.subscribed or self.licenses.get(record.get("LicenseArn", ""), customer) != customer:
            return answer | {"Status": "CustomerNotSubscribed"}
        key = (customer, record.get("LicenseArn") or str(product), record["Dimension"], hour, region)
        held = self.book.setdefault(key, {"record": record, "id": str(uuid4())})
        if held["record"].get("Quantity", 0) != record.get("Quantity", 0):
            return answer | {"Status": "DuplicateRecord"}
        return answer | {"MeteringRecordId": held["id"]}

    def _told(self, name: str) -> bool:
        told = self.misbehave[name] > 0
        self.misbehave[name] -= told
        return told

    def _check_rate(self, operation: str) -> None:
        now, recent = time.monotonic(), self._recent[operation]
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= self.rate:
            raise Refused("ThrottlingException", "Rate exceeded")
        recent.append(now)

    def _check_signature(self, request: Request, body: bytes) -> str:
        """Compute the signature again from what arrived, as the provider does; the region that it is for."""
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        scope = parts.get("Credential", "").split("/")
        if scheme != "AWS4-HMAC-SHA256" or len(scope) != 5:
            raise Refused("MissingAuthenticationTokenException", "the request is not signed", 403)
        if scope[0] != ACCESS_KEY:
            raise Refused("UnrecognizedClientException", "the security token is invalid", 403)
        signed = {name: request.headers.get(name, "") for name in parts["SignedHeaders"].split(";")}
        copy = AWSRequest(request.method, str(request.url), data=body, headers=signed)
        copy.context["timestamp"] = request.headers.get("x-amz-date", "")
        auth = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), scope[3], scope[2])
        expected = auth.signature(auth.string_to_sign(copy, auth.canonical_request(copy)), copy)
        skew = abs(datetime.strptime(copy.context["timestamp"] + "+0000", "%Y%m%dT%H%M%SZ%z") - datetime.now(UTC))
        if expected != parts["Signature"] or scope[3] != "aws-marketplace" or skew > timedelta(minutes=5):
            raise Refused("SignatureDoesNotMatch", "The request signature we calculated does not match", 403)
        return scope[2]

    def notification(self, message: dict[str, Any] | str, version: str = "1", **changes: str) -> dict[str, str]:
        """A signed SNS message; ``changes`` are made before it is signed."""
        text = message if isinstance(message, str) else json.dumps(message)
        made = {
            "Type": "Notification",
            "MessageId": str(uuid4()),
            "TopicArn": TOPIC,
            "Message": text,
            "Timestamp": self.clock().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "SignatureVersion": version,
            "SigningCertURL": f"{self.url}/{CERTIFICATE}",
            **changes,
        }
        if made["Type"] != "Notification":
            made |= {"Token": "confirm-me", "SubscribeURL": f"{self.url}/?Action=ConfirmSubscription&Token=confirm-me"}
        return self.signed(made)

    def signed(self, message: dict[str, str]) -> dict[str, str]:
        """The message with its signature: names and values, a line each, in order of names."""
        unsigned = ("Signature", "SignatureVersion", "SigningCertURL")
        text = "".join(f"{name}\n{message[name]}\n" for name in sorted(message) if name not in unsigned)
        algorithm = hashes.SHA1() if message["SignatureVersion"] == "1" else hashes.SHA256()
        signature = self._key.sign(text.encode(), padding.PKCS1v15(), algorithm)
        return {**message, "Signature": base64.b64encode(signature).decode()}

    async def certificate(self, request: Request) -> Response:
        """The certificate that messages are verified with."""
        return Response(self._certificate, media_type="application/x-pem-file")

    async def confirm(self, request: Request) -> Response:
        """ConfirmSubscription."""
        self.confirmed.append(request.query_params.get("Token", ""))
        return Response("<ConfirmSubscriptionResponse/>", media_type="text/xml")

    async def show_book(self, request: Request) -> Response:
        """Every honoured record."""
        names = ("customer", "product", "dimension", "hour", "region")
        return JSONResponse([{**dict(zip(names, key, strict=True)), **held} for key, held in self.book.items()])

    async def make_customer(self, request: Request) -> Response:
        """``{"account", "license_arn"?, "identifier"?}``."""
        self.customer(**await request.json())
        return Response(status_code=204)

    async def make_agreement(self, request: Request) -> Response:
        """``{"id", "account", "license_arn"?, "status"?, "initial"?, "entitlement"?}``."""
        self.agreement(**await request.json())
        return Response(status_code=204)

    async def make_token(self, request: Request) -> Response:
        """``{"account", "license_arn"?, "identifier"?, "agreement"?, "product"?}``."""
        return JSONResponse({"token": self.token(**await request.json())})

    async def behave(self, request: Request) -> Response:
        """``{"throttle": 3, ...}`` for the next requests, or ``{"unsubscribe": "123456789012"}``."""
        asked = await request.json()
        self.subscribed.discard(asked.pop("unsubscribe", ""))
        if unknown := set(asked) - set(MISBEHAVIOURS):
            return JSONResponse({"unknown": sorted(unknown), "known": MISBEHAVIOURS}, 400)
        self.misbehave.update(asked)
        return Response(status_code=204)

    async def send(self, request: Request) -> Response:
        """``{"url", "message", "type"?}``: sign and deliver."""
        asked = await request.json()
        message = self.notification(asked.get("message", ""), Type=asked.get("type", "Notification"))
        async with httpx.AsyncClient() as http:
            answer = await http.post(asked["url"], json=message)
        return JSONResponse({"status": answer.status_code, "body": answer.text, "sent": message})


def closes_at(event: datetime) -> datetime:
    """When AWS takes a record of an event no more: after 24 hours, or at 06:00 UTC on the 1st of the next month."""
    first = datetime(event.year + event.month // 12, event.month % 12 + 1, 1, tzinfo=UTC)
    return min(event + WINDOW, first + MONTH_CLOSES)


class Dropped(Response):
    """Breaks the connection off."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionAbortedError


def _internal() -> Refused:
    return Refused("InternalServiceErrorException", "try again", 500)


def _json(content: dict[str, Any], status: int = 200) -> Response:
    headers = {"x-amzn-RequestId": str(uuid4())}
    return Response(json.dumps(content), status, headers=headers, media_type=CONTENT_TYPE)


async def _until_gone(request: Request) -> None:
    try:
        async with asyncio.timeout(HANG_SECONDS):
            while not await request.is_disconnected():
                await asyncio.sleep(0.05)
    except TimeoutError:
        pass


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate_of(key: rsa.RSAPrivateKey, whose: str = "sns.us-east-1.amazonaws.com") -> bytes:
    """A certificate that says whose the key is, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, whose)])
    begun = datetime(2020, 1, 1, tzinfo=UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begun)
        .not_valid_after(begun + timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--rate", type=int, default=10, help="requests of an operation that it takes a second")
    options = parser.parse_args()
    aws = Aws(rate=options.rate)
    aws.url = f"http://127.0.0.1:{options.port}"
    uvicorn.run(aws.app(), host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
