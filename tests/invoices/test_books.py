"""The title book and the address book: what an entry may say, and tax numbers that hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from app.errors import InvalidInput
from app.invoices.books import MOST_ENTRIES
from app.invoices.models import InvoiceTitle
from app.invoices.tax_numbers import check_tax_number
from tests.api.driver import Api, Enum, registered
from tests.api.wallets import TITLE, titled

DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ({"taxNumber": "91110000600037341M"}, "taxNumber"),
        ({"taxNumber": None}, "taxNumber"),
        ({"name": " "}, "name"),
        ({"name": "示例\u2028科技"}, "name"),
        ({"name": "示" * 201}, "name"),
        ({"country": "cn"}, "country"),
        ({"registeredPhone": "call us"}, "registeredPhone"),
        ({"registeredPhone": "\uff10\uff11\uff10-55550100"}, "registeredPhone"),
        ({"bank": "x" * 201}, "bank"),
        ({"bankAccount": "1" * 41}, "bankAccount"),
        ({"registeredAddress": "x" * 201}, "registeredAddress"),
        ({"kind": Enum("PERSONAL")}, "taxNumber"),
        ({"kind": Enum("PERSONAL"), "taxNumber": None}, "registeredAddress"),
    ],
)
async def test_a_wrong_title_is_refused_with_the_field_at_fault(api: Api, title: dict[str, Any], field: str) -> None:
    mine, account = await registered(api)
    given = {name: value for name, value in (TITLE | title).items() if value is not None}
    refused = await mine.call("addInvoiceTitle", "title { id }", accountId=account, title=given)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["title", field])
    assert await InvoiceTitle.all().count() == 0


@pytest.mark.parametrize(
    ("address", "field"),
    [({"recipient": ""}, "recipient"), ({"phone": "x"}, "phone"), ({"address": "x" * 501}, "address")],
)
async def test_a_wrong_address_is_refused_with_the_argument_at_fault(
    api: Api, address: dict[str, str], field: str
) -> None:
    mine, account = await registered(api)
    right: dict[str, Any] = {"recipient": "王小明", "phone": "010-55550100", "address": "北京市海淀区"}
    refused = await mine.call("addInvoiceAddress", "address { id }", accountId=account, **right | address)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", [field])


async def test_a_book_has_an_end(api: Api) -> None:
    mine, account = await registered(api)
    await titled(mine, account)
    (row,) = await InvoiceTitle.all().values()
    row.pop("id")
    await InvoiceTitle.bulk_create(InvoiceTitle(**row) for _ in range(MOST_ENTRIES - 1))
    refused = await mine.call("addInvoiceTitle", "title { id }", accountId=account, title=TITLE)
    assert refused["code"] == "INVALID_INPUT"
    assert "remove one first" in refused["message"]


@given(st.integers(0, 16), st.sampled_from(DIGITS))
def test_one_wrong_character_of_a_unified_social_credit_code_is_refused(place: int, character: str) -> None:
    """GB 32100-2015: weights are powers of 3 modulo 31, so that the check character finds every single mistake."""
    right = "91110000600037341L"
    assert uscc.calc_check_digit(right[:-1]) == right[-1]
    changed = right[:place] + character + right[place + 1 :]
    if changed == right:
        assert check_tax_number("CN", f" {right.lower()} ") == right
    else:
        with pytest.raises(InvalidInput):
            check_tax_number("CN", changed)


@pytest.mark.parametrize(("country", "number"), [("DE", "DE 136,695"), ("US", ""), ("US", "x" * 41), ("CHN", "1")])
def test_tax_numbers_of_other_countries_have_limits(country: str, number: str) -> None:
    with pytest.raises(InvalidInput):
        check_tax_number(country, number)


def test_tax_numbers_of_other_countries_are_free_of_form_within_those() -> None:
    assert check_tax_number("DE", " de 136.695/976 ") == "DE 136.695/976"
