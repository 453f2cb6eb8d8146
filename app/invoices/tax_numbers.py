"""Tax numbers of invoice titles."""

from __future__ import annotations

import re

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from app.errors import InvalidInput

COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
FREE_FORM = re.compile(r"[A-Z0-9][A-Z0-9 ./-]{0,39}", re.ASCII)


def check_tax_number(country: str, number: str) -> str:
    """The number as it is printed: capitals, without blanks at the ends.

    In CN it is a unified social credit code of 18 characters with its check character (GB 32100-2015); elsewhere
    anything of 1 to 40 letters, digits, blanks, dots, slashes and hyphens.

    Raises:
        InvalidInput: ``country`` is no ISO 3166-1 alpha-2 code in capitals, or the number is not one of that country.
    """
    country, number = check_country(country), number.strip().upper()
    if country == "CN":
        try:
            return str(uscc.validate(number))
        except ValidationError:
            raise InvalidInput(
                reason_en="taxNumber must be a unified social credit code of 18 characters: check it",
                reason_zh="taxNumber 必须是 18 位统一社会信用代码：请核对",
                path=("taxNumber",),
            ) from None
    if not FREE_FORM.fullmatch(number):
        raise InvalidInput(
            reason_en="taxNumber must have 1 to 40 letters, digits, blanks, dots, slashes or hyphens",
            reason_zh="taxNumber 须为 1 到 40 个字母、数字、空格、点、斜杠或连字符",
            path=("taxNumber",),
        )
    return number


def check_country(country: str) -> str:
    """``country``, which is an ISO 3166-1 alpha-2 code in capitals.

    Raises:
        InvalidInput: it is not.
    """
    if not COUNTRY.fullmatch(country):
        raise InvalidInput(
            reason_en="country must be two capital letters, such as CN",
            reason_zh="country 必须是两个大写字母，例如 CN",
            path=("country",),
        )
    return country
