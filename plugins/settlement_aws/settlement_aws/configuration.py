"""What the seller sets: ``BILLING_CHANNEL_AWS_*``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Rhythm(StrEnum):
    """How often AWS hears of a subscription: when there is a charge, or for every hour."""

    DAILY = "daily"
    HOURLY = "hourly"


@dataclass(frozen=True)
class Configuration:
    """The channel's settings, read once; ``problems`` says what is to be set before it can work.

    ``sns_test_host`` (``host:port``) is trusted for certificates and subscription confirmations in place of Amazon's
    hosts; it is for a stand-in, and never set in production.
    """

    product_codes: frozenset[str] = frozenset()
    dimension: str = ""
    region: str = "us-east-1"
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    endpoint_url: str | None = None
    timeout_seconds: float = 5.0
    sns_topic_arns: frozenset[str] = frozenset()
    eventbridge_api_key: str | None = field(default=None, repr=False)
    rhythm: Rhythm = Rhythm.DAILY
    console_url: str | None = None
    purchase_url: str | None = None
    sns_test_host: str | None = None
    problems: tuple[str, ...] = ("the channel is not started",)


def read(settings: Mapping[str, str]) -> Configuration:
    """The configuration in ``settings``; what is wrong in it is named in ``problems``, and nothing is raised."""
    problems = [
        f"set BILLING_CHANNEL_AWS_{name.upper()}" for name in ("product_code", "dimension") if not settings.get(name)
    ]
    if bool(settings.get("access_key_id")) != bool(settings.get("secret_access_key")):
        problems.append(
            "set both BILLING_CHANNEL_AWS_ACCESS_KEY_ID and BILLING_CHANNEL_AWS_SECRET_ACCESS_KEY, or neither"
        )
    if not settings.get("sns_topic_arns") and not settings.get("eventbridge_api_key"):
        problems.append("set BILLING_CHANNEL_AWS_EVENTBRIDGE_API_KEY, or BILLING_CHANNEL_AWS_SNS_TOPIC_ARNS")
    rhythm = settings.get("rhythm", Rhythm.DAILY).lower()
    if rhythm not in list(Rhythm):
        problems.append("BILLING_CHANNEL_AWS_RHYTHM is daily or hourly")
        rhythm = Rhythm.DAILY
    for name in ("endpoint_url", "console_url"):
        if settings.get(name) and not settings[name].startswith(("http://", "https://")):
            problems.append(f"BILLING_CHANNEL_AWS_{name.upper()} begins with https://")
    if settings.get("purchase_url") and not settings["purchase_url"].startswith("https://"):
        problems.append("BILLING_CHANNEL_AWS_PURCHASE_URL begins with https://")
    return Configuration(
        product_codes=_list(settings.get("product_code")),
        dimension=settings.get("dimension", ""),
        region=settings.get("region") or "us-east-1",
        access_key_id=settings.get("access_key_id") or None,
        secret_access_key=settings.get("secret_access_key") or None,
        endpoint_url=settings.get("endpoint_url") or None,
        timeout_seconds=_seconds(settings.get("timeout_seconds"), problems),
        sns_topic_arns=_list(settings.get("sns_topic_arns")),
        eventbridge_api_key=settings.get("eventbridge_api_key") or None,
        rhythm=Rhythm(rhythm),
        console_url=settings.get("console_url") or None,
        purchase_url=settings.get("purchase_url") or None,
        sns_test_host=settings.get("sns_test_host") or None,
        problems=tuple(problems),
    )


def _list(text: str | None) -> frozenset[str]:
    return frozenset(part.strip() for part in (text or "").split(",") if part.strip())


def _seconds(text: str | None, problems: list[str]) -> float:
    try:
        seconds = float(text or 5)
    except ValueError:
        seconds = 0
    if 0 < seconds <= 5:
        return seconds
    problems.append("BILLING_CHANNEL_AWS_TIMEOUT_SECONDS is a number above 0, and 5 at the most")
    return 5.0
