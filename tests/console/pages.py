"""Every page of the console: it is opened in both themes and sizes, compared with its picture, and looked at by axe."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    """A page: its name, its path (of the customer's account where ``of`` is ``account``, which ``{account}`` stands for
    elsewhere), and who opens it."""

    name: str
    path: str
    of: str
    steady: bool = True
    """Whether it looks the same every time; what follows the worker's pace does not, and is not compared."""


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
    Shown("wallet", "wallet", "account"),
    Shown("usage", "usage", "account"),
    Shown("members", "members", "account"),
    Shown("settings", "settings", "account"),
    Shown("alerts", "alerts", "account"),
    Shown("events", "events", "account", steady=False),
    Shown("webhooks", "webhooks", "account"),
    Shown("profile", "/me", "person"),
    Shown("security", "/me/security", "person"),
    Shown("tokens", "/me/tokens", "person"),
    Shown("staff", "/staff", "staff"),
    Shown("staff-account", "/staff/accounts/{account}", "staff"),
    *(
        Shown(f"staff-{page}", f"/staff/{page}", "staff")
        for page in (
            *("applications", "accounts", "top-ups", "invoices", "verifications", "settlements", "cases", "vouchers"),
            *("coupons", "revenue", "arrears", "books", "plans", "groups", "meters", "editions", "agreements"),
            *("releases", "days", "channels", "roles", "audit"),
        )
    ),
)
