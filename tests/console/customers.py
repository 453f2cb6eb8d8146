"""Customers of the scene, as they come: they register, and some apply."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.driver import Api, Enum

PASSWORD = "correct horse battery"


async def registered(
    http: httpx.AsyncClient, email: str, name: str, organization: str, sandbox: bool
) -> tuple[Api, str]:
    """A new user who reads Chinese, and the id of the user's account."""
    anybody = Api(http, None, "zh")
    done = await anybody.call(
        "register",
        "token account { id }",
        email=email,
        password=PASSWORD,
        name=name,
        organizationName=organization,
        sandbox=sandbox,
    )
    return Api(http, done["token"], "zh"), done["account"]["id"]


async def applied(http: httpx.AsyncClient, email: str, name: str, organization: str, **wish: Any) -> str:
    """The id of a new customer's application for the subscription edition."""
    applicant, account = await registered(http, email, name, organization, sandbox=False)
    made = await applicant.call(
        "applyForEdition",
        "application { id }",
        accountId=account,
        edition=Enum("SUBSCRIPTION"),
        contactName=name,
        termMonths=12,
        **wish,
    )
    assert made["__typename"] == "ApplyForEditionSuccess", made
    return str(made["application"]["id"])
