"""An edition is chosen: an upgrade begins."""

from __future__ import annotations

from app.accounts.models import Account
from app.catalog.keys import EditionKey
from app.catalog.queries import edition_at, plan_at, price_group
from app.errors import EditionByApplication, InvalidInput, UpgradeConflict
from app.events.recording import Actor, record
from app.upgrades.models import PENDING, Upgrade, UpgradeState
from app.upgrades.queries import current_upgrade


async def choose_edition(account: Account, edition: EditionKey, actor: Actor) -> Upgrade:
    """Begin an upgrade to ``edition``; choosing the same edition again while it is pending changes nothing.

    Raises:
        InvalidInput: COMMUNITY was named: there is nothing to upgrade to.
        EditionByApplication: the edition is available by applying to an account manager.
        UpgradeConflict: the account has a commercial edition already, or had its free period.
    """
    if edition == EditionKey.COMMUNITY:
        raise InvalidInput(
            reason_en="every account starts with the community edition: choose a commercial edition",
            reason_zh="社区版是每个账户的初始版本：请选择商业版",
            path=("edition",),
        )
    if (await edition_at(edition, account.now())).by_application:
        raise EditionByApplication(edition=edition)
    upgrade = await current_upgrade(account.id)
    if upgrade is not None:
        if upgrade.state in PENDING and upgrade.edition == edition:
            return upgrade
        if upgrade.state not in PENDING and upgrade.state != UpgradeState.ENDED:
            raise UpgradeConflict(edition=upgrade.edition, state=upgrade.state)
        if upgrade.state in PENDING:
            upgrade.state = UpgradeState.REPLACED
            await upgrade.save(update_fields=["state"])
    plan = await plan_at(edition, account.now(), await price_group(account.id))
    chosen = await Upgrade.create(
        account_id=account.id,
        edition=edition,
        plan=plan,
        state=UpgradeState.AGREEMENT_PENDING,
        chosen_at=account.now(),
    )
    await record(
        account.id, account.now(), "upgrade.edition_chosen", actor, after={"edition": edition, "plan": plan.version}
    )
    return chosen
