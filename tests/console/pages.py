"""Every page of the console: it is opened in both themes and sizes, compared with its picture, and looked at by axe."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    """A page: its name, its path (of the customer's account where ``of`` is ``account``), and who opens it."""

    name: str
    path: str
    of: str


PAGES = (
    Shown("sign-in", "/sign-in", "nobody"),
    Shown("register", "/register", "nobody"),
    Shown("reset-password", "/reset-password", "nobody"),
    Shown("home", "", "account"),
    Shown("upgrade", "upgrade", "account"),
    Shown("charges", "charges", "account"),
    Shown("statements", "statements", "account"),
    Shown("invoices", "invoices", "account"),
    Shown("licenses", "licenses", "account"),
    Shown("contracts", "contracts", "account"),
)
