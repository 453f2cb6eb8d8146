"""What the books say of everybody: the trial balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.db.sql import statement

TRIAL_BALANCE = statement(__file__, "trial_balance")


@dataclass(frozen=True)
class LedgerBalance:
    """A ledger account's turnover in minor units of a currency; ``balance_minor`` is debits less credits."""

    ledger_account: str
    currency: str
    debit_minor: int
    credit_minor: int
    balance_minor: int


async def trial_balance(until: datetime | None = None, sandboxes: bool = False) -> list[LedgerBalance]:
    """Every ledger account, over everything posted before ``until`` (accounts' clocks); the balances sum to zero.

    What sandbox accounts did is play money, and left out unless ``sandboxes``.
    """
    rows = await TRIAL_BALANCE.rows(until, sandboxes)
    return [LedgerBalance(**row) for row in rows]
