"""A mutation that is sent again with its key answers the same, whatever kind of thing it answers with."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from strawberry.types.base import StrawberryList
from tortoise.models import Model

from app import clock
from app.accounts.models import Account, StaffRole
from app.api.fields import View
from app.api.node import Node, decode_id
from app.api.repeats import row_type
from app.api.schema import schema
from app.deployments.models import Deployment
from app.usage.checks import HourlyReport
from app.usage.reporting import report_usage
from tests.api.driver import Api, Enum, activate, license_and_key, upgraded
from tests.api.wallets import staff

NAMES = {"zh": "名称", "en": "Name"}


@pytest.mark.parametrize(
    ("mutation", "fields", "given"),
    [
        ("putPriceGroup", "priceGroup { key name accounts { totalCount } }", {"group": "partners", "name": NAMES}),
        (
            "publishMeter",
            "meter { key name unit aggregation validFrom changedBy }",
            {"meter": "m_1", "name": NAMES, "unit": "GB", "aggregation": Enum("SUM")},
        ),
        ("publishRelease", "release { version releasedAt }", {"version": "9.1.0"}),
    ],
)
async def test_what_has_no_global_id(api: Api, mutation: str, fields: str, given: dict[str, Any]) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    first, second = [await operator.call(mutation, fields, **given, idempotencyKey="k") for _ in range(2)]
    assert "code" not in first, first
    assert second == first


async def test_what_is_gone_since(api: Api) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    given: dict[str, Any] = {"version": "9.1.0", "releasedAt": "2099-01-01T00:00:00Z"}
    await operator.call("publishRelease", "release { version }", **given, idempotencyKey="k")
    await operator.call("withdrawRelease", "release { version }", version="9.1.0")
    again = await operator.call("publishRelease", "release { version }", **given, idempotencyKey="k")
    assert again.get("code", "NOT_FOUND") == "NOT_FOUND"


def test_everything_that_mutations_answer_with_can_be_kept() -> None:
    """Rows are kept by their keys, alone or in lists; a view of anything else is made by a resolver, anew."""
    for name, kind in schema.schema_converter.type_map.items():
        definition: Any = kind.definition
        for field in definition.fields if name.endswith("Success") else ():
            optional = getattr(field.type, "of_type", field.type)
            listed = isinstance(field.type, StrawberryList)
            if not field.init or not isinstance(optional, type) or issubclass(optional, Node):
                continue
            if issubclass(optional, View):
                assert issubclass(row_type(optional), Model), (name, field.name)
                assert not listed, (name, field.name)
            elif dataclasses.is_dataclass(optional):
                kept = [one.type for one in dataclasses.fields(optional) if one.init]
                assert not [one for one in kept if isinstance(one, type) and issubclass(one, View)], (name, field.name)


async def test_a_list_of_what_was_made(api: Api) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    found = (await mine.account(account, "deployments { nodes { id fingerprint } }"))["deployments"]["nodes"][0]
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    deployment = await Deployment.get(id=decode_id(found["id"], "Deployment", "id"))
    await report_usage(await Account.get(id=deployment.account_id), deployment, [HourlyReport(hour, ["dk-1"])])
    given: dict[str, Any] = {"deploymentId": found["id"], "reason": "gone", "reports": [{"hour": hour.isoformat()}]}
    first, second = [
        await mine.call("correctUsage", "corrections { id reason }", **given, idempotencyKey="k") for _ in range(2)
    ]
    assert len(first["corrections"]) == 1
    assert second == first
