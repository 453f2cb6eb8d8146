"""What an account has by application: an offer to accept, a contract. It only looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from app import clock
from app.accounts.models import Account
from app.applications.models import Application, ApplicationState, Contract, ContractState, Instalment, Offer
from app.editions.keys import UpgradeState
from app.editions.models import Upgrade
from app.editions.service import DEFAULT_ZONE, IN_FORCE, current_upgrade
from app.errors import UpgradeConflict

ZONE = DEFAULT_ZONE
"""Contracts begin and end with days of this zone, as billing days do."""

LIVE = (ContractState.SCHEDULED, ContractState.ACTIVE)


async def offers_to_accept(account: Account) -> list[Offer]:
    """The offers that the account may accept now, at most one for each of its applications."""
    offered = Application.filter(account_id=account.id, state=ApplicationState.OFFERED, lapses_at__gt=account.now())
    return [await newest_offer(application.id) for application in await offered.order_by("id")]


async def newest_offer(application_id: UUID) -> Offer:
    """The offer that replaced all others of an application that has one."""
    (offer,) = await Offer.filter(application_id=application_id).order_by("-id").limit(1)
    return offer


async def live_contracts(account_id: UUID) -> list[Contract]:
    """The contract in force and those to come, in order of time."""
    live = Contract.filter(account_id=account_id, state__in=LIVE)
    return await live.order_by("starts_on")


async def live_contract(account_id: UUID) -> Contract | None:
    """The contract in force, or else the next one that will be."""
    return next(iter(await live_contracts(account_id)), None)


async def currencies_of_instalments(account_id: UUID) -> set[str]:
    """The currencies of the instalments that the account is yet to be charged."""
    ahead = Instalment.filter(account_id=account_id, charge_id__isnull=True, contract__state__in=LIVE)
    return set(await ahead.values_list("contract__plan__currency", flat=True))  # type: ignore[arg-type]


async def contract_to_license(account: Account) -> Contract | None:
    """The contract that a license is made of, if none is named: the one in force, or else, unless the account has an
    upgrade to make licenses of until it begins, the next."""
    today = clock.local_day(account.now(), ZONE)
    live = [one for one in await live_contracts(account.id) if one.ends_on >= today]
    if not live or live[0].starts_on <= today:
        return next(iter(live), None)
    return live[0] if await followed_upgrade(account.id) is None else None


async def followed_upgrade(account_id: UUID) -> Upgrade | None:
    """The upgrade that lasts until a contract begins: in its free period, active, or lapsed."""
    upgrade = await current_upgrade(account_id)
    return upgrade if upgrade is not None and upgrade.state in (*IN_FORCE, UpgradeState.LAPSED) else None


def unbroken_since(contract: Contract, live: Sequence[Contract]) -> date:
    """The first day of the contract, or of the earliest one of its edition in ``live`` that leads to it without a day
    between."""
    first = contract.starts_on
    for earlier in reversed(live):
        if earlier.edition == contract.edition and earlier.ends_on + timedelta(days=1) == first:
            first = earlier.starts_on
    return first


async def refuse_under_contract(account: Account) -> None:
    """Raise unless the account may begin an upgrade of its own.

    Raises:
        UpgradeConflict: it has a contract, in force or to come.
    """
    contract = await live_contract(account.id)
    if contract is not None:
        raise UpgradeConflict(edition=contract.edition, state=contract.state, path=("edition",))


async def may_choose_channel(account: Account) -> bool:
    """Whether the account needs a settlement channel for a contract, or for an offer that it may accept."""
    return bool(await live_contract(account.id) or await offers_to_accept(account))
