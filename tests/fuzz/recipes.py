"""Arguments that belong together, for mutations that chance alone would never get through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from graphql import EnumValueNode

from app.clock import now
from tests.api.driver import GATEWAY, Enum
from tests.api.wallets import TITLE
from tests.applications.steps import terms
from tests.fuzz.values import Values

Recipe = Callable[[Values], dict[str, Any]]


def _agreement(values: Values) -> dict[str, Any]:
    known = values.pool.known("AgreementVersion", "contentHash")
    return {"agreementId": known["id"], "contentHash": known["contentHash"]} if known else {}


def _top_up(values: Values) -> dict[str, Any]:
    known = values.pool.known("TopUp", "reference")
    if not known:
        return {}
    return {"topUpId": known["id"], "bankReference": known["reference"], "receivedAmount": "10.00"}


def _activation(values: Values) -> dict[str, Any]:
    found = {"sk": values.pool.last("sk"), "ak": values.pool.last("ak")}
    found["license"] = (values.pool.known("License", "text") or {}).get("text")
    given = {name: value for name, value in found.items() if value}
    return given | {"dataGatewayUrl": GATEWAY, "fingerprint": f"fingerprint-{values.random.randrange(5)}"}


def _offer(values: Values) -> dict[str, Any]:
    return {key: EnumValueNode(value=str(one)) if isinstance(one, Enum) else one for key, one in terms().items()}


def _hour(values: Values) -> dict[str, Any]:
    at = now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=values.random.randrange(4))
    kits = [f"dk-{values.random.randrange(40)}" for _ in range(3)]
    return {"reports": [{"hour": at.isoformat(), "dataKits": kits}]}


def _later(values: Values) -> dict[str, Any]:
    return {"validFrom": (now() + timedelta(days=values.random.randrange(1, 400))).replace(microsecond=0).isoformat()}


def _names(values: Values) -> dict[str, Any]:
    return {"name": {"zh": "名称", "en": "Name"}}


def _price(values: Values) -> dict[str, Any]:
    price = {
        "meter": "datakit",
        "unitPrice": f"{values.random.randrange(1, 9)}.00",
        "minimumQuantity": 20,
        "currency": "CNY",
        "timeZone": "Asia/Shanghai",
        "freePeriodSeconds": 604_800,
    }
    return _later(values) | {"edition": EnumValueNode(value="PAY_AS_YOU_GO"), "terms": price}


def _company(values: Values) -> dict[str, Any]:
    return {"title": {**TITLE, "kind": EnumValueNode(value="COMPANY")}}


def _coupon(values: Values) -> dict[str, Any]:
    return {"percentOff": 5, "amountOff": None, "code": f"C-{values.random.randrange(10**9)}", "currency": None}


def _soon(values: Values) -> dict[str, Any]:
    return {"expiresAt": (now() + timedelta(days=200)).replace(microsecond=0).isoformat(), "amount": "1.00"}


RECIPES: dict[str, Recipe] = {
    "acceptAgreement": _agreement,
    "activateLicense": _activation,
    "addInvoiceTitle": _company,
    "advanceSandboxClock": lambda values: {"bySeconds": values.random.choice((1, 3_600, 86_400)), "to": None},
    "applyForEdition": lambda values: {"edition": EnumValueNode(value="LICENSED"), "expectedDataKits": 50},
    "chooseSettlementChannel": lambda values: {"channel": "guance", "configuration": {}},
    "confirmTopUp": _top_up,
    "correctReportedUsage": _hour,
    "correctUsage": _hour,
    "createCoupon": _coupon,
    "issueVoucher": _soon,
    "issueVoucherCodes": _soon,
    "makeOffer": _offer,
    "publishAgreement": lambda values: _later(values) | {"title": {"zh": "协议", "en": "Agreement"}},
    "publishMeter": lambda values: _names(values) | _later(values) | {"meter": f"m_{values.random.randrange(10**6)}"},
    "publishPricePlan": _price,
    "publishRelease": lambda values: {"version": f"3.{values.random.randrange(999)}.0"},
    "putPriceGroup": _names,
    "register": lambda values: {"email": f"x{values.random.randrange(10**9)}@example.com"},
    "reportUsage": _hour,
    "requestTopUp": lambda values: {"amount": "10.00"},
    "upgradeEdition": lambda values: {"edition": EnumValueNode(value="PAY_AS_YOU_GO")},
    "takeBackInvoice": lambda values: {"number": str(values.random.randrange(10**8))},
    "withdrawRelease": lambda values: {"version": str(values.pool.last("version"))},
}
FOR_DEPLOYMENTS = {"reportUsage", "correctReportedUsage"}
