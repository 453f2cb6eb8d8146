"""The e-mails that members get: for which events, to whom, and what they say, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.models import StaffRole
from app.notifications.models import Notice


@dataclass(frozen=True)
class Text:
    """A subject, in both languages; the body is made of it and the event. ``of_money``: accountants get it as well.

    ``staff``: it is sent to the vendor's staff with that role, and to nobody of the account.
    """

    zh: str
    en: str
    of_money: bool = False
    staff: StaffRole | None = None


NOTICES: dict[str, Text] = {
    "upgrade.took_effect": Text("账户已升级到商业版", "The account was upgraded to a commercial edition"),
    "upgrade.took_effect_again": Text(
        "账户已再次升级到商业版，自今日起计费", "The account was upgraded again, billed from today on"
    ),
    "upgrade.lapsed": Text("账户已回退到社区版", "The account fell back to the community edition"),
    "settlement.channel_unlinked": Text("云账户已解除关联", "The cloud account was unlinked", of_money=True),
    "account.suspended": Text(
        "企业账户余额已用尽，账户已暂停", "The balance is used up: the account is suspended", of_money=True
    ),
    "account.in_arrears": Text("账户已欠费", "The account is in arrears", of_money=True),
    "account.final_notice": Text("终止服务前的最后通知", "Final notice before the service ends", of_money=True),
    "account.locked": Text("云账户订阅已结束，账户已锁定", "The cloud subscription ended: the account is locked"),
    "account.lock_ending": Text("账户锁定即将到期，服务可能终止", "Locked for long: the service may end soon"),
    "account.unlocked": Text("账户已解锁", "The account is unlocked"),
    "account.service_ended": Text("服务已终止", "The service ended", of_money=True),
    "account.reinstated": Text("账户已恢复", "The account is reinstated", of_money=True),
    "suspension.began": Text("账户、License 或部署已被暂停", "The account, a license or a deployment is suspended"),
    "suspension.ended": Text("账户、License 或部署已恢复", "The account, a license or a deployment is reinstated"),
    "member.email_changed": Text("成员的登录邮箱已变更", "A member signs in with another e-mail address"),
    "license.expiring": Text("License 即将到期", "A license expires soon"),
    "license.dk_limit_exceeded": Text("DataKit 数量超出许可上限", "More DataKits than the license allows"),
    "budget.threshold_reached": Text("预算提醒", "Budget alert", of_money=True),
    "usage.threshold_reached": Text("用量提醒", "Usage alert"),
    "balance.low": Text("余额不足提醒", "Low balance alert", of_money=True),
    "company.verified": Text("企业实名认证已通过", "The organisation was verified", of_money=True),
    "company.rejected": Text("企业实名认证未通过", "The organisation was not verified", of_money=True),
    "invoice.issued": Text("发票已开具", "An invoice was issued", of_money=True),
    "invoice.rejected": Text("开票申请被拒绝", "A request for an invoice was rejected", of_money=True),
    "invoice.taken_back": Text("发票已红冲", "An invoice was taken back", of_money=True),
    "wallet.share_began": Text("账户间已开始共用余额", "The balance of one account pays for another", of_money=True),
    "wallet.share_ended": Text(
        "账户间已停止共用余额", "The balance of one account pays for another no more", of_money=True
    ),
    "webhook_endpoint.disabled": Text("Webhook 端点已被停用", "A webhook endpoint was switched off"),
    "price.announced": Text("价格调整公告", "Announcement of another price", of_money=True),
    "price.withdrawn": Text("已公告的价格调整已撤回", "An announced price was withdrawn", of_money=True),
    "application.submitted": Text("有新的版本申请", "An edition was applied for", staff=StaffRole.ACCOUNT_MANAGER),
    "top_up.requested": Text("有新的充值申请", "A top-up was asked for", staff=StaffRole.FINANCE),
    "settlement.needs_attention": Text("有账单需人工处理", "A charge needs attention", staff=StaffRole.FINANCE),
    "reconciliation.case_opened": Text("对账发现差异，待处理", "A reconciliation case waits", staff=StaffRole.FINANCE),
    "application.offered": Text("客户经理已给出报价", "An offer was made"),
    "application.declined": Text("申请未获通过", "The application was declined"),
    "application.lapsed": Text("报价已过期", "The offer is no longer valid"),
    "contract.started": Text("合同已生效", "The contract is in force"),
    "contract.ending": Text("合同即将到期", "The contract ends soon"),
    "contract.maintenance_ended": Text(
        "维护期已结束，License 继续有效，不再提供版本升级",
        "Maintenance ended: the license goes on, without version upgrades",
    ),
    "contract.ended": Text("合同已结束", "The contract ended"),
}


async def seed_notices() -> None:
    """Let the database know which events are sent by e-mail."""
    for type, said in NOTICES.items():
        await Notice.update_or_create({"of_money": said.of_money, "staff_role": said.staff}, type=type)
    await Notice.exclude(type__in=list(NOTICES)).delete()
