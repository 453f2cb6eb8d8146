"""The first version of the service agreement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.agreements.models import AgreementVersion
from app.agreements.publishing import publish
from app.constants import ARREARS_AFTER
from app.seed.catalog import PAY_AS_YOU_GO_PLAN

PLAN = PAY_AS_YOU_GO_PLAN
FREE = timedelta(seconds=PLAN["free_period_seconds"]).days
PRICE = Decimal(PLAN["unit_price_minor"]).scaleb(-2).normalize()
LEAST = PLAN["minimum_quantity"]
TITLE = {"zh": "商业版服务协议", "en": "Service agreement of the commercial editions"}
TEXT = {
    "zh": (
        f"1. 选择商业版并选定结算方式后,账户立即升级,并享有自升级起 {FREE}×24 小时的免费期,每个账户一次。"
        "已享有过免费期的账户,在激活许可证时升级,并自当日起计费。\n"
        "2. 免费期内未激活许可证的,账户自动回退到社区版;此后激活许可证即重新升级,并自激活当日起计费。\n"
        f"3. 按量付费版按日计费:每个 DataKit 每日人民币 {PRICE} 元,不足 {LEAST} 个按 {LEAST} 个计。"
        "当日数量为 24 个整点小时中上报的不同 "
        "DataKit 数量的最大值,计费日以北京时间为准。\n"
        f"4. 账户余额用尽后服务暂停;暂停满 {ARREARS_AFTER.days} 日为欠费,服务方可在最后通知后终止服务。\n"
        "5. 本协议的变更提前 30 日公告,并在下一次升级时重新征得同意。"
    ),
    "en": (
        "1. Once a commercial edition and a settlement channel are chosen, the account is upgraded at once and has a "
        f"free period of {FREE} × 24 hours from then, once. "
        "An account that had it before is upgraded when it activates a license, and billed from that day on.\n"
        "2. If no license is activated within the free period, the account falls back to the community edition by "
        "itself; activating a license later upgrades it again and bills it from the day of activation.\n"
        f"3. Pay-as-you-go is billed by the day: {PRICE} CNY for each DataKit, fewer than {LEAST} counting as {LEAST}. "
        "A day's number is the largest of its 24 hourly counts of distinct DataKits that reported; "
        f"days are those of {PLAN['time_zone']}.\n"
        f"4. When the balance is used up the service is suspended; suspended for {ARREARS_AFTER.days} days "
        "it is in arrears, and may be ended after a final notice.\n"
        "5. Changes of this agreement are announced 30 days ahead, and ask for acceptance at the next upgrade."
    ),
}


async def seed_agreement() -> None:
    """Publish version 1 where no version is published."""
    if not await AgreementVersion.exists():
        await publish(1, TITLE, TEXT, datetime(2020, 1, 1, tzinfo=UTC))
