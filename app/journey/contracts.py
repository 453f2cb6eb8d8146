"""What falls due with contracts: they begin, are charged by instalments, are reminded of, and end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.accounts.models import Account
from app.accounts.queries import lock_account, of_lane
from app.applications.handling import lapse_due
from app.applications.queries import accounts_with_lapsed_offers
from app.closing.days import catch_up
from app.closing.instalments import raise_instalment
from app.contracts.models import Contract, ContractState, Instalment
from app.contracts.queries import accounts_due, live_contracts
from app.contracts.terms import REMINDERS, before_end, due_at, ends_at, next_attention, starts_at
from app.db.locking import own_transaction
from app.events.recording import SYSTEM, Actor, record
from app.licenses.changing import extend_maintenance, retire_other_editions
from app.upgrades.ending import begin_contract, end_contract


async def advance_contracts(sandboxes: bool | None = None) -> None:
    """Do what is due with the contracts and offers of every account, each account in a transaction of its own; of
    sandbox accounts alone, or, if ``sandboxes`` is false, of the others."""
    for account_id in await of_lane(await accounts_due() | await accounts_with_lapsed_offers(), sandboxes):
        async with own_transaction(account_id):
            await advance(await lock_account(account_id))


async def advance(account: Account) -> None:
    """Do what is due with the contracts and offers of a locked account, the earlier contract first."""
    await lapse_due(account)
    now = account.now()
    for contract in await live_contracts(account.id):
        instalments = await Instalment.filter(contract_id=contract.id).order_by("position")
        if contract.state == ContractState.SCHEDULED and now >= starts_at(contract):
            await _start(account, contract, starts_at(contract))
        for instalment in instalments:
            if instalment.charge_id is None and now >= due_at(contract, instalment):
                instalment.charge_id = await raise_instalment(
                    account, contract.plan_id, instalment.due_on, instalment.amount_minor
                )
                await instalment.save(update_fields=["charge_id"])
        if contract.state == ContractState.ACTIVE and now >= ends_at(contract):
            await _end(account, contract, SYSTEM, ends_at(contract))
        else:
            await _remind(account, contract)
        contract.attention_at = next_attention(contract, instalments)
        await contract.save()


async def cancel_contracts(account: Account, reason: str, actor: Actor) -> None:
    """End the contracts of a locked account before their time, after what is due: what is not is never charged."""
    await advance(account)
    for contract in await live_contracts(account.id):
        await _end(account, contract, actor, account.now(), reason)
        contract.attention_at = None
        await contract.save()


async def _start(account: Account, contract: Contract, at: datetime) -> None:
    await catch_up(account)
    contract.state = ContractState.ACTIVE
    await begin_contract(account, contract.edition, at, _about(contract))
    await retire_other_editions(account, contract.edition)
    if contract.perpetual:
        await extend_maintenance(account, contract.edition, ends_at(contract))


async def _end(account: Account, contract: Contract, actor: Actor, at: datetime, reason: str | None = None) -> None:
    was_active = contract.state == ContractState.ACTIVE
    contract.state, contract.ended_at = ContractState.ENDED, at
    if was_active and contract.perpetual and at == ends_at(contract):
        await record(account.id, at, "contract.maintenance_ended", actor, after=_about(contract))
    elif was_active:
        await end_contract(account, actor, at, _about(contract), reason)
    else:
        await record(account.id, at, "contract.cancelled", actor, after=_about(contract), reason=reason)


async def _remind(account: Account, contract: Contract) -> None:
    due = [days for days in REMINDERS if account.now() >= before_end(contract, days)]
    if contract.state != ContractState.ACTIVE or not due or min(due) >= (contract.reminded_days or 366):
        return
    contract.reminded_days = min(due)
    await record(
        account.id, account.now(), "contract.ending", SYSTEM, after={**_about(contract), "daysBefore": min(due)}
    )


def _about(contract: Contract) -> dict[str, Any]:
    return {
        "contract": str(contract.id),
        "startsOn": contract.starts_on.isoformat(),
        "endsOn": contract.ends_on.isoformat(),
    }
