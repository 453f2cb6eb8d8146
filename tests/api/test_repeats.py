"""A mutation that is sent again with its key answers the same, whatever kind of thing it answers with."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest
from tortoise.models import Model

from app.accounts.models import StaffRole
from app.api.fields import View
from app.api.node import Node
from app.api.schema import schema
from tests.api.driver import Api, Enum
from tests.api.wallets import staff

NAMES = {"zh": "名称", "en": "Name"}


@pytest.mark.parametrize(
    ("mutation", "fields", "given"),
    [
        ("putPriceGroup", "priceGroup { key name accountIds }", {"group": "partners", "name": NAMES}),
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
    """Rows are kept by their keys; a view of anything else is made by a resolver, anew."""
    for name, kind in schema.schema_converter.type_map.items():
        definition: Any = kind.definition
        for field in definition.fields if name.endswith("Success") else ():
            view = getattr(field.type, "of_type", field.type)
            if field.init and isinstance(view, type) and issubclass(view, View) and not issubclass(view, Node):
                assert issubclass(get_type_hints(view)["row"], Model), (name, field.name)
