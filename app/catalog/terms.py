"""What a price plan, a meter and an edition must say to be published; the database refuses the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.catalog.models import Aggregation, TierMode
from app.db.published import localized, only
from app.errors import InvalidInput
from app.money import is_currency

TIER = frozenset({"up_to", "unit_price_minor", "flat_minor"})
PLAN = frozenset({"meter", "currency", "minimum_quantity", "free_period_seconds", "time_zone"})
PRICES = frozenset({"unit_price_minor", "tiers"})
PLAN_OPTIONS = PRICES | {"tier_mode", "units_per_price", "base_minor", "free_quantity"}
METER = frozenset({"key", "name", "unit", "aggregation"})
EDITION_TEXTS = ("name", "description")
EDITION_NUMBERS = {
    "position": 0,
    "license_days": 1,
    "license_limit": 1,
    "spare_license_limit": 1,
    "rotation_grace_days": 0,
    "offline_days": 1,
    "warning_days": 0,
    "least_term_months": 0,
    "term_step_months": 0,
}
EDITION_OPTIONS = frozenset({"version_days"})
FLAGS = ("by_application", "perpetual")
EDITION = frozenset({"included", "features", *FLAGS, *EDITION_TEXTS, *EDITION_NUMBERS})
MOST_INT, MOST_BIG_INT = 2**31, 10**18
METER_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,39}", re.ASCII)


def check_plan(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of ``PricePlan`` that a plan gives; a unit price or tiers, and not both.

    Raises:
        InvalidInput: it lacks something, has something that a plan has not, or leaves a quantity without a price; the
            path names the member.
    """
    only(given, ("a price plan", "价格方案"), PLAN, PLAN_OPTIONS)
    if len(PRICES & set(given)) != 1:
        raise InvalidInput(
            reason_en="a price plan has either unit_price_minor or tiers",
            reason_zh="价格方案须有 unit_price_minor 或 tiers 之一",
            path=("unit_price_minor",),
        )
    check_tiers(given.get("tiers", ()))
    if "tiers" in given and not given["tiers"]:
        raise InvalidInput(
            reason_en="tiers must not be empty: give unit_price_minor instead",
            reason_zh="tiers 不得为空：请改填 unit_price_minor",
            path=("tiers",),
        )
    for name in ("unit_price_minor", "base_minor", "free_quantity"):
        whole(given.get(name, 0), (name,))
    for name in ("minimum_quantity", "free_period_seconds"):
        whole(given[name], (name,), below=MOST_INT)
    whole(given.get("units_per_price", 1), ("units_per_price",), 1, MOST_INT)
    one_of(given.get("tier_mode", TierMode.GRADUATED), list(TierMode), ("tier_mode",))
    if not isinstance(given["currency"], str) or not is_currency(given["currency"]):
        raise InvalidInput(
            reason_en="currency must be an ISO 4217 code such as CNY",
            reason_zh="currency 必须是 ISO 4217 代码，例如 CNY",
            path=("currency",),
        )
    if not _is_zone(given["time_zone"]):
        raise InvalidInput(
            reason_en="time_zone must be an IANA name such as Asia/Shanghai, or UTC",
            reason_zh="time_zone 须为 IANA 时区名，例如 Asia/Shanghai，或 UTC",
            path=("time_zone",),
        )
    return {"unit_price_minor": 0, **given}


def check_tiers(tiers: Any) -> None:
    """Refuse tiers that leave a quantity without a price.

    Bounds must ascend, and the last tier must be open; amounts are whole minor units, not below zero.

    Raises:
        InvalidInput: they do not; the path names the tier and the member.
    """
    if not isinstance(tiers, (list, tuple)) or not all(isinstance(tier, Mapping) for tier in tiers):
        raise InvalidInput(reason_en="tiers must be a list of objects", reason_zh="tiers 须为对象列表", path=("tiers",))
    before = 0
    for index, tier in enumerate(tiers):
        path = ("tiers", str(index))
        unknown = sorted(set(tier) - TIER)
        if unknown:
            raise InvalidInput(
                reason_en=f"a tier has {', '.join(sorted(TIER))}, and no {unknown[0]}",
                reason_zh=f"阶梯只有 {', '.join(sorted(TIER))}，没有 {unknown[0]}",
                path=(*path, unknown[0]),
            )
        whole(tier.get("unit_price_minor"), (*path, "unit_price_minor"))
        whole(tier.get("flat_minor", 0), (*path, "flat_minor"))
        bound = tier.get("up_to")
        if (index == len(tiers) - 1) != (bound is None):
            raise InvalidInput(
                reason_en="the last tier must be without up_to, and no other",
                path=(*path, "up_to"),
                reason_zh="最后一个阶梯不得有 up_to，其余阶梯必须有",
            )
        if bound is not None:
            whole(bound, (*path, "up_to"))
            if bound <= before:
                raise InvalidInput(
                    reason_en=f"up_to must be above {before}, where the tier before ends",
                    reason_zh=f"up_to 必须大于 {before}，即上一阶梯的终点",
                    path=(*path, "up_to"),
                )
            before = bound


def check_meter(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of ``Meter`` that a meter gives.

    Raises:
        InvalidInput: it lacks something, or has something that a meter has not; the path names the member.
    """
    only(given, ("a meter", "计量项"), METER, frozenset())
    if not isinstance(given["key"], str) or not METER_KEY.fullmatch(given["key"]):
        raise InvalidInput(
            reason_en="key must be 1 to 40 lower-case letters, digits and underscores, such as log_gb",
            reason_zh="key 须为 1 到 40 个小写字母、数字或下划线，例如 log_gb",
            path=("key",),
        )
    one_of(given["aggregation"], list(Aggregation), ("aggregation",))
    return {**given, "name": localized(given["name"], ("name",)), "unit": word(given["unit"], ("unit",))}


def check_edition(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of ``Edition`` that an edition gives, but for its key.

    Raises:
        InvalidInput: it lacks something, or has something that an edition has not; the path names the member.
    """
    only(given, ("an edition", "版本"), EDITION, EDITION_OPTIONS)
    for name, least in EDITION_NUMBERS.items():
        whole(given[name], (name,), least, 2**15 if name == "position" else MOST_INT)
    if given.get("version_days") is not None:
        whole(given["version_days"], ("version_days",), 1, MOST_INT)
    for name in FLAGS:
        if type(given[name]) is not bool:
            raise InvalidInput(
                reason_en=f"{name} must be true or false", reason_zh=f"{name} 须为 true 或 false", path=(name,)
            )
    included = given["included"]
    if not isinstance(included, Mapping) or set(included) != {"zh", "en"}:
        raise InvalidInput(
            reason_en="included must have a list zh and a list en, and nothing else",
            reason_zh="included 须有 zh 与 en 两个列表，且仅有这两个",
            path=("included",),
        )
    texts = {language: words(listed, ("included", language)) for language, listed in included.items()}
    return {
        **given,
        **{name: localized(given[name], (name,)) for name in EDITION_TEXTS},
        "included": texts,
        "features": words(given["features"], ("features",)),
    }


def check_version(value: str, path: tuple[str, ...]) -> str:
    """``value``, which can be a version of the product.

    Raises:
        InvalidInput: it is none.
    """
    if not VERSION.fullmatch(value):
        name = path[-1]
        raise InvalidInput(
            reason_en=f"{name} must be a version such as 1.92.3, of 40 characters at most",
            reason_zh=f"{name} 须为版本号，例如 1.92.3，最长 40 个字符",
            path=path,
        )
    return value


def whole(value: Any, path: tuple[str, ...], least: int = 0, below: int = MOST_BIG_INT) -> int:
    """``value``, which is a whole number of ``least`` or more.

    Raises:
        InvalidInput: it is none, or out of range.
    """
    if type(value) is not int or not least <= value < below:
        name = path[-1]
        raise InvalidInput(
            reason_en=f"{name} must be a whole number of {least} or more"
            + ("" if below == MOST_BIG_INT else f", below {below}"),
            reason_zh=f"{name} 必须是不小于 {least} 的整数" + ("" if below == MOST_BIG_INT else f"，且小于 {below}"),
            path=path,
        )
    return value


def word(value: Any, path: tuple[str, ...]) -> str:
    """``value``, which is a line of 1 to 40 characters.

    Raises:
        InvalidInput: it is none.
    """
    if not isinstance(value, str) or not 0 < len(value.strip()) <= 40 or not value.isprintable():
        name = path[-1]
        raise InvalidInput(
            reason_en=f"{name} must have 1 to 40 characters", reason_zh=f"{name} 须为 1 到 40 个字符", path=path
        )
    return value.strip()


def words(value: Any, path: tuple[str, ...]) -> list[str]:
    """``value``, which is a list of texts that are not empty.

    Raises:
        InvalidInput: it is none.
    """
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        name = path[-1]
        raise InvalidInput(reason_en=f"{name} must be a list of texts", reason_zh=f"{name} 须为文本列表", path=path)
    return value


def one_of(value: Any, known: Sequence[str], path: tuple[str, ...]) -> str:
    """``value``, which is one of those that are ``known``.

    Raises:
        InvalidInput: it is not.
    """
    if value not in known:
        name, listed = path[-1], ", ".join(known)
        raise InvalidInput(
            reason_en=f"{name} must be one of {listed}", reason_zh=f"{name} 须为 {listed} 之一", path=path
        )
    return str(value)


def _is_zone(name: Any) -> bool:
    if not isinstance(name, str) or not (name == "UTC" or "/" in name):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
