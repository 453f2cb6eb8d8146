"""Beginning an upgrade, and accepting the agreement that it asks for."""

from __future__ import annotations

from app.accounts.models import Account
from app.contracts.queries import live_contract
from app.errors import UpgradeConflict


async def refuse_under_contract(account: Account) -> None:
    """Raise unless the account may begin an upgrade of its own.

    Raises:
        UpgradeConflict: it has a contract, in force or to come.
    """
    contract = await live_contract(account.id)
    if contract is not None:
        raise UpgradeConflict(edition=contract.edition, state=contract.state, path=("edition",))
