"""Whoever guesses secrets is slowed down: which tries count together, for each kind of secret.

A network is what one customer has as a rule: an IPv4 address, or an IPv6 /64 (RFC 6177). A request from this machine
has none: behind a proxy that hides where requests come from, everybody would share it. Where a trusted proxy says
whom it asks for (X-Forwarded-For), that is where a request comes from.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from app.accounts.tokens import signed_in_from
from app.api.context import Context
from app.errors import InvalidInput
from app.inputs import sign_in_address
from app.throttling.buckets import Bucket

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
Throttled = Callable[[Context, Mapping[str, Any]], Awaitable[list[Bucket]]]


def network_of(address: str) -> str | None:
    """The network that a request comes from; ``None`` for this machine, and for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return None
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _of_network(context: Context, name: str, most: int, within: timedelta) -> list[Bucket]:
    network = network_of(context.address)
    return [Bucket(f"{name} of a network", network, most, within)] if network else []


async def passwords(context: Context, given: Mapping[str, Any]) -> list[Bucket]:
    """Tries of passwords: of an address from a network, of a network, and of an address from everywhere.

    Networks that somebody signed in from with the address before are not counted with the last of these: whoever tries
    from elsewhere cannot lock its owner out.
    """
    address, network = _address(given["email"]), network_of(context.address) or "here"
    buckets = [
        Bucket("passwords of an address from a network", f"{address} {network}", 10, QUARTER),
        *_of_network(context, "passwords", 60, QUARTER),
    ]
    if not await signed_in_from(address, network):
        buckets.append(Bucket("passwords of an address", address, 100, HOUR))
    return buckets


def _address(given: object) -> str:
    """An address however it is written, as signing in reads it; of what is none, the text."""
    try:
        return sign_in_address(str(given))
    except InvalidInput:
        return str(given).strip().lower()[:254]


async def own_password(context: Context, given: Mapping[str, Any]) -> list[Bucket]:
    """Tries of one's own password, by whoever has a session."""
    viewer = await context.viewer()
    return [Bucket("own password", viewer.key, 10, QUARTER)] if viewer else []


async def codes(context: Context, given: Mapping[str, Any]) -> list[Bucket]:
    """Tries of codes that are typed in: of a user, and of a network."""
    viewer = await context.viewer()
    mine = [Bucket("codes of a user", viewer.key, 20, QUARTER)] if viewer else []
    return [*mine, *_of_network(context, "codes", 60, QUARTER)]


async def sign_ins(context: Context, given: Mapping[str, Any]) -> list[Bucket]:
    """Sign-ins that are begun, all of them, of a network."""
    return _of_network(context, "sign-ins", 600, QUARTER)


def of_second_factor(issuer: str, subject: str) -> list[Bucket]:
    """Codes of a second factor, after a provider said who it is: all of them, of an identity."""
    return [Bucket("second factor of an identity", f"{issuer} {subject}", 10, QUARTER)]


async def keys(context: Context, given: Mapping[str, Any]) -> list[Bucket]:
    """Tries of secret keys of deployments, of a network."""
    return _of_network(context, "keys", 60, QUARTER)


async def pings(context: Context, given: Mapping[str, Any]) -> list[Bucket]:
    """Test messages to webhook endpoints, of a user."""
    viewer = await context.viewer()
    return [Bucket("pings", viewer.key, 20, QUARTER)] if viewer else []


async def mails(context: Context, given: Mapping[str, Any]) -> list[Bucket]:
    """Mails that are asked for, and users that are made, from a network."""
    return _of_network(context, "mails", 60, HOUR)
