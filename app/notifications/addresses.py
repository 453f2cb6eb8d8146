"""Which hosts and addresses may be posted to: public ones, so that nobody reaches the vendor's own network by us."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
MOST_HOST = 253
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")


def is_host(host: str, private: bool = False) -> bool:
    """Whether a URL's host can be one: an address, a public one unless ``private``, or a name that DNS can have."""
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return private or is_public(host)
    try:
        name = host.encode("idna").decode()
    except UnicodeError:
        return False
    labels = name.removesuffix(".").split(".")
    named = len(name) <= MOST_HOST and all(LABEL.fullmatch(label) for label in labels)
    return named and (private or (len(labels) > 1 and not labels[-1].isdigit()))


def is_public(address: str) -> bool:
    """Whether an address is one of the public Internet, and so is the IPv4 address that is embedded in it, if any:
    mapped (RFC 4291), NAT64 (RFC 6052) or 6to4 (RFC 3056)."""
    found = ipaddress.ip_address(address)
    if isinstance(found, IPv6Address):
        if found.scope_id or found.is_site_local or found in NAT64_LOCAL or found.teredo:
            return False
        inner = found.ipv4_mapped or found.sixtofour or (_last_32(found) if found in NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def _last_32(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
