"""What operators publish in tests."""

from __future__ import annotations

from typing import Any

from tests.api.wallets import DAY

NAME = {"zh": "日志", "en": "Logs"}
PRICE: dict[str, Any] = {
    "meter": "datakit",
    "currency": "CNY",
    "unitPrice": "6.00",
    "minimumQuantity": 20,
    "freePeriodSeconds": 7 * DAY,
    "timeZone": "Asia/Shanghai",
}
EDITION: dict[str, Any] = {
    "name": NAME,
    "description": NAME,
    "includedZh": ["日志"],
    "includedEn": ["Logs"],
    "features": ["logs"],
    "byApplication": False,
    "position": 1,
    "licenseDays": 365,
    "licenseLimit": 20,
    "spareLicenseLimit": 1,
    "rotationGraceDays": 7,
    "offlineDays": 14,
    "warningDays": 14,
}
