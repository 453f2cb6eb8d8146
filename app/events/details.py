"""What an event says of before and after, as clients see it: what it is about is named by global ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from app.global_ids import global_id


class Detail(NamedTuple):
    """What a detail is: of a JSON type, or the id of an object of a GraphQL type."""

    kind: type | str
    en: str


DETAILS: dict[str, Detail] = {
    "address": Detail(str, "Where the request came from."),
    "ak": Detail(str, "The pair's AK."),
    "amountMinor": Detail(int, "Money, in minor units of `currency`; without one, of the account's."),
    "application": Detail("Application", "The application."),
    "balanceMinor": Detail(int, "The prepaid balance, in minor units."),
    "bankReference": Detail(str, "What the bank, or the payment provider, calls the payment."),
    "billedFrom": Detail(str, "The first billing day that the price is for."),
    "budgetMinor": Detail(int, "The budget, in minor units."),
    "budgetPeriod": Detail(str, "`MONTH` or `DAY`."),
    "card": Detail("Fund", "The stored-value card."),
    "case": Detail("ReconciliationCase", "The reconciliation case."),
    "caseKind": Detail(str, "How the records differ, as `ReconciliationCase.kind` says."),
    "changed": Detail(list, "The names of what was changed."),
    "channel": Detail(str, "The settlement channel's key."),
    "charge": Detail("Charge", "The charge."),
    "clock": Detail(str, "The sandbox account's clock, an instant."),
    "company": Detail(str, "The organisation's name."),
    "contentHash": Detail(str, "SHA-256 of the agreement's text."),
    "contract": Detail("Contract", "The contract."),
    "corrections": Detail(int, "How many hours were replaced."),
    "coupon": Detail(str, "The coupon's name."),
    "credits": Detail("Charge", "The charge that is given back."),
    "currency": Detail(str, "The currency's code after ISO 4217."),
    "dataKits": Detail(int, "How many DataKits report."),
    "day": Detail(str, "The billing day."),
    "days": Detail(int, "The alert is given when the balance lasts for fewer days."),
    "daysBefore": Detail(int, "How many days ahead this is said."),
    "deliveries": Detail(int, "How many deliveries were made."),
    "deployment": Detail("Deployment", "The deployment, or the fingerprint of one that never reported."),
    "discount": Detail("Discount", "The discount."),
    "edition": Detail(str, "The edition's key."),
    "email": Detail(str, "The e-mail address of who is, was or may become a member."),
    "enabled": Detail(bool, "Whether the endpoint is posted to."),
    "endedBy": Detail(str, "Why the link ended: `UNSUBSCRIBED` or `REFUSED`."),
    "endsOn": Detail(str, "The contract's last day."),
    "expiresAt": Detail(str, "When the license expires."),
    "forecast": Detail(bool, "Whether it is the forecast that reached the percent."),
    "group": Detail(str, "The key of the group whose negotiated prices the account has."),
    "invoice": Detail("Invoice", "The invoice."),
    "label": Detail(str, "The label."),
    "lastsDays": Detail(int, "For how many days the balance lasts."),
    "leftMinor": Detail(int, "What was left, in minor units."),
    "license": Detail("License", "The license."),
    "limit": Detail(int, "How many DataKits the license allows."),
    "manager": Detail(str, "The account manager's e-mail address."),
    "mediaType": Detail(str, "What kind of file it is."),
    "meter": Detail(str, "The meter's key; of a budget, null where it is for all charges."),
    "month": Detail(str, "The month, as `2026-03`."),
    "name": Detail(str, "The name."),
    "number": Detail(str, "The document's number."),
    "offer": Detail("Offer", "The offer."),
    "online": Detail(bool, "Whether it is paid online."),
    "owed": Detail(list, "What is owed: objects with `currency` and `amountMinor`."),
    "period": Detail(str, "The month, as `2026-03`, or the day, as `2026-03-10`."),
    "plan": Detail(int, "The version of the price plan."),
    "priceEn": Detail(str, "The price in words, in English."),
    "priceMinor": Detail(int, "The price offered, in minor units."),
    "priceZh": Detail(str, "The price in words, in Chinese."),
    "quantity": Detail(int, "What the day has come to so far."),
    "receivedMinor": Detail(int, "What arrived, in minor units."),
    "recipient": Detail(str, "Who gets what is sent there."),
    "redNumber": Detail(str, "The number of the red invoice."),
    "reference": Detail(str, "What the bank, or the payment provider, calls the refund."),
    "revokeAt": Detail(str, "When the license that was replaced ends."),
    "role": Detail(str, "The member's role."),
    "sandbox": Detail(bool, "Whether it is a sandbox account."),
    "since": Detail(str, "The instant from which on events are told again."),
    "source": Detail(str, "What kind of voucher it is."),
    "spentMinor": Detail(int, "What the period costs, or its forecast, in minor units."),
    "startsOn": Detail(str, "The contract's first day."),
    "state": Detail(str, "The state of what the event is about."),
    "subject": Detail(str, "What is suspended: `ACCOUNT`, `LICENSE` or `DEPLOYMENT`."),
    "suspension": Detail("Suspension", "The suspension."),
    "taxNumber": Detail(str, "The organisation's tax number."),
    "threshold": Detail(int, "The number that the day's quantity reached."),
    "thresholdPercent": Detail(int, "The percent of the budget."),
    "thresholds": Detail(list, "The percents of the budget, or the quantities of a day, that are told."),
    "title": Detail(str, "The name that invoices are made out to."),
    "topUp": Detail("TopUp", "The top-up."),
    "until": Detail(str, "Until when, an instant."),
    "url": Detail(str, "The endpoint's URL."),
    "validUntil": Detail(str, "Until when the offer can be accepted."),
    "version": Detail(int, "The agreement's version."),
    "voucher": Detail("Fund", "The voucher."),
    "vouchers": Detail("Fund", "The vouchers that came with the card, a list."),
    "walletShare": Detail("WalletShare", "Whose balance pays for whom."),
}


def shown(details: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Details with global ids for keys; what is no key, as the fingerprint of a deployment, stays."""
    if details is None:
        return None
    return {name: _shown(name, value) for name, value in details.items()}


def _shown(name: str, value: Any) -> Any:
    kind = DETAILS[name].kind if name in DETAILS else str
    if isinstance(kind, type):
        return value
    if isinstance(value, list):
        return [_shown(name, item) for item in value]
    try:
        return global_id(kind, UUID(value))
    except (AttributeError, TypeError, ValueError):
        return value
