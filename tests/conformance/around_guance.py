"""The enterprise account's surroundings: it is its own provider, and its books are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from settlement_spec import Charge, SettlementChannel
from settlement_spec.conformance import Collected, Harness
from tortoise.connection import get_connection


class EnterpriseAccountHarness(Harness):
    """What the wallets paid to the vendor is what was collected."""

    wrong_configurations = ({"iban": "DE00"},)

    async def collected(self, channel: SettlementChannel, charges: Sequence[Charge]) -> Iterable[Collected]:
        """What the wallets paid to the vendor."""
        rows = await get_connection("default").execute_query_dict(
            "SELECT t.reference, e.amount_minor, e.account_id FROM guance_entry e "
            "JOIN guance_transaction t ON t.id = e.transaction_id "
            "WHERE upper(t.kind) = 'CHARGE' AND upper(e.place) = 'VENDOR'"
        )
        return [Collected(row["reference"], row["amount_minor"], str(row["account_id"])) for row in rows]
