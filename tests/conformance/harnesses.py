"""The built-in channels' surroundings, for the conformance kit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from settlement_spec import Charge, SettlementChannel
from settlement_spec.conformance import Collected, Harness
from tortoise.connection import get_connection


class EnterpriseAccountHarness(Harness):
    """The enterprise account is its own provider: its books are read."""

    wrong_configurations = ({"iban": "DE00"},)

    async def collected(self, channel: SettlementChannel, charges: Sequence[Charge]) -> Iterable[Collected]:
        """What the wallets paid to the vendor."""
        rows = await get_connection("default").execute_query_dict(
            "SELECT t.reference, e.amount_minor, e.account_id FROM guance_entry e "
            "JOIN guance_transaction t ON t.id = e.transaction_id "
            "WHERE upper(t.kind) = 'CHARGE' AND upper(e.place) = 'VENDOR'"
        )
        return [Collected(row["reference"], row["amount_minor"], str(row["account_id"])) for row in rows]


HARNESSES: dict[str, Callable[[], Harness]] = {"guance": EnterpriseAccountHarness}


def pytest_settlement_channel_harness(name: str) -> Harness | None:
    """The harness of a built-in channel."""
    return HARNESSES[name]() if name in HARNESSES else None
