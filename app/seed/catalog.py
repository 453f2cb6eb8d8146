"""The edition catalog and the first price plans."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.catalog.keys import EditionKey
from app.catalog.models import DATA_KITS, Aggregation, Edition, Meter, PricePlan
from app.catalog.texts import FREE_PERIOD, PRICE

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
COMMERCIAL = ["metrics", "logs", "traces", "dashboards", "dialing_test", "rum", "security", "support"]
EDITIONS: list[dict[str, Any]] = [
    {
        "key": EditionKey.COMMUNITY,
        "by_application": False,
        "license_limit": 1,
        "license_days": 180,
        "version_days": 180,
        "offline_days": 365,
        "warning_days": 30,
        "features": ["metrics", "logs", "traces", "dashboards"],
        "name": {"zh": "社区版", "en": "Community"},
        "description": {"zh": "免费的自建部署版本。", "en": "The free edition of the self-hosted platform."},
        "included": {
            "zh": ["指标、日志、链路与仪表板", "社区支持"],
            "en": ["Metrics, logs, traces and dashboards", "Community support"],
        },
    },
    {
        "key": EditionKey.PAY_AS_YOU_GO,
        "by_application": False,
        "license_limit": 100,
        "offline_days": 14,
        "warning_days": 14,
        "features": COMMERCIAL,
        "name": {"zh": "商业版-按量付费版", "en": "Commercial, pay as you go"},
        "description": {
            "zh": "按每日用量计费，每日结算。",
            "en": "Billed by the usage of each day, settled daily.",
        },
        "included": {
            "zh": ["社区版的全部功能", "商业功能", PRICE, f"{FREE_PERIOD}免费期", "商业技术支持"],
            "en": [
                "All of the community edition",
                "Commercial features",
                PRICE,
                f"{FREE_PERIOD} free",
                "Commercial support",
            ],
        },
    },
    {
        "key": EditionKey.SUBSCRIPTION,
        "by_application": True,
        "license_limit": 20,
        "least_term_months": 12,
        "term_step_months": 12,
        "offline_days": 30,
        "warning_days": 15,
        "features": COMMERCIAL,
        "name": {"zh": "商业版-订阅制版", "en": "Commercial, subscription"},
        "description": {
            "zh": "按约定的 DataKit 数量按年订阅，由客户经理办理。",
            "en": "By the year, for a number of DataKits, agreed with an account manager.",
        },
        "included": {
            "zh": ["社区版的全部功能", "商业功能", "约定的价格", "商业技术支持"],
            "en": ["All of the community edition", "Commercial features", "Agreed price", "Commercial support"],
        },
    },
    {
        "key": EditionKey.LICENSED,
        "by_application": True,
        "license_limit": 20,
        "least_term_months": 12,
        "term_step_months": 12,
        "perpetual": True,
        "offline_days": 90,
        "warning_days": 30,
        "features": COMMERCIAL,
        "name": {"zh": "商业版-许可证制版", "en": "Commercial, licensed"},
        "description": {
            "zh": "一次性购买约定版本的永久使用许可，含首年维护，由客户经理办理。",
            "en": "Perpetual use of a version, with a year of maintenance, agreed with an account manager.",
        },
        "included": {
            "zh": ["社区版的全部功能", "商业功能", "离线 License", "维护期内的版本升级与商业技术支持"],
            "en": [
                "All of the community edition",
                "Commercial features",
                "Offline license",
                "Version upgrades and commercial support while maintenance runs",
            ],
        },
    },
]
PAY_AS_YOU_GO_PLAN: dict[str, Any] = {
    "version": 1,
    "meter": DATA_KITS,
    "unit_price_minor": 500,
    "currency": "CNY",
    "minimum_quantity": 20,
    "free_period_seconds": 7 * 86_400,
    "time_zone": "Asia/Shanghai",
    "valid_from": SINCE,
}
LICENSE_DAYS = 365
METERS: list[dict[str, Any]] = [
    {
        "key": DATA_KITS,
        "aggregation": Aggregation.LARGEST_HOUR,
        "name": {"zh": "DataKit 数量", "en": "DataKits"},
        "unit": "DataKit",
        "valid_from": SINCE,
    },
]


async def seed_catalog() -> None:
    """Add the editions, meters and first plans that are not there yet; nothing that is there is changed."""
    for position, edition in enumerate(EDITIONS):
        values = {"license_days": LICENSE_DAYS, **edition, "position": position, "valid_from": SINCE}
        await Edition.get_or_create(key=edition["key"], version=1, defaults=values)
    for meter in METERS:
        await Meter.get_or_create(key=meter["key"], defaults=meter)
    await PricePlan.get_or_create(
        edition=EditionKey.PAY_AS_YOU_GO,
        version=PAY_AS_YOU_GO_PLAN["version"],
        group=None,
        account_id=None,
        defaults=PAY_AS_YOU_GO_PLAN,
    )
