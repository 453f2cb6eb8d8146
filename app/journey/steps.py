"""What an account is to do next, and why, so that a client can show the way without knowing the rules."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from settlement_spec import Owing

from app.accounts.models import Account
from app.applications.models import Application, Offer
from app.applications.queries import applications_waiting, offers_to_accept
from app.catalog.keys import EditionKey
from app.constants import ARREARS_AFTER
from app.contracts.models import Contract
from app.contracts.queries import contract_to_license, live_contract
from app.deployments.models import AccessKey
from app.errors import ChannelUnavailable
from app.journey.ways import by_offers, by_upgrade
from app.licenses.models import LicenseState
from app.licenses.queries import connected_data_kits, valid_licenses
from app.protocol.entitlements import excess_notice, upgrade_allowed
from app.settlement.arrears import arrears_at, standing_of
from app.settlement.host import ChannelHost
from app.settlement.locks import ends_at, lock_of
from app.settlement.models import BindingState, ChannelBinding, Standing, StandingState
from app.settlement.queries import bound_channel
from app.settlement.sharing import payers
from app.settlement.wallets import owing
from app.steps import NextAction
from app.upgrades.models import FOLLOWED, IN_FORCE, Upgrade, UpgradeState
from app.upgrades.queries import current_upgrade


@dataclass(frozen=True)
class NextStep:
    """One thing to do: the mutation that does it, why (zh and en), until when, if there is an end, of which edition
    the agreement is that is to be accepted, and where to go on, if that is elsewhere.

    Where the account waits for somebody, the mutation is the one that changes its mind.
    """

    action: NextAction
    mutation: str
    reason: dict[str, str]
    deadline: datetime | None = None
    edition: EditionKey | None = None
    continue_url: str | None = None


_STEPS: dict[NextAction, tuple[str, str, str]] = {
    NextAction.CHOOSE_EDITION: (
        "upgradeEdition",
        "The account has the free community edition. Choose a commercial edition to begin an upgrade.",
        "账户目前是免费的社区版。选择一个商业版即可开始升级。",
    ),
    NextAction.ACCEPT_AGREEMENT: (
        "acceptAgreement",
        "The current version of the service agreement is not accepted yet. Read it and accept it.",
        "尚未同意当前版本的服务协议。请阅读并同意。",
    ),
    NextAction.CHOOSE_SETTLEMENT_CHANNEL: (
        "chooseSettlementChannel",
        "No settlement channel pays for this account yet. Choose one.",
        "尚未选择结算方式。请选择一种。",
    ),
    NextAction.CREATE_LICENSE: (
        "createLicense",
        "There is no license to activate. Create one and copy its text.",
        "没有可激活的 License。请创建并复制。",
    ),
    NextAction.CREATE_ACCESS_KEY: (
        "createAccessKey",
        "The Launcher needs an AK/SK pair to activate the license and to report usage. Create one.",
        "Launcher 激活 License 和上报用量需要 AK/SK。请创建。",
    ),
    NextAction.ACTIVATE_LICENSE: (
        "activateLicense",
        "The license is not active. Activate it from the Launcher of the deployment; without that the account has "
        "the community edition after the free period; a later activation upgrades it again, billed from that day on.",
        "License 尚未激活。请在部署的 Launcher 中激活；免费期内未激活将回退到社区版，之后激活则重新升级并自当日计费。",
    ),
    NextAction.REPORT_USAGE: (
        "reportUsage",
        "The license is active. The deployment reports its DataKits hourly; each billing day is charged after it ends.",
        "License 已激活。部署每小时上报 DataKit；每个计费日结束后生成账单。",
    ),
    NextAction.TOP_UP: (
        "requestTopUp",
        "The prepaid balance is used up, and charges are owed: the account is suspended, and in arrears after "
        f"{ARREARS_AFTER.days} days; "
        "then its service may end. Top up what is owed, and the suspension is lifted at once.",
        f"预付余额已用尽且有欠款：账户已被暂停，暂停满 {ARREARS_AFTER.days} 天即为欠费，服务可能被终止。"
        "充值补足欠款后立即恢复。",
    ),
    NextAction.ACCEPT_OFFER: (
        "acceptOffer",
        "Your account manager made an offer for your application. Accept it while it is valid.",
        "客户经理已就您的申请给出报价。请在有效期内接受。",
    ),
    NextAction.RAISE_DK_LIMIT: (
        "applyForEdition",
        "More DataKits are connected than the license allows. Connect fewer, or apply for a higher limit.",
        "已连接的 DataKit 超出 License 上限。请减少 DataKit，或申请提高上限。",
    ),
}
_BILLED_AT_ONCE = {
    "en": "The license is not active. There is no free period any more: its activation from the Launcher of the "
    "deployment upgrades the account, and bills it from that day on.",
    "zh": "License 尚未激活。免费期已用完：在部署的 Launcher 中激活后即升级，并自当日计费。",
}
_IN_ARREARS = {
    "en": "The prepaid balance has been used up for so long that the account is in arrears: its service may end after "
    "a final notice. Top up what is owed, and it goes on at once.",
    "zh": "预付余额用尽已久，账户已欠费：运营方发出最后通知后可终止服务。充值补足欠款后立即恢复。",
}
_LOCKED = {
    "en": "The subscription at the cloud ended, and the account is locked. Choose a settlement channel, or top up; "
    "otherwise its service may end.",
    "zh": "云市场订阅已结束，账户已锁定。请选择结算方式或充值，否则服务可能被终止。",
}
_OWED_BY_PAYER = {
    "en": "The balance of another account, which pays for this one, is used up and owes: this account is suspended "
    "with it until that is topped up there. Topping up here changes nothing: end the share to pay for "
    "yourself.",
    "zh": "为本账户付款的账户余额已用尽且有欠款：在其充值补足前，本账户一并暂停。为本账户充值无济于事："
    "如需自行付款，请结束共享。",
}


def _activate_contract(contract: Contract) -> NextStep:
    begins = contract.starts_on
    return replace(
        _step(NextAction.ACTIVATE_LICENSE),
        reason={
            "en": "The license of the contract is not active. Activate it from the Launcher of the deployment, from "
            f"{begins} on.",
            "zh": f"合同的 License 尚未激活。请自 {begins} 起在部署的 Launcher 中激活。",
        },
    )


def _create_ahead(contract: Contract) -> NextStep:
    begins = contract.starts_on
    return replace(
        _step(NextAction.CREATE_LICENSE),
        reason={
            "en": f"The contract that begins on {begins} has no license yet. Create one for it.",
            "zh": f"自 {begins} 起的合同尚无 License。请为该合同创建。",
        },
    )


def _wait_for_offer(application: Application) -> NextStep:
    edition = application.edition
    return NextStep(
        NextAction.WAIT_FOR_OFFER,
        "withdrawApplication",
        {
            "en": f"The application for the {edition.en} edition is with the account manager, who gets in touch and "
            "makes an offer. There is nothing to do until then.",
            "zh": f"{edition.zh}的申请正由客户经理处理：客户经理会与您联系并给出报价，在此之前无需操作。",
        },
    )


def _confirm(host: ChannelHost, binding: ChannelBinding) -> NextStep:
    """The step of an account whose channel waits for its provider, at the address that the channel gave."""
    plugin = host.plugins.get(binding.channel)
    about = plugin.description if plugin else None
    names = about.display_name if about else {"en": binding.channel, "zh": binding.channel}
    url = binding.continue_url
    on = {
        "en": f": go on at {url}" if url else ". There is nothing to do here until then; or choose another channel.",
        "zh": f"：请前往 {url} 继续" if url else "。在此之前无需操作；也可另选结算方式。",
    }
    return NextStep(
        NextAction.CONFIRM_SETTLEMENT_CHANNEL,
        "chooseSettlementChannel",
        {
            "en": f"The settlement channel waits for {names['en']} to confirm it{on['en']}",
            "zh": f"结算方式正在等待{names['zh']}确认{on['zh']}",
        },
        continue_url=url,
    )


async def next_steps(host: ChannelHost, account: Account) -> list[NextStep]:
    """The steps that are open for the account, the next first."""
    steps = await _steps(account)
    lock = await lock_of(account.id)
    if lock is not None:
        unlocking = _step(NextAction.CHOOSE_SETTLEMENT_CHANNEL, ends_at(lock))
        steps = [replace(unlocking, reason=_LOCKED), *steps]
    steps = [*await _beyond_limits(account), *await _while_waiting(host, account, steps)]
    standing = await standing_of(account.id)
    if standing is not None and standing.state != StandingState.GOOD:
        return [await _pay(host, account, standing), *steps]
    return steps


async def _pay(host: ChannelHost, account: Account, standing: Standing) -> NextStep:
    """The step of an account that owes: itself, or only because the balance that pays for it does."""
    step = _step(NextAction.TOP_UP, arrears_at(standing))
    if standing.state == StandingState.IN_ARREARS:
        step = replace(step, reason=_IN_ARREARS)
    share = (await payers(account.id)).get(account.id)
    owed: Sequence[Owing] = ()
    with suppress(ChannelUnavailable):
        owed = (await owing(host, account.id)).get(account.id, ())
    if share is None or not owed or any(one.account_id == account.id for one in owed):
        return step
    return replace(step, mutation="endWalletShare", reason=_OWED_BY_PAYER)


async def _while_waiting(host: ChannelHost, account: Account, steps: list[NextStep]) -> list[NextStep]:
    """What was done, and waits for the account manager or for a provider, is not to be done again."""
    waiting = [_wait_for_offer(one) for one in await applications_waiting(account.id)]
    instead = {NextAction.CHOOSE_EDITION: waiting} if waiting else {}
    link = await bound_channel(account.id)
    if link is not None and link.state == BindingState.PENDING:
        instead[NextAction.CHOOSE_SETTLEMENT_CHANNEL] = [_confirm(host, link)]
    found = [one for step in steps for one in instead.get(step.action, [step])]
    return found if any(step.action == NextAction.CHOOSE_EDITION for step in steps) else [*found, *waiting]


async def _beyond_limits(account: Account) -> list[NextStep]:
    limited = valid_licenses(account.now(), account_id=account.id).filter(state=LicenseState.ACTIVE, dk_limit__gte=0)
    found = [(await connected_data_kits(held, account.now()), held.dk_limit) for held in await limited.order_by("id")]
    return [
        replace(_step(NextAction.RAISE_DK_LIMIT), reason=excess_notice(count, limit))
        for (count, _), limit in found
        if not upgrade_allowed(limit, count)
    ]


async def _steps(account: Account) -> list[NextStep]:
    steps = [step for offer in await offers_to_accept(account) for step in await _towards_contract(account, offer)]
    contract = await contract_to_license(account)
    if contract is not None:
        return [*steps, *await _contract_steps(account, contract)]
    upgrade = await current_upgrade(account.id)
    if not steps or (upgrade is not None and upgrade.state in IN_FORCE):
        steps += await _upgrade_steps(account, upgrade)
    ahead = await live_contract(account.id)
    return [*steps, *await _steps_ahead(account, ahead)] if ahead is not None else steps


async def _towards_contract(account: Account, offer: Offer) -> list[NextStep]:
    way = await by_offers(account, [offer])
    return [_step(action, offer.valid_until, offer.application.edition) for action in way.to_do()]


async def _contract_steps(account: Account, contract: Contract) -> list[NextStep]:
    held = valid_licenses(account.now(), account_id=account.id).filter(edition=contract.edition)
    if await held.filter(state=LicenseState.ACTIVE).exists():
        return [_step(NextAction.REPORT_USAGE)]
    steps = [] if await held.exists() else [_step(NextAction.CREATE_LICENSE)]
    if not await AccessKey.exists(account_id=account.id, revoked_at=None):
        steps.append(_step(NextAction.CREATE_ACCESS_KEY))
    return [*steps, _activate_contract(contract)]


async def _steps_ahead(account: Account, contract: Contract) -> list[NextStep]:
    if await valid_licenses(account.now(), account_id=account.id).filter(edition=contract.edition).exists():
        return [_activate_contract(contract)]
    return [_create_ahead(contract), _activate_contract(contract)]


async def _upgrade_steps(account: Account, upgrade: Upgrade | None) -> list[NextStep]:
    if upgrade is not None and upgrade.state == UpgradeState.ACTIVE:
        return [_step(NextAction.REPORT_USAGE)]
    to_do = (await by_upgrade(account, upgrade)).to_do()
    if upgrade is None or upgrade.state not in FOLLOWED:
        return [_step(action, edition=upgrade.edition if upgrade else None) for action in to_do[:1]]
    return await _towards_activation(account, upgrade, to_do)


async def _towards_activation(account: Account, upgrade: Upgrade, steps: list[NextAction]) -> list[NextStep]:
    deadline = upgrade.free_period_ends_at if upgrade.state == UpgradeState.FREE_PERIOD else None
    if not await valid_licenses(account.now(), account_id=account.id).filter(edition=upgrade.edition).exists():
        steps.append(NextAction.CREATE_LICENSE)
    if not await AccessKey.exists(account_id=account.id, revoked_at=None):
        steps.append(NextAction.CREATE_ACCESS_KEY)
    steps.append(NextAction.ACTIVATE_LICENSE)
    found = [_step(action, deadline, upgrade.edition) for action in steps]
    return found if deadline else [*found[:-1], replace(found[-1], reason=_BILLED_AT_ONCE)]


def _step(action: NextAction, deadline: datetime | None = None, edition: EditionKey | None = None) -> NextStep:
    mutation, en, zh = _STEPS[action]
    agreement = edition if action == NextAction.ACCEPT_AGREEMENT else None
    return NextStep(action, mutation, {"en": en, "zh": zh}, deadline, agreement)
