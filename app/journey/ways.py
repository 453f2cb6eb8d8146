"""The way to a commercial edition: the steps before a license can be made and activated, and the first that is missing.

The guide (``app.journey.steps``) lists with it, and who does a step out of order is refused with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.accounts.models import Account
from app.agreements.queries import accepted_current
from app.applications.models import Offer
from app.applications.queries import offers_to_accept
from app.catalog.keys import EditionKey
from app.contracts.queries import live_contract, live_contracts
from app.errors import StepOutOfOrder
from app.settlement.models import BindingState
from app.settlement.queries import bound_channel
from app.steps import NextAction
from app.upgrades.models import IN_FORCE, PENDING, Upgrade, UpgradeState
from app.upgrades.queries import current_upgrade

ORDER = (
    NextAction.CHOOSE_EDITION,
    NextAction.ACCEPT_AGREEMENT,
    NextAction.CHOOSE_SETTLEMENT_CHANNEL,
    NextAction.ACCEPT_OFFER,
)


@dataclass(frozen=True)
class Way:
    """Which of the steps, in their order, are done."""

    edition_chosen: bool = True
    agreement_accepted: bool = True
    channel_bound: bool = True
    offer_accepted: bool = True

    def to_do(self) -> list[NextAction]:
        """The steps that are not done, in their order."""
        done = (self.edition_chosen, self.agreement_accepted, self.channel_bound, self.offer_accepted)
        return [step for step, is_done in zip(ORDER, done, strict=True) if not is_done]

    def missing(self, before: NextAction | None = None) -> NextAction | None:
        """The first step that is not done, of all, or of those before one of them."""
        first = next(iter(self.to_do()), None)
        return None if first is None or before in ORDER[: ORDER.index(first) + 1] else first


async def missing(account: Account, before: NextAction | None = None) -> NextAction | None:
    """The first step that an account has not done on the way that it is on, of all, or of those before one of them."""
    return (await way_of(account)).missing(before)


async def require(account: Account, before: NextAction | None = None) -> None:
    """See that every step of the account's way is done, or every one before ``before``.

    Raises:
        StepOutOfOrder: one is missing.
    """
    refuse(await missing(account, before))


def refuse(missing: NextAction | None) -> None:
    """Refuse to go on where a step is missing.

    Raises:
        StepOutOfOrder: one is.
    """
    if missing is not None:
        raise StepOutOfOrder(missing_step=missing)


async def way_of(account: Account) -> Way:
    """By contract or offer where the account has one, and else by an upgrade that it chooses itself."""
    contract = await live_contract(account.id)
    if contract is not None:
        return Way(agreement_accepted=await accepted_current(account, contract.edition))
    offers = await offers_to_accept(account)
    if offers:
        return await by_offers(account, offers)
    return await by_upgrade(account, await current_upgrade(account.id))


async def editions_ahead(account: Account) -> set[EditionKey]:
    """The editions that an account chose, was offered, or agreed upon: those of whose agreements it may accept."""
    editions = {offer.application.edition for offer in await offers_to_accept(account)}
    editions |= {contract.edition for contract in await live_contracts(account.id)}
    upgrade = await current_upgrade(account.id)
    if upgrade is not None and upgrade.state != UpgradeState.ENDED:
        editions.add(upgrade.edition)
    return editions


async def by_offers(account: Account, offers: Sequence[Offer]) -> Way:
    """The way of an account that may accept one of these offers; one that costs nothing needs no channel."""
    bound = await bound_channel(account.id)
    free = all(offer.price_minor == 0 for offer in offers)
    editions = sorted({offer.application.edition for offer in offers})
    return Way(
        agreement_accepted=all([await accepted_current(account, edition) for edition in editions]),
        channel_bound=free or (bound is not None and bound.state == BindingState.BOUND),
        offer_accepted=False,
    )


async def by_upgrade(account: Account, upgrade: Upgrade | None) -> Way:
    """The way of an account that upgrades by itself. Until the upgrade takes effect, which a lapsed one does again, the
    agreement to be accepted is the one in force then."""
    if upgrade is None or upgrade.state == UpgradeState.ENDED:
        return Way(edition_chosen=False)
    return Way(
        agreement_accepted=upgrade.state in IN_FORCE
        or (upgrade.state != UpgradeState.AGREEMENT_PENDING and await accepted_current(account, upgrade.edition)),
        channel_bound=upgrade.state not in PENDING or upgrade.agreement_outdated,
    )
