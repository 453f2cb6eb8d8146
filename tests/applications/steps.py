"""Going through an application, step by step."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.accounts.models import StaffRole
from app.catalog.keys import EditionKey
from tests.api.driver import Api, Enum, agreed, registered
from tests.api.wallets import staff
from tests.billing.factory import edition_with

CONTRACT = "contract { id edition state startsOn endsOn instalments { dueOn amount { amount } charge { kind } } }"

DAY = 86_400
SUBSCRIPTION, LICENSED = Enum("SUBSCRIPTION"), Enum("LICENSED")
STEPS = "nextSteps { action deadline }"
TODAY = date(2026, 3, 2)


async def any_terms() -> None:
    """Let contracts be for any days, and of no version: what the tests of terms, dates and money go by."""
    for edition in (EditionKey.SUBSCRIPTION, EditionKey.LICENSED):
        await edition_with(edition, least_term_months=0, term_step_months=0, perpetual=False)


async def accepted(mine: Api, offer: str, fields: str = CONTRACT) -> Any:
    return await mine.call("acceptOffer", fields, offerId=offer)


async def agreed_and_accepted(mine: Api, account: str, offer: str) -> Any:
    """Accept the agreement of the offered edition, if it is asked for, and the offer."""
    if "ACCEPT_AGREEMENT" in await steps(mine, account):
        await agreed(mine, account)
    return await accepted(mine, offer)


async def apply(mine: Api, account: str, edition: Enum = SUBSCRIPTION, **wish: Any) -> Any:
    asked = {"contactName": "Wang", "contactEmail": "w@example.com", "expectedDataKits": 50, "termMonths": 12, **wish}
    return await mine.call("applyForEdition", "application { id state }", accountId=account, edition=edition, **asked)


async def charged(mine: Api, account: str) -> list[tuple[str, str, str]]:
    found = await mine.account(account, "charges(first: 100) { nodes { day kind amount { amount } } }")
    return sorted((one["day"], one["kind"], one["amount"]["amount"]) for one in found["charges"]["nodes"])


async def event_types(mine: Api, account: str) -> list[str]:
    found = await mine.account(account, "events(last: 100) { nodes { type } }")
    return [event["type"] for event in found["events"]["nodes"]]


async def offered(api: Api, mine: Api, account: str, edition: Enum = SUBSCRIPTION, **made: Any) -> tuple[Api, str, str]:
    """An account manager's client, the application, and its offer."""
    manager = await staff(api, [StaffRole.ACCOUNT_MANAGER])
    application = (await apply(mine, account, edition))["application"]["id"]
    await manager.call("takeApplication", "application { state }", applicationId=application)
    answer = await manager.call("makeOffer", "offer { id }", applicationId=application, **(made or terms()))
    assert answer["__typename"] == "MakeOfferSuccess", answer
    return manager, application, answer["offer"]["id"]


async def steps(mine: Api, account: str) -> list[str]:
    return [step["action"] for step in (await mine.account(account, STEPS))["nextSteps"]]


def terms(starts: date = TODAY, days: int = 365, *parts: tuple[date, str], **changed: Any) -> dict[str, Any]:
    schedule = parts or ((starts, "6000.00"), (starts + timedelta(days=90), "6000.00"))
    return {
        "price": "12000.00",
        "currency": "CNY",
        "dkLimit": 50,
        "startsOn": starts.isoformat(),
        "endsOn": (starts + timedelta(days=days - 1)).isoformat(),
        "schedule": [{"dueOn": due.isoformat(), "amount": amount} for due, amount in schedule],
        "validUntil": datetime(2026, 3, 9, tzinfo=UTC).isoformat(),
        **changed,
    }


async def under_contract(api: Api, **made: Any) -> tuple[Api, str, Any]:
    """A new account that accepted an offer, paid by the enterprise account."""
    mine, account = await registered(api)
    _, _, offer = await offered(api, mine, account, **made)
    await agreed(mine, account)
    await mine.call("chooseSettlementChannel", "binding { state }", accountId=account, channel="guance")
    answer = await accepted(mine, offer)
    assert answer["__typename"] == "AcceptOfferSuccess", answer
    return mine, account, answer["contract"]
