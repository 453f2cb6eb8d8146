"""The channel's settings, ``BILLING_CHANNEL_ALIYUN_*``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ENDPOINT = "market.aliyuncs.com"
MOST_CALL_SECONDS = 6.0
REQUIRED = ("access_key_id", "access_key_secret", "isv_key", "product_codes")
KEYS = frozenset(
    {
        *("Frequency", "Period", "PeriodMin", "Storage", "NetworkIn", "NetworkOut", "Character", "DailyActiveUser"),
        *("VirtualCpu", "Unit", "Memory", "KTokens", "Suit", "StorageGigaByte"),
    }
)


class NotConfigured(Exception):
    """What is missing or wrong, and how to set it."""


@dataclass(frozen=True)
class Settings:
    """What the seller has set; ``metering_item`` is the product's own id of the billing item (``meteringAssit``).

    ``resend``: whether a record whose answer was lost is pushed again unasked, or waits for a person.
    ``call_seconds``: how long a call to the marketplace may take.
    """

    access_key_id: str
    access_key_secret: str = field(repr=False)
    isv_key: str = field(repr=False)
    product_codes: frozenset[str]
    endpoint: str
    protocol: str
    metering_key: str
    metering_item: str | None
    front_end_url: str | None
    purchase_url: str | None
    resend: bool
    call_seconds: float

    @property
    def stand_in(self) -> bool:
        """Whether the endpoint is not the provider's."""
        host = self.endpoint.partition(":")[0].lower().rstrip(".")
        return host != "aliyuncs.com" and not host.endswith(".aliyuncs.com")


def read(values: Mapping[str, str]) -> Settings:
    """The settings, checked.

    Raises:
        NotConfigured: one is missing or wrong.
    """
    missing = [f"BILLING_CHANNEL_ALIYUN_{name.upper()}" for name in REQUIRED if not values.get(name, "").strip()]
    if missing:
        raise NotConfigured(f"set {', '.join(missing)}")
    settings = Settings(
        access_key_id=values["access_key_id"],
        access_key_secret=values["access_key_secret"],
        isv_key=values["isv_key"],
        product_codes=frozenset(code.strip() for code in values["product_codes"].split(",") if code.strip()),
        endpoint=values.get("endpoint") or ENDPOINT,
        protocol=values.get("protocol", "https").lower(),
        metering_key=values.get("metering_key", "Unit"),
        metering_item=values.get("metering_item") or None,
        front_end_url=values.get("front_end_url") or None,
        purchase_url=values.get("purchase_url") or None,
        resend=values.get("after_lost_answer", "review") == "resend",
        call_seconds=_seconds(values.get("call_seconds", str(MOST_CALL_SECONDS))),
    )
    if settings.metering_key not in KEYS:
        raise NotConfigured(f"BILLING_CHANNEL_ALIYUN_METERING_KEY must be one of {', '.join(sorted(KEYS))}")
    if values.get("after_lost_answer", "review") not in ("review", "resend"):
        raise NotConfigured("BILLING_CHANNEL_ALIYUN_AFTER_LOST_ANSWER must be review or resend")
    if settings.purchase_url and not settings.purchase_url.startswith("https://"):
        raise NotConfigured("BILLING_CHANNEL_ALIYUN_PURCHASE_URL must begin with https://")
    if settings.protocol not in ("http", "https"):
        raise NotConfigured("BILLING_CHANNEL_ALIYUN_PROTOCOL must be https, or http for a stand-in")
    if settings.protocol == "http" and not settings.stand_in:
        raise NotConfigured("BILLING_CHANNEL_ALIYUN_PROTOCOL=http is for a stand-in only: set its ENDPOINT too")
    return settings


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MOST_CALL_SECONDS:
        raise NotConfigured(f"BILLING_CHANNEL_ALIYUN_CALL_SECONDS must be more than 0, {MOST_CALL_SECONDS} at the most")
    return seconds
