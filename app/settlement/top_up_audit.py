"""Top-ups that prepaid channels confirmed, against what the journal says was paid in."""

from __future__ import annotations

from settlement_spec import Money, TopUpState
from tortoise.connection import get_connection

from app.billing.ledger import BANK, TOP_UP
from app.settlement.host import ChannelHost
from app.settlement.top_ups import list_top_ups

POSTED_SQL = """
SELECT t.reference, e.amount_minor, e.currency
FROM journal_transaction t JOIN journal_entry e ON e.transaction_id = t.id
WHERE t.kind = $1 AND e.ledger_account = $2 AND t.reference = ANY($3::uuid[])
"""


async def top_up_differences(host: ChannelHost) -> list[str]:
    """What differs, in words: of the newest confirmed top-ups, as many as the channels list.

    Raises:
        ChannelUnavailable: a channel failed.
    """
    confirmed = await list_top_ups(host, state=TopUpState.CONFIRMED)
    ids = [top_up.id for top_up in confirmed]
    rows = await get_connection("default").execute_query_dict(POSTED_SQL, [TOP_UP, BANK, ids])
    posted = {row["reference"]: Money(row["amount_minor"], row["currency"]) for row in rows}
    return [
        f"top-up {top_up.id}: the channel received {top_up.received}, and the journal says {posted.get(top_up.id)}"
        for top_up in confirmed
        if posted.get(top_up.id) != top_up.received
    ]
