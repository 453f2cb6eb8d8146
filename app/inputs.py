"""Checks of input that every room takes: each answers the value as it is kept, or refuses it by the argument's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from email_validator import EmailNotValidError, validate_email

from app.errors import BillingError, InvalidInput
from app.money import exponent, in_major_units, is_currency

PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{4,28}", re.ASCII)
LONGEST_ADDRESS = 254
LONGEST_EXPLANATION = 500
MOST_MAJOR = 100_000_000


def text(value: str, name: str, longest: int, shortest: int = 1) -> str:
    """``value``, which is one line, without surrounding blanks.

    Raises:
        InvalidInput: it is shorter or longer than allowed, or has control characters in it.
    """
    value = lines(value, name, longest, shortest)
    if not value.isprintable():
        raise InvalidInput(
            reason_en=f"{name} must not contain control characters", reason_zh=f"{name} 不得包含控制字符", path=(name,)
        )
    return value


def explanation(value: str, name: str = "reason") -> str:
    """``value``, a reason or a note: one line of 1 to 500 characters, without surrounding blanks.

    Raises:
        InvalidInput: it is longer or empty, or has control characters in it.
    """
    return text(value, name, LONGEST_EXPLANATION)


def optional(check: Callable[..., str], value: str | None, *given: Any) -> str | None:
    """What a check (``text``, ``phone_number``) answers of ``value``, with what else it is given; nothing for nothing.

    Raises:
        InvalidInput: the check refuses it.
    """
    return check(value, *given) if value else None


def lines(value: str, name: str, longest: int, shortest: int = 1) -> str:
    """``value``, which may have several lines, without surrounding blanks.

    Raises:
        InvalidInput: it is shorter or longer than allowed.
    """
    value = value.strip()
    if not shortest <= len(value) <= longest:
        raise InvalidInput(
            reason_en=f"{name} must have {shortest} to {longest} characters",
            reason_zh=f"{name} 须为 {shortest} 到 {longest} 个字符",
            path=(name,),
        )
    return value


@contextmanager
def as_argument(argument: str) -> Iterator[None]:
    """What is refused inside is ``argument``, whatever it is called there."""
    try:
        yield
    except BillingError as error:
        error.path = (argument,)
        raise


@contextmanager
def within(argument: str) -> Iterator[None]:
    """What is refused inside is a part of ``argument``: the path of the error begins there."""
    try:
        yield
    except BillingError as error:
        error.path = (argument, *error.path)
        raise


def email(value: str, path: tuple[str, ...], example: str = "admin@example.com") -> str:
    """``value``, which is an e-mail address that every mail server takes, its domain as DNS has it (``xn--…``).

    Raises:
        InvalidInput: it is none, or has more than 254 characters.
    """
    name = path[-1]
    value = text(value, name, LONGEST_ADDRESS)
    try:
        found = validate_email(value, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise InvalidInput(
            reason_en=f"{name} must be an e-mail address such as {example}",
            reason_zh=f"{name} 必须是邮箱地址，例如 {example}",
            path=path,
        ) from None
    return text(found.ascii_email or found.normalized, name, LONGEST_ADDRESS)


def sign_in_address(value: str, path: tuple[str, ...] = ("email",)) -> str:
    """The e-mail address that somebody signs in with, however it is written.

    Raises:
        InvalidInput: it is none, or has more than 254 characters.
    """
    return email(value, path).lower()


def phone_number(value: str, name: str) -> str:
    """``value``, which is a phone number, without surrounding blanks.

    Raises:
        InvalidInput: it is none.
    """
    value = value.strip()
    if not PHONE.fullmatch(value):
        raise InvalidInput(
            reason_en=f"{name} must be a number such as +86 21 5555 0100",
            reason_zh=f"{name} 必须是电话号码，例如 +86 21 5555 0100",
            path=(name,),
        )
    return value


def between(value: int, least: int, most: int, name: str) -> int:
    """``value``, which is neither below ``least`` nor above ``most``.

    Raises:
        InvalidInput: it is.
    """
    if not least <= value <= most:
        raise InvalidInput(
            reason_en=f"{name} must be {least} to {most}", reason_zh=f"{name} 须在 {least} 到 {most} 之间", path=(name,)
        )
    return value


def currency_code(value: str) -> str:
    """``value``, which is the code of a currency.

    Raises:
        InvalidInput: there is no such currency.
    """
    if not is_currency(value):
        raise InvalidInput(
            reason_en="currency must be an ISO 4217 code such as CNY",
            reason_zh="currency 必须是 ISO 4217 代码，例如 CNY",
            path=("currency",),
        )
    return value


def minor_units(amount: Decimal, currency: str, name: str) -> int:
    """The minor units of an amount in major units.

    Raises:
        InvalidInput: there is no such currency, or the amount has more decimals than that, or is beyond a hundred
            million.
    """
    decimals = exponent(currency_code(currency))
    written = amount.as_tuple().exponent
    if not isinstance(written, int) or -written > decimals or abs(amount) > MOST_MAJOR:
        example = in_major_units(1000 * 10**decimals, currency)
        raise InvalidInput(
            reason_en=f"{name} must be an amount in {currency} such as {example}, with {decimals} decimals at most",
            reason_zh=f"{name} 须为 {currency} 金额，例如 {example}，至多 {decimals} 位小数",
            path=(name,),
        )
    return int(amount.scaleb(decimals))


def above_zero(minor: int, path: tuple[str, ...] = ("amount",)) -> int:
    """``minor``, an amount in minor units, which is above zero.

    Raises:
        InvalidInput: it is not.
    """
    if minor <= 0:
        name = path[-1]
        raise InvalidInput(reason_en=f"{name} must be above zero", reason_zh=f"{name} 必须大于零", path=path)
    return minor


def day_between(value: date, first: date, last: date, path: tuple[str, ...]) -> date:
    """``value``, a day that is neither before ``first`` nor after ``last``.

    Raises:
        InvalidInput: it is.
    """
    if not first <= value <= last:
        name = path[-1]
        raise InvalidInput(
            reason_en=f"{name} must be {first} to {last}", reason_zh=f"{name} 须在 {first} 到 {last} 之间", path=path
        )
    return value


def not_before(value: date, first: date, name: str) -> date:
    """``value``, a day that is not before ``first``.

    Raises:
        InvalidInput: it is.
    """
    if value < first:
        raise InvalidInput(
            reason_en=f"{name} must not be before {first}", reason_zh=f"{name} 不得早于 {first}", path=(name,)
        )
    return value
