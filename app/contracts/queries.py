"""Looking up an account's contracts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from app import clock
from app.accounts.models import Account
from app.catalog.queries import with_plans
from app.contracts.models import LIVE, Contract, ContractState, Instalment
from app.contracts.terms import ends_at, starts_at
from app.db.sql import statement
from app.db.together import grouped, together
from app.errors import ApplicationConflict
from app.upgrades.queries import billing_zone, followed_upgrade

DUE = statement(__file__, "due")
LIVE_CONTRACTS = statement(__file__, "live")


@together
async def _live(account_ids: Sequence[UUID]) -> dict[UUID, list[Contract]]:
    found = await LIVE_CONTRACTS.objects(Contract, account_ids)
    await with_plans(found)
    return grouped(found, lambda contract: contract.account_id)


async def live_contracts(account_id: UUID) -> list[Contract]:
    """The contract in force and those to come, in order of time, with their plans."""
    return await _live(account_id) or []


async def live_contract(account_id: UUID) -> Contract | None:
    """The contract in force, or else the next one that will be."""
    return next(iter(await live_contracts(account_id)), None)


async def currencies_of_instalments(account_id: UUID) -> set[str]:
    """The currencies of the instalments that the account is yet to be charged."""
    ahead = Instalment.filter(account_id=account_id, charge_id__isnull=True, contract__state__in=LIVE)
    return set(await ahead.values_list("contract__plan__currency", flat=True))  # type: ignore[arg-type]


async def perpetual_contract(account_id: UUID) -> Contract | None:
    """The newest contract for perpetual use whose maintenance ran to its end: licenses are made of it still."""
    ended = Contract.filter(account_id=account_id, perpetual=True, state=ContractState.ENDED).select_related("plan")
    for contract in await ended.order_by("-ends_on"):
        if contract.ended_at is not None and contract.ended_at >= ends_at(contract):
            return contract
    return None


async def served_until(account_id: UUID) -> datetime | None:
    """When the last contract that was in force and is not any more ended; ``None`` where there was none."""
    ended = Contract.filter(account_id=account_id, state=ContractState.ENDED).select_related("plan")
    for contract in await ended.order_by("-ended_at"):
        if contract.ended_at is not None and contract.ended_at > starts_at(contract):
            return contract.ended_at
    return None


async def zone_ahead(account_id: UUID) -> str:
    """The time zone (IANA name) in which an account's next contract has its days: that of the contract that it
    follows, or else of the billing days that it follows, so that no hour is billed by both, or by neither.

    A contract keeps it in its plan; everything that hangs on the contract's days asks there.
    """
    live = await live_contracts(account_id)
    return live[-1].plan.time_zone if live else await billing_zone(account_id)


async def contract_to_license(account: Account) -> Contract | None:
    """The contract that a license is made of, if none is named: the one in force, or else, unless the account has an
    upgrade to make licenses of, the next, or one for perpetual use whose maintenance is over."""
    now = account.now()
    live = [one for one in await live_contracts(account.id) if now < ends_at(one)]
    if live and starts_at(live[0]) <= now:
        return live[0]
    if await followed_upgrade(account.id) is not None:
        return None
    return next(iter(live), None) or await perpetual_contract(account.id)


async def refuse_overlap(account_id: UUID, starts_on: date, ends_on: date) -> None:
    running = Contract.filter(account_id=account_id, starts_on__lte=ends_on, ends_on__gte=starts_on)
    other = await running.exclude(state=ContractState.ENDED).first()
    if other is not None:
        raise ApplicationConflict(
            reason_en=f"a contract runs from {other.starts_on} to {other.ends_on}: another begins after it",
            reason_zh=f"已有合同，期间为 {other.starts_on} 至 {other.ends_on}：新合同须在其结束后开始",
            path=("startsOn",),
        )


async def accounts_due() -> set[UUID]:
    """The accounts that have a contract with which there is something to do now."""
    return {row["account_id"] for row in await DUE.rows(clock.now())}
