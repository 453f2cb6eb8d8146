"""The first version of each commercial edition's service agreement; that of pay as you go says what its plan says."""

from __future__ import annotations

from app.agreements.models import AgreementVersion
from app.agreements.publishing import content_hash
from app.catalog.keys import EditionKey
from app.catalog.models import Meter, PricePlan
from app.catalog.texts import free_period, price_texts
from app.constants import ARREARS_AFTER
from app.seed.catalog import METERS, PAY_AS_YOU_GO_PLAN, SINCE

PLAN = PricePlan(edition=EditionKey.PAY_AS_YOU_GO, **PAY_AS_YOU_GO_PLAN)
PRICE = price_texts(PLAN, Meter(**METERS[0]))
FREE = free_period(PLAN.free_period_seconds)
ARREARS = {
    "zh": f"账户余额用尽后服务暂停；暂停满 {ARREARS_AFTER.days} 日为欠费，服务方可在最后通知后终止服务。",
    "en": f"When the balance is used up the service is suspended; suspended for {ARREARS_AFTER.days} days it is in "
    "arrears, and may be ended after a final notice.",
}
CHANGES = {
    "zh": "本协议的变更提前 30 日公告，并在下一次升级或签约时重新征得同意。",
    "en": "Changes of this agreement are announced 30 days ahead, and ask for acceptance at the next upgrade or "
    "contract.",
}
TERM = {
    "zh": "期限、DataKit 数量与价款以双方接受的报价为准，自报价的首日零时起生效，至末日终了，不自动续期。",
    "en": "Term, number of DataKits and price are those of the offer that is accepted; it is in force from the start "
    "of the offer's first day to the end of its last, and is not renewed by itself.",
}
INSTALMENTS = {
    "zh": "价款按报价的付款计划分期收取，每期自其到期日起产生账单。",
    "en": "The price is charged by the instalments of the offer, each from its due day on.",
}
CLAUSES: dict[EditionKey, list[dict[str, str]]] = {
    EditionKey.PAY_AS_YOU_GO: [
        {
            "zh": f"选择商业版并选定结算方式后，账户立即升级，并享有自升级起 {FREE['zh']}的免费期，精确到秒，"
            "每个账户一次。已享有过免费期的账户，在激活 License 时升级，并自当日起计费。",
            "en": "Once a commercial edition and a settlement channel are chosen, the account is upgraded at once and "
            f"has a free period of {FREE['en']} from then, exact to the second, once. An account that had it before is "
            "upgraded when it activates a license, and billed from that day on.",
        },
        {
            "zh": "免费期内未激活 License 的，账户自动回退到社区版；此后激活 License 即重新升级，并自激活当日起计费。",
            "en": "If no license is activated within the free period, the account falls back to the community edition "
            "by itself; activating a license later upgrades it again and bills it from the day of activation.",
        },
        {
            "zh": f"按量付费版按日计费：{'；'.join(PRICE['zh'])}。当日数量为 24 个整点小时中上报的不同 "
            f"DataKit 数量的最大值，计费日以 {PLAN.time_zone} 时间为准。价格变更提前公告。",
            "en": f"Pay-as-you-go is billed by the day: {'; '.join(PRICE['en'])}. A day's number is the largest of its "
            f"24 hourly counts of distinct DataKits that reported; days are those of {PLAN.time_zone}. Another price "
            "is announced ahead.",
        },
        ARREARS,
        CHANGES,
    ],
    EditionKey.SUBSCRIPTION: [
        {
            "zh": "订阅制版按约定的 DataKit 数量与期限提供。",
            "en": "The subscription edition is provided for a term and a number of DataKits that are agreed upon.",
        },
        TERM,
        INSTALMENTS,
        ARREARS,
        CHANGES,
    ],
    EditionKey.LICENSED: [
        {
            "zh": "许可证制版一次性购买，授权永久使用约定版本及维护期内发布的版本。报价的期限为维护期，"
            "首年维护包含在价款内，此后按年续订；维护期届满后 License 继续有效，但不再提供版本升级。",
            "en": "The licensed edition is bought outright: its license permits the use, without end, of the version "
            "agreed upon and of those released while maintenance runs. The offer's term is that of the maintenance, "
            "whose first year is included, and which is renewed by the year; when it is over the license goes on, "
            "without version upgrades.",
        },
        TERM,
        INSTALMENTS,
        ARREARS,
        CHANGES,
    ],
}
TITLES = {
    EditionKey.PAY_AS_YOU_GO: {"zh": "按量付费版服务协议", "en": "Service agreement of the pay-as-you-go edition"},
    EditionKey.SUBSCRIPTION: {"zh": "订阅制版服务协议", "en": "Service agreement of the subscription edition"},
    EditionKey.LICENSED: {"zh": "许可证制版许可协议", "en": "License agreement of the licensed edition"},
}


async def seed_agreement() -> None:
    """Publish version 1 of the agreement of each edition that has none."""
    for edition, title in TITLES.items():
        text = {language: _numbered(edition, language) for language in ("zh", "en")}
        values = {"title": title, "text": text, "content_hash": content_hash(title, text), "valid_from": SINCE}
        await AgreementVersion.get_or_create(edition=edition, version=1, defaults=values)


def _numbered(edition: EditionKey, language: str) -> str:
    return "\n".join(f"{number}. {clause[language]}" for number, clause in enumerate(CLAUSES[edition], 1))
