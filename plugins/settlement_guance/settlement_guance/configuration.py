"""What the vendor sets: ``BILLING_CHANNEL_GUANCE_PAYEE_*`` for transfers, ``…_STRIPE_*`` to be paid online."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from settlement_spec import Payee

MOST_SECONDS = 5.0
MOST_CHARACTERS = 200


@dataclass(frozen=True)
class StripeConfiguration:
    """``api_base`` is the address of a stand-in, and never set in production."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    return_url: str
    api_base: str | None
    timeout_seconds: float


def payee(settings: Mapping[str, str]) -> tuple[Payee | None, str]:
    """Where transfers go, or ``None`` with what is wrong; nothing is wrong where nothing is set."""
    prefix = "payee_"
    given = {
        name.removeprefix(prefix): value.strip()
        for name, value in settings.items()
        if name.startswith(prefix) and value.strip()
    }
    if not given:
        return None, ""
    problems = [f"set {_variable(prefix + name)}" for name in ("name", "bank", "account_number") if name not in given]
    problems += [
        f"{_variable(prefix + name)} has at most {MOST_CHARACTERS} printable characters"
        for name, value in given.items()
        if len(value) > MOST_CHARACTERS or not value.isprintable()
    ]
    if problems:
        return None, "transfers are asked for without a payee: " + "; ".join(problems)
    return Payee(given["name"], given["bank"], given["account_number"], given.get("bank_code")), ""


def stripe(settings: Mapping[str, str]) -> tuple[StripeConfiguration | None, str]:
    """The configuration, or ``None`` with what is wrong; nothing is wrong where nothing is set."""
    given = {name: value for name, value in settings.items() if name.startswith("stripe_") and value}
    if not given:
        return None, ""
    needed = ("stripe_secret_key", "stripe_webhook_secret", "stripe_return_url")
    problems = [f"set {_variable(name)}" for name in needed if name not in given]
    for name in ("stripe_return_url", "stripe_api_base"):
        if name in given and not _is_safe(given[name]):
            problems.append(f"{_variable(name)} is an address that begins with https://, or http:// for this machine")
    try:
        seconds = float(given.get("stripe_timeout_seconds", MOST_SECONDS))
    except ValueError:
        seconds = 0
    if not 0 < seconds <= MOST_SECONDS:
        problems.append(f"{_variable('stripe_timeout_seconds')} is a number above 0, and {MOST_SECONDS:g} at the most")
    if problems:
        return None, "nobody can pay online: " + "; ".join(problems)
    return StripeConfiguration(
        secret_key=given["stripe_secret_key"],
        webhook_secret=given["stripe_webhook_secret"],
        return_url=given["stripe_return_url"],
        api_base=given.get("stripe_api_base", "").rstrip("/") or None,
        timeout_seconds=seconds,
    ), ""


def _is_safe(address: str) -> bool:
    """Nobody on the way can read or change what is sent there."""
    try:
        parts = urlsplit(address)
        if parts.scheme == "http":
            return parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
        return parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        return False


def _variable(name: str) -> str:
    return f"BILLING_CHANNEL_GUANCE_{name.upper()}"
