"""Announcements by EventBridge: an API destination POSTs each event with an API key.

Names and meaning are those of AWS's page "Managing SaaS subscription events with Amazon EventBridge": a purchase
agreement that ended can be metered for one more hour, until its license is deprovisioned. A license that is updated is
the first sign of an agreement that can be metered where no rule sends the other events.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from settlement_aws.client import GOES_ON
from settlement_aws.notifications import Action, Event

SOURCE = "aws.agreement-marketplace"
ACTIONS = {
    "Purchase Agreement Created": Action.SUBSCRIBED,
    "Purchase Agreement Ended": Action.LEAVING,
    "License Updated": Action.LICENSED,
    "License Deprovisioned": Action.UNSUBSCRIBED,
}


def parse(body: bytes, product_codes: frozenset[str]) -> Event | None:
    """The event in a request's body; ``None`` if it is of another source or product.

    Raises:
        ValueError: it does not have the form of an event.
    """
    try:
        message = json.loads(body)
        if message["source"] != SOURCE:
            return None
        detail = message["detail"]
        name = str(message["detail-type"]).partition(" - ")[0]
        agreement = detail.get("agreement", {})
        product = _text(detail.get("product", {}).get("code"))
        if product is not None and product not in product_codes:
            return None
        action: str = ACTIONS.get(name, name)
        if action == Action.LEAVING and agreement.get("status") in GOES_ON:
            action = f"{name}: {agreement['status']}"
        return Event(
            message_id=f"eventbridge:{message['id']}"[:100],
            action=action[:100],
            at=_instant(message["time"]),
            product_code=product,
            customer_aws_account_id=_text(detail.get("acceptor", {}).get("accountId")),
            license_arn=_text(detail.get("license", {}).get("arn")),
            agreement_id=_text(agreement.get("id")),
            payload=message,
        )
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ValueError(f"this is no event of AWS Marketplace: {error!r}") from None


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.isprintable() or len(value) > 255:
        raise ValueError("names in an event are short printable texts")
    return value


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("the time of an event has a time zone")
    return instant
