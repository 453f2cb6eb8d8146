"""What the books say of everybody: the trial balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.billing.models import LedgerAccountKind
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

    @property
    def kind(self) -> LedgerAccountKind:
        """What the ledger account holds."""
        return LedgerAccountKind(self.ledger_account.partition(":")[0].upper())

    @property
    def channel(self) -> str | None:
        """The settlement channel that the ledger account is of, if it is of one."""
        return self.ledger_account.partition(":")[2] or None


async def trial_balance(until: datetime | None = None, sandboxes: bool = False) -> list[LedgerBalance]:
    """Every ledger account, over everything posted before ``until`` (accounts' clocks); the balances sum to zero.

    What sandbox accounts did is play money, and left out unless ``sandboxes``.
    """
    rows = await TRIAL_BALANCE.rows(until, sandboxes)
    return [LedgerBalance(**row) for row in rows]
