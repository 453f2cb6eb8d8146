"""What a request carries: who sent it, in which language, and the process's channels and events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from http_message_signatures import HTTPMessageSignaturesException
from starlette.requests import Request
from starlette.websockets import WebSocket
from strawberry.types import Info as StrawberryInfo

from app.accounts.models import ADMINISTRATORS, Account, Role, StaffRole
from app.accounts.queries import lock_account
from app.accounts.tokens import Viewer, authenticate, recalled
from app.api.lanes import Lane, Queue, lanes_of
from app.api.loaders import Loaders
from app.deployments.models import AccessKey, Deployment
from app.deployments.nonces import Nonce
from app.deployments.queries import find_reporter, known, secret_of
from app.errors import (
    BillingError,
    InvalidSignature,
    NotFound,
    PermissionDenied,
    SecondFactorRequired,
    Unauthenticated,
)
from app.events.broker import EventBroker
from app.events.models import ActorKind
from app.events.recording import Actor
from app.logs import note, noted
from app.protocol.signing import KEY_ID, WINDOW, Message, verify_request, why_refused
from app.settlement.host import ChannelHost
from app.suspensions.queries import refuse_suspended

OWNERS = frozenset({Role.OWNER})


class Context:
    """One HTTP request, or one WebSocket connection."""

    def __init__(self, request: Request | WebSocket, host: ChannelHost, broker: EventBroker) -> None:
        self.request = request
        self.host = host
        self.broker = broker
        self.request_id = str(noted("request") or uuid4())
        self.locale = preferred_locale(request.headers.get("accept-language", ""))
        self.connection_params: Any = None
        self.acted_on: UUID | None = None
        self.done: set[str | int] = set()
        self.named = ""
        self.read_as_staff: set[UUID | None] = set()
        self._viewer: Viewer | None = None
        self._asked = False
        self._recalls = True
        self._recalled = False

    def of_an_operation(self) -> Context:
        """A context of its own for one of a connection's operations: what one does is not taken for another's."""
        own = Context(self.request, self.host, self.broker)
        own.connection_params = self.connection_params
        return own

    @cached_property
    def loaders(self) -> Loaders:
        """The loaders of this request."""
        return Loaders(self.host)

    @property
    def address(self) -> str:
        """Where the request came from."""
        return self.request.client.host if self.request.client else ""

    def lane(self, name: Lane) -> Queue:
        """What a long transaction holds before it begins."""
        lane: Queue = getattr(lanes_of(self.request), name)
        return lane

    async def viewer(self) -> Viewer | None:
        """The signed-in user, looked up once a request; ``None`` without a token.

        Raises:
            Unauthenticated: the token does not work.
        """
        if not self._asked:
            self._viewer = await self._found()
            note(viewer=self._viewer and self._viewer.key)
            self._asked = isinstance(self.request, Request)
        return self._viewer

    def ask_anew(self) -> None:
        """From now on ask who the viewer is, and what they may do, rather than recall it: something is to be changed,
        or refused."""
        self._recalls = False
        if self._recalled:
            self._recalled = self._asked = False

    async def _may(self, may: Callable[[Viewer], bool]) -> bool:
        """Whether the viewer may do something; looked up anew before it is said that they may not."""
        viewer = await self.viewer()
        if viewer is not None and self._recalled and not may(viewer):
            self.ask_anew()
            viewer = await self.viewer()
        return viewer is not None and may(viewer)

    async def _found(self) -> Viewer | None:
        given = self._bearer()
        viewer = await recalled(given) if self._recalls else None
        self._recalled = viewer is not None
        viewer = viewer or await authenticate(given)
        if given is not None and viewer is None:
            raise Unauthenticated(of="token")
        return viewer

    async def signed_in(self) -> Viewer:
        """The signed-in user.

        Raises:
            Unauthenticated: nobody is signed in.
        """
        viewer = await self.viewer()
        if viewer is None:
            raise Unauthenticated()
        return viewer

    async def may_see(self, account_id: UUID) -> bool:
        """Whether the viewer is a member of the account, or staff."""
        note(account=str(account_id))
        if not await self._may(lambda viewer: account_id in viewer.memberships or bool(viewer.staff_roles)):
            return False
        if account_id not in (await self.signed_in()).memberships:
            self.read_as_staff.add(account_id)
        return True

    async def member(
        self,
        account_id: UUID,
        roles: frozenset[Role] = ADMINISTRATORS,
        path: tuple[str, ...] = ("accountId",),
        staff: Iterable[StaffRole] = (),
        what: str = "account",
    ) -> tuple[Account, Actor]:
        """The account, locked for this transaction, and the viewer as one who acts in it: a member, or such staff.

        Raises:
            Unauthenticated, PermissionDenied: nobody is signed in, or has the role.
            NotFound: no such account, or the viewer is not a member of it.
            AccountSuspended: staff suspended it, and this is not about money.
        """
        note(account=str(account_id))
        viewer = await self.signed_in()
        if not viewer.staff_roles.isdisjoint(staff):
            self.acted_on = account_id
            return await lock_account(account_id), self._as_staff(viewer)
        role = viewer.memberships.get(account_id)
        if role is None:
            raise NotFound(what=what, path=path)
        self.acted_on = account_id
        if role not in roles:
            raise self._lacking(viewer, PermissionDenied(needed=sorted(roles), path=path))
        if Role.FINANCE not in roles:
            await refuse_suspended(account_id)
        return await lock_account(account_id), self.actor(viewer)

    async def may_administer(self, account_id: UUID) -> bool:
        """Whether the viewer is one of the account's owners and administrators."""
        return await self._may(lambda viewer: viewer.memberships.get(account_id) in ADMINISTRATORS)

    async def administers(self, account_id: UUID) -> None:
        """Refuse a viewer who is not one of the account's owners and administrators.

        Raises:
            Unauthenticated, PermissionDenied: nobody is signed in, or has the role.
        """
        viewer = await self.signed_in()
        if not await self.may_administer(account_id):
            raise self._lacking(viewer, PermissionDenied(needed=sorted(ADMINISTRATORS)))

    async def staff(self, *roles: StaffRole) -> Actor:
        """The viewer as staff with one of these roles.

        Raises:
            Unauthenticated, PermissionDenied: nobody is signed in, or has the role.
        """
        viewer = await self.signed_in()
        if viewer.staff_roles.isdisjoint(roles):
            raise self._lacking(viewer, PermissionDenied(needed=roles, ask="operator"))
        return self._as_staff(viewer)

    async def reads_as_staff(self, *roles: StaffRole) -> None:
        """Refuse a viewer who is neither staff with one of these roles nor an auditor, who reads what they read.

        Raises:
            Unauthenticated, PermissionDenied: nobody is signed in, or has the role.
        """
        viewer = await self.signed_in()
        self.read_as_staff.add(None)
        if not await self.is_staff(*roles):
            raise self._lacking(viewer, PermissionDenied(needed=roles, ask="operator"))

    async def is_staff(self, *roles: StaffRole) -> bool:
        """Whether the viewer reads what staff with one of these roles read."""
        reading = {*roles, StaffRole.AUDITOR}
        return await self._may(lambda viewer: not viewer.staff_roles.isdisjoint(reading))

    def _lacking(self, viewer: Viewer, denied: PermissionDenied) -> BillingError:
        """What is said to whom lacks a role: it may be there, and wait for a second factor."""
        return SecondFactorRequired() if viewer.withheld else denied

    def _as_staff(self, viewer: Viewer) -> Actor:
        return Actor(ActorKind.STAFF, viewer.label, viewer.token.user_id, self.address)

    def actor(self, viewer: Viewer) -> Actor:
        """The viewer as one who acts."""
        kind = ActorKind.SERVICE if viewer.is_service else ActorKind.MEMBER
        return Actor(kind, viewer.label, viewer.token.user_id or viewer.token.id, self.address)

    async def reporting(self, fingerprint: str) -> tuple[Account, Deployment, Nonce]:
        """The account and deployment that signed this request, and its nonce, which is to be remembered.

        Raises:
            InvalidSignature, InvalidCredentials: it is not signed by a live key.
            NotFound: the account has no deployment with that fingerprint.
        """
        if not isinstance(self.request, Request):
            raise InvalidSignature(reason="WebSocket requests cannot be signed")
        reporter = await find_reporter(named_key(self.request), fingerprint)
        note(account=str(reporter.account.id))
        self.acted_on = reporter.account.id
        nonce = verified_nonce(self.request, await self.request.body(), reporter.key)
        return reporter.account, known(reporter.deployment), nonce

    async def scope(self, sent: bytes) -> str:
        """Whose idempotency keys these are: the viewer's. Nobody is known to have sent what an anonymous caller did, so
        a key of theirs is that of whoever sends the same; ``sent`` is its digest."""
        viewer = await self.viewer()
        return f"anonymous:{sent.hex()[:64]}" if viewer is None else viewer.key

    def _bearer(self) -> str | None:
        header = self.request.headers.get("authorization", "")
        if isinstance(self.connection_params, dict):
            params = {str(name).lower(): value for name, value in self.connection_params.items()}
            header = str(params.get("authorization", header))
        kind, _, token = header.partition(" ")
        return token.strip() if kind.lower() == "bearer" else None


Info = StrawberryInfo[Context, None]


def named_key(request: Request) -> str:
    """The AK that a request says it is signed with.

    Raises:
        InvalidSignature: it names none.
    """
    named = KEY_ID.search(request.headers.get("signature-input", ""))
    if named is None:
        raise InvalidSignature(reason="the header Signature-Input with a keyid is missing")
    return named.group(1)


def verified_nonce(request: Request, body: bytes | None, key: AccessKey) -> Nonce:
    """The nonce of a request that the key signed, to be remembered, so that the request is never accepted again.

    Without ``body`` its digest is not compared: whoever reads the body does that.

    Raises:
        InvalidSignature: it is not signed so.
    """
    message = Message(request.method, str(request.url), dict(request.headers))
    try:
        nonce = verify_request(key.ak, secret_of(key), message, body)
    except HTTPMessageSignaturesException as error:
        raise InvalidSignature(reason=why_refused(str(error), message, datetime.now(UTC))) from None
    return Nonce(key.id, nonce, datetime.now(UTC) + 2 * WINDOW)


def preferred_locale(header: str) -> str:
    """``zh`` or ``en``, whichever an Accept-Language header (RFC 9110) prefers; ``en`` if it names neither."""
    best, best_weight = "en", 0.0
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.split("-")[0].lower()
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if language in ("zh", "en") and weight > best_weight:
            best, best_weight = language, weight
    return best
