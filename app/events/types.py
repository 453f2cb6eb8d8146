"""Every type of event there is: what happened, in English and Chinese."""

from __future__ import annotations

from typing import NamedTuple

from app.constants import ARREARS_AFTER


class Meaning(NamedTuple):
    """What an event of a type says."""

    en: str
    zh: str


EVENT_TYPES: dict[str, Meaning] = {
    "access_key.created": Meaning("An AK/SK pair was made.", "已创建 AK/SK。"),
    "access_key.revoked": Meaning("An AK/SK pair was revoked.", "已吊销 AK/SK。"),
    "account.created": Meaning("The account was opened.", "已开立账户。"),
    "account.final_notice": Meaning("Staff warned that the service may end.", "工作人员发出终止服务前的最后通知。"),
    "account.in_arrears": Meaning(
        f"The account was suspended for {ARREARS_AFTER.days} days.",
        f"账户已暂停 {ARREARS_AFTER.days} 天,进入欠费状态。",
    ),
    "account.reinstated": Meaning("What was owed is paid.", "欠款已付清,账户恢复正常。"),
    "account.service_ended": Meaning("Staff ended the service.", "工作人员终止了服务。"),
    "account.suspended": Meaning("The prepaid balance is used up.", "余额已用尽,账户暂停。"),
    "agreement.accepted": Meaning("A member accepted the service agreement.", "成员已同意服务协议。"),
    "application.accepted": Meaning("The offer was accepted.", "报价已被接受。"),
    "application.declined": Meaning("An account manager declined the application.", "客户经理拒绝了申请。"),
    "application.lapsed": Meaning("The offer is no longer valid.", "报价已过期。"),
    "application.offered": Meaning("An account manager made an offer.", "客户经理已给出报价。"),
    "application.submitted": Meaning("An edition was applied for.", "已提交版本申请。"),
    "application.taken": Meaning("An account manager took the application.", "客户经理已受理申请。"),
    "application.withdrawn": Meaning("The application was withdrawn.", "申请已撤回。"),
    "balance.low": Meaning("The prepaid balance lasts for fewer days than the alert says.", "余额可用天数低于提醒值。"),
    "balance_alert.removed": Meaning("The low-balance alert was removed.", "已移除余额提醒。"),
    "balance_alert.set": Meaning("The low-balance alert was set.", "已设置余额提醒。"),
    "budget.removed": Meaning("The budget was removed.", "已移除预算。"),
    "budget.set": Meaning("The budget was set.", "已设置预算。"),
    "budget.threshold_reached": Meaning(
        "The month's charges, or their forecast, reached a percent of the budget.",
        "本月账单或其预测达到预算的某一百分比。",
    ),
    "card.purchased": Meaning("A stored-value card was bought.", "已购买储值卡。"),
    "charge.credited": Meaning(
        "Finance staff gave a charge back, in whole or in part.", "财务人员已全部或部分退还账单项。"
    ),
    "charge.raised": Meaning("A day, a correction or an instalment was charged.", "已产生账单项(当日、更正或分期)。"),
    "contract.cancelled": Meaning("A contract ended before it began.", "合同在生效前取消。"),
    "contract.ended": Meaning("The contract ended.", "合同已结束。"),
    "contract.ending": Meaning("The contract ends soon.", "合同即将到期。"),
    "contract.started": Meaning("The contract is in force.", "合同已生效。"),
    "invoice.cancelled": Meaning("A request for an invoice was withdrawn.", "开票申请已撤回。"),
    "invoice.issued": Meaning("An invoice was issued.", "发票已开具。"),
    "invoice.rejected": Meaning("A request for an invoice was rejected.", "开票申请被拒绝。"),
    "invoice.requested": Meaning("An invoice was asked for.", "已申请开票。"),
    "license.activated": Meaning("A deployment activated a license.", "部署已激活许可证。"),
    "license.created": Meaning("A license was made.", "已创建许可证。"),
    "license.dk_limit_exceeded": Meaning("More DataKits report than the license allows.", "DataKit 数量超出许可上限。"),
    "license.expired": Meaning("A license expired.", "许可证已到期。"),
    "license.expiring": Meaning("A license expires soon.", "许可证即将到期。"),
    "license.renamed": Meaning("A license has another label.", "许可证已改名。"),
    "license.revoked": Meaning("A license was revoked.", "许可证已吊销。"),
    "license.rotated": Meaning("A license is replaced by another.", "许可证已轮换。"),
    "license.transferred": Meaning("A license waits for another deployment.", "许可证已转移,等待新部署激活。"),
    "member.added": Meaning("A member was added.", "已添加成员。"),
    "member.removed": Meaning("A member was removed.", "已移除成员。"),
    "member.role_changed": Meaning("A member has another role.", "成员角色已变更。"),
    "sandbox.clock_advanced": Meaning("The sandbox account's clock was advanced.", "沙箱账户的时钟已前移。"),
    "settlement.accepted": Meaning("A channel took a charge and is collecting it.", "结算方式已受理账单项。"),
    "settlement.channel_bound": Meaning("A settlement channel pays from now on.", "结算方式已绑定,开始付款。"),
    "settlement.channel_change_allowed": Meaning(
        "Staff allowed another change of the channel in this month.", "工作人员允许本月再次更改结算方式。"
    ),
    "settlement.channel_chosen": Meaning("A settlement channel was chosen.", "已选择结算方式。"),
    "settlement.channel_unlinked": Meaning("The provider ended the link.", "云厂商已解除关联。"),
    "settlement.moved": Meaning("A charge is to be collected through another channel.", "账单项改由其他结算方式收取。"),
    "settlement.needs_attention": Meaning("A charge could not be collected.", "账单项未能收取,需人工处理。"),
    "settlement.retried": Meaning("Staff let a charge be collected again.", "工作人员重新发起收取。"),
    "settlement.settled": Meaning("A charge was collected.", "账单项已收取。"),
    "statement.issued": Meaning("A month's statement was issued.", "月度账单已出具。"),
    "top_up.cancelled": Meaning("The money of a top-up will not come.", "充值已取消。"),
    "top_up.confirmed": Meaning("The money of a top-up arrived.", "充值已到账。"),
    "top_up.requested": Meaning("A top-up was announced, or begun online.", "已登记或发起充值。"),
    "upgrade.edition_chosen": Meaning("A commercial edition was chosen.", "已选择商业版。"),
    "upgrade.lapsed": Meaning("The account fell back to the community edition.", "账户已回退到社区版。"),
    "upgrade.took_effect": Meaning("The account was upgraded.", "账户已升级到商业版。"),
    "upgrade.took_effect_again": Meaning(
        "The account was upgraded again, billed from that day on.", "账户已再次升级,自当日起计费。"
    ),
    "upgrade.waits_for_activation": Meaning(
        "The free period was had before: a license's activation upgrades the account.",
        "免费期已使用过:激活许可证后升级。",
    ),
    "voucher.issued": Meaning("A voucher was issued.", "已发放代金券。"),
    "voucher.voided": Meaning("Staff took a voucher back.", "工作人员收回了代金券。"),
    "webhook_endpoint.created": Meaning("A webhook endpoint was made.", "已创建 Webhook 端点。"),
    "webhook_endpoint.deleted": Meaning("A webhook endpoint was deleted.", "已删除 Webhook 端点。"),
    "webhook_endpoint.replayed": Meaning("A webhook endpoint is told again.", "已向 Webhook 端点重新推送。"),
    "webhook_endpoint.secret_rotated": Meaning("A webhook endpoint has another secret.", "Webhook 端点的密钥已轮换。"),
    "webhook_endpoint.updated": Meaning("A webhook endpoint was changed.", "Webhook 端点已变更。"),
}
