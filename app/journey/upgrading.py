"""Beginning an upgrade, and accepting the agreement that it asks for."""

from __future__ import annotations

from uuid import UUID

from app.accounts.models import Account, User
from app.agreements.accepting import accept
from app.agreements.models import Acceptance
from app.agreements.queries import accepted_current, find_agreement
from app.catalog.keys import EditionKey
from app.contracts.queries import live_contract
from app.errors import InvalidInput, UpgradeConflict
from app.events.recording import Actor
from app.journey.ways import editions_ahead, require
from app.settlement.arrears import refuse_in_arrears
from app.settlement.queries import paying_link
from app.steps import NextAction
from app.upgrades.advancing import agreement_accepted, agreement_outdated, take_effect
from app.upgrades.choosing import choose_edition
from app.upgrades.models import Upgrade, UpgradeState
from app.upgrades.queries import current_upgrade


async def begin_upgrade(account: Account, edition: EditionKey, actor: Actor) -> Upgrade:
    """Choose a commercial edition for a locked account; choosing it again while it is pending changes nothing.

    Raises:
        StepOutOfOrder: the account owes something, which is to be paid first.
        UpgradeConflict: it has a contract, in force or to come; or see ``choose_edition``.
        InvalidInput, EditionByApplication: see ``choose_edition``.
    """
    await refuse_in_arrears(account)
    contract = await live_contract(account.id)
    if contract is not None:
        raise UpgradeConflict(edition=contract.edition, state=contract.state, path=("edition",))
    return await choose_edition(account, edition, actor)


async def accept_agreement(
    account: Account, user: User, agreement_id: UUID, content_hash: str, actor: Actor
) -> Acceptance:
    """Accept the current agreement for a locked account, which is a step of its upgrade, if it has one: the last one,
    where this version came into force while the channel was being bound.

    Raises:
        StepOutOfOrder: there is nothing to accept it for: no edition is chosen, offered, or agreed upon.
        InvalidInput: it is the agreement of an edition that is not.
        NotFound, StaleAgreement: see ``accept``.
    """
    await require(account, before=NextAction.ACCEPT_AGREEMENT)
    version = await find_agreement(agreement_id)
    if version.edition not in (ahead := await editions_ahead(account)):
        listed_en = ", ".join(one.en for one in sorted(ahead))
        listed_zh = "、".join(one.zh for one in sorted(ahead))
        raise InvalidInput(
            reason_en=f"it is the agreement of the {version.edition.en} edition, and the account is on its way to "
            f"{listed_en}",
            reason_zh=f"这是{version.edition.zh}的服务协议，而账户正在办理{listed_zh}",
            path=("agreementId",),
        )
    acceptance = await accept(account, user, version, content_hash, actor)
    upgrade = await current_upgrade(account.id)
    if upgrade is not None and upgrade.edition == version.edition:
        last = upgrade.agreement_outdated and await paying_link(account.id) is not None
        await agreement_accepted(upgrade, acceptance.id)
        if last:
            await take_effect(account, upgrade, actor)
    return acceptance


async def channel_bound(account: Account, actor: Actor) -> None:
    """A locked account's channel is bound: a pending upgrade takes effect, if the agreement in force is accepted."""
    upgrade = await current_upgrade(account.id)
    if upgrade is None or upgrade.state != UpgradeState.CHANNEL_PENDING:
        return
    if await accepted_current(account, upgrade.edition):
        await take_effect(account, upgrade, actor)
    else:
        await agreement_outdated(upgrade)
