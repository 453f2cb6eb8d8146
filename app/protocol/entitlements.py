"""What a deployment may do now, by its receipt, the time, and the revocations it has seen. Nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.constants import NO_LIMIT
from app.protocol.documents import SKEW, Receipt, RevocationList


class Level(StrEnum):
    """All that the license grants; the same with a warning; or the community edition's limits."""

    FULL = "FULL"
    WARNING = "WARNING"
    COMMUNITY = "COMMUNITY"


class Why(StrEnum):
    """The reason of a level."""

    LEASE_VALID = "LEASE_VALID"
    RENEWAL_DUE = "RENEWAL_DUE"
    LEASE_ENDED = "LEASE_ENDED"
    LICENSE_EXPIRED = "LICENSE_EXPIRED"
    LICENSE_REVOKED = "LICENSE_REVOKED"
    CLOCK_BEHIND = "CLOCK_BEHIND"
    NOT_ACTIVATED = "NOT_ACTIVATED"


ADVICE = {
    Why.LEASE_VALID: "all that the license grants",
    Why.RENEWAL_DUE: "the lease was not renewed: report usage, online or by file, before the warning ends",
    Why.LEASE_ENDED: "the lease ran out: report usage, online or by file, to renew it",
    Why.LICENSE_EXPIRED: "the license ended: activate a new one",
    Why.LICENSE_REVOKED: "the license was revoked: activate a new one",
    Why.CLOCK_BEHIND: "this machine's clock is before the receipt was made: set it right",
    Why.NOT_ACTIVATED: "no license is activated here: activate one",
}


@dataclass(frozen=True)
class Entitlement:
    """A level with its reason, until when it holds if nothing happens, and what it allows."""

    level: Level
    reason: Why
    until: datetime | None = None
    dk_limit: int = NO_LIMIT
    features: tuple[str, ...] = ()
    product_version: str | None = None
    maintenance_until: datetime | None = None


def entitlements(receipt: Receipt | None, now: datetime, revocations: RevocationList | None = None) -> Entitlement:
    """What the deployment may do at ``now``. Clocks may be five minutes off, in the deployment's favour.

    ``receipt`` is to be verified (``read_receipt``), and so is ``revocations`` (``read_revocations``).
    """
    if receipt is None:
        return Entitlement(Level.COMMUNITY, Why.NOT_ACTIVATED)
    if revocations is not None and receipt.license_id in revocations.revoked:
        return Entitlement(Level.COMMUNITY, Why.LICENSE_REVOKED)
    if now < receipt.issued_at - SKEW:
        return Entitlement(Level.COMMUNITY, Why.CLOCK_BEHIND)
    if receipt.license_expires_at is not None and now >= receipt.license_expires_at + SKEW:
        return Entitlement(Level.COMMUNITY, Why.LICENSE_EXPIRED)
    if now >= receipt.warning_until + SKEW:
        return Entitlement(Level.COMMUNITY, Why.LEASE_ENDED)
    granted = (receipt.dk_limit, receipt.features, receipt.product_version, receipt.maintenance_until)
    license_end = receipt.license_expires_at or receipt.warning_until
    if now >= receipt.valid_until + SKEW:
        end = min(receipt.warning_until, license_end)
        return Entitlement(Level.WARNING, Why.RENEWAL_DUE, end, *granted)
    return Entitlement(Level.FULL, Why.LEASE_VALID, min(receipt.valid_until, license_end), *granted)


def upgrade_allowed(dk_limit: int, data_kits: int) -> bool:
    """Whether a version upgrade may run with that many DataKits connected, as the vendor's Launcher decides it."""
    return dk_limit == NO_LIMIT or data_kits <= dk_limit


def maintained(maintenance_until: datetime | None, released_at: datetime) -> bool:
    """Whether a version that is released at an instant may be used: with a perpetual license, one that was released
    while its maintenance ran. Source: the vendor's description of the licensed edition."""
    return maintenance_until is None or released_at < maintenance_until


def excess_notice(connected: int, dk_limit: int) -> dict[str, str]:
    """What it means to have more DataKits connected than are licensed, in ``zh`` and ``en``."""
    return {
        "en": f"{connected} DataKits are connected, {dk_limit} are licensed. All go on reporting; version upgrades are "
        "refused until there are fewer, or the license allows more.",
        "zh": f"已连接 {connected} 个 DataKit，License 上限为 {dk_limit} 个。数据上报不受影响；"
        "在减少 DataKit 或提高上限之前，无法升级版本。",
    }
