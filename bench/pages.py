"""What the console asks when its pages are opened."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import orjson
from graphql import NonNullTypeNode, OperationDefinitionNode, OperationType, parse

from app.api.console import DOCUMENTS
from bench.billed import Billed
from bench.reading import Side

MOST_USED = (
    "HomePage",
    "UpgradePage",
    "UsagePage",
    "ChargesPage",
    "WalletPage",
    "LicenseList",
    "EventsPage",
    "MeFrame",
    "AccountFrame",
    "AccountsPage",
    "StaffAccount",
)
SHOWN = re.compile(r"\bnode\(id: \$id\) \{ __typename (?:\w+ )*\.\.\. on (\w+)")
OWNED = """query($id: ID!) { account(id: $id) {
    licenses(first: 1) { nodes { id } } charges(first: 1) { nodes { pricePlan { id } } } } }"""
TERMS = {
    "meter": "datakit",
    "currency": "CNY",
    "unitPrice": "6.00",
    "minimumQuantity": 20,
    "freePeriodSeconds": 604_800,
    "timeZone": "Asia/Shanghai",
}


def prepare(billing: Side, customer: Billed, staff: str) -> dict[str, str]:
    """Keep a request for every query of the console, the customer's or, where it is for them, that of staff.

    What cannot be asked is returned by name, with the reason.

    Raises:
        RuntimeError: the service answered with errors, or a page is not what it was.
    """
    ids, given, left_out = _ids(customer), _given(customer), {}
    for text in orjson.loads(DOCUMENTS.read_bytes()).values():
        (operation,) = [one for one in parse(text).definitions if isinstance(one, OperationDefinitionNode)]
        if operation.operation is not OperationType.QUERY or operation.name is None:
            continue
        kind = found[1] if (found := SHOWN.search(text)) else "Account"
        if kind not in ids:
            left_out[operation.name.value] = f"the customer has no {kind}"
            continue
        known = {**given, "id": ids[kind]}
        declared = operation.variable_definitions or ()
        asked = [one.variable.name.value for one in declared if isinstance(one.type, NonNullTypeNode)]
        variables = {name: known[name] for name in asked}
        for token in (customer.token, staff):
            answer = billing.prepare(operation.name.value, text, variables, token)
            if "errors" not in answer:
                break
        else:
            raise RuntimeError(f"{operation.name.value}: {answer}")
    if missing := set(MOST_USED) - set(billing.requests):
        raise RuntimeError(f"the console asks no more: {', '.join(sorted(missing))}")
    return left_out


def _ids(customer: Billed) -> dict[str, str]:
    sent = {"query": OWNED, "variables": {"id": customer.account}}
    found = customer.http.post(customer.url, json=sent).json()["data"]["account"]
    return {
        "Account": customer.account,
        "Application": customer.application,
        "License": found["licenses"]["nodes"][0]["id"],
        "PricePlan": found["charges"]["nodes"][0]["pricePlan"]["id"],
    }


def _given(customer: Billed) -> dict[str, Any]:
    """Values of what documents ask for by these names, beside ids."""
    month = customer.first.replace(day=1)
    following = (month + timedelta(days=31)).isoformat()[:7]
    return {
        **customer.variables("Usage"),
        "month": str(month)[:7],
        "former": str(month)[:7],
        "present": following,
        "sandboxes": True,
        "edition": "PAY_AS_YOU_GO",
        "order": "NEWEST_FIRST",
        "state": "SUBMITTED",
        "within": 30,
        "quantity": 100,
        "terms": TERMS,
    }
