"""Every type of event there is: what happened, in English and Chinese, and what is said of before and after."""

from __future__ import annotations

from typing import Literal, NamedTuple

from app.constants import ARREARS_AFTER


class Meaning(NamedTuple):
    """What an event of a type says.

    ``before`` and ``after`` name the details (``app.events.details``) that it carries of them, separated by commas; one
    with a ``?`` may be missing or null. ``reason`` says whether it carries one.
    """

    en: str
    zh: str
    before: str = ""
    after: str = ""
    reason: Literal["", "always", "sometimes"] = ""


EVENT_TYPES: dict[str, Meaning] = {
    "access_key.created": Meaning("An AK/SK pair was made.", "已创建 AK/SK。", after="ak, label"),
    "access_key.revoked": Meaning("An AK/SK pair was revoked.", "已吊销 AK/SK。", before="ak"),
    "access_key.rotated": Meaning(
        "An AK/SK pair is replaced by another, and works until then.",
        "AK/SK 已轮换，旧密钥在此之前仍可使用。",
        before="ak",
        after="ak, until",
    ),
    "account.created": Meaning("The account was opened.", "已开立账户。", after="edition, sandbox"),
    "account.final_notice": Meaning(
        "Staff warned that the service may end.", "工作人员发出终止服务前的最后通知。", reason="always"
    ),
    "account.in_arrears": Meaning(
        f"The account was suspended for {ARREARS_AFTER.days} days.",
        f"账户已暂停 {ARREARS_AFTER.days} 天，进入欠费状态。",
        before="state",
        after="state, owed",
    ),
    "account.lock_ending": Meaning(
        "The account is locked, and staff may end the service soon.",
        "账户已锁定，服务可能即将被终止。",
        after="channel, daysBefore",
    ),
    "account.locked": Meaning(
        "The subscription at a cloud ended: the account is locked until it pays in another way.",
        "云市场订阅已结束，账户已锁定，直至改用其他方式付款。",
        after="channel",
    ),
    "account.profile_changed": Meaning("The account's profile was changed.", "账户资料已变更。", after="changed"),
    "account.reinstated": Meaning(
        "What was owed is paid.", "欠款已付清，账户恢复正常。", before="state", after="state, owed"
    ),
    "account.renamed": Meaning("The account was renamed.", "账户已更名。", before="name", after="name"),
    "account.service_ended": Meaning(
        "Staff ended the service.", "工作人员终止了服务。", before="edition", after="edition", reason="always"
    ),
    "account.suspended": Meaning(
        "The prepaid balance is used up.", "余额已用尽，账户暂停。", before="state", after="state, owed"
    ),
    "account.unlocked": Meaning("The account is not locked any more.", "账户已解锁。", before="channel"),
    "agreement.accepted": Meaning(
        "A member accepted the service agreement.",
        "成员已同意服务协议。",
        after="edition, version, contentHash, address",
    ),
    "application.accepted": Meaning("The offer was accepted.", "报价已被接受。", after="application, edition"),
    "application.declined": Meaning(
        "An account manager declined the application.",
        "客户经理拒绝了申请。",
        after="application, edition",
        reason="always",
    ),
    "application.lapsed": Meaning("The offer is no longer valid.", "报价已过期。", after="application, edition"),
    "application.offered": Meaning(
        "An account manager made an offer.",
        "客户经理已给出报价。",
        after="application, offer, priceMinor, currency, validUntil",
    ),
    "application.submitted": Meaning("An edition was applied for.", "已提交版本申请。", after="application, edition"),
    "application.taken": Meaning(
        "An account manager took the application.", "客户经理已受理申请。", after="application, manager"
    ),
    "application.withdrawn": Meaning("The application was withdrawn.", "申请已撤回。", after="application, edition"),
    "balance.low": Meaning(
        "The prepaid balance lasts for fewer days than the alert says.",
        "余额可用天数低于提醒值。",
        after="balanceMinor, currency, lastsDays",
    ),
    "balance_alert.removed": Meaning("The low-balance alert was removed.", "已移除余额提醒。"),
    "balance_alert.set": Meaning("The low-balance alert was set.", "已设置余额提醒。", after="days"),
    "budget.removed": Meaning("A budget was removed.", "已移除预算。", after="budgetPeriod, meter?"),
    "budget.set": Meaning("A budget was set.", "已设置预算。", after="amountMinor, thresholds, budgetPeriod, meter?"),
    "budget.threshold_reached": Meaning(
        "What a month or a day costs, or a month's forecast, reached a percent of the budget.",
        "某月或某日的费用（或当月预测）达到预算的某一百分比。",
        after="period, meter?, thresholdPercent, forecast, budgetMinor, spentMinor, currency",
    ),
    "card.purchased": Meaning("A stored-value card was bought.", "已购买储值卡。", after="card, amountMinor, vouchers"),
    "charge.credited": Meaning(
        "Finance staff gave a charge back, in whole or in part.",
        "财务人员已全部或部分退还账单项。",
        after="charge, credits, amountMinor, currency",
        reason="always",
    ),
    "charge.raised": Meaning(
        "A day, a correction or an instalment was charged.",
        "已产生账单项（当日、更正或分期）。",
        after="charge, day, amountMinor, currency",
    ),
    "company.rejected": Meaning(
        "Staff did not verify the organisation that was submitted.",
        "企业实名认证未通过。",
        after="company, taxNumber",
        reason="always",
    ),
    "company.submitted": Meaning(
        "An organisation was submitted to be verified.", "已提交企业实名认证。", after="company, taxNumber"
    ),
    "company.verified": Meaning("Staff verified the organisation.", "企业实名认证已通过。", after="company, taxNumber"),
    "contract.cancelled": Meaning(
        "A contract ended before it began.", "合同在生效前取消。", after="contract, startsOn, endsOn", reason="always"
    ),
    "contract.ended": Meaning(
        "The contract ended.",
        "合同已结束。",
        before="edition",
        after="edition, contract, startsOn, endsOn",
        reason="sometimes",
    ),
    "contract.ending": Meaning(
        "The contract ends soon.", "合同即将到期。", after="contract, startsOn, endsOn, daysBefore"
    ),
    "contract.maintenance_ended": Meaning(
        "The maintenance of a perpetual license ended; the license goes on.",
        "永久 License 的维护期已结束，License 继续有效。",
        after="contract, startsOn, endsOn",
    ),
    "contract.started": Meaning(
        "The contract is in force.", "合同已生效。", before="edition", after="edition, contract, startsOn, endsOn"
    ),
    "discount.applied": Meaning("A discount was given.", "已应用优惠。", after="discount, coupon"),
    "discount.ended": Meaning(
        "Staff ended a discount.", "工作人员终止了优惠。", before="discount, coupon", reason="always"
    ),
    "invoice.cancelled": Meaning(
        "A request for an invoice was withdrawn.",
        "开票申请已撤回。",
        after="invoice, state, amountMinor, currency, number?",
    ),
    "invoice.file_attached": Meaning(
        "The seller's file was attached to an invoice, or to a red one.",
        "已上传发票或红字发票文件。",
        after="invoice, number, mediaType",
    ),
    "invoice.issued": Meaning(
        "An invoice was issued.", "发票已开具。", after="invoice, state, amountMinor, currency, number"
    ),
    "invoice.rejected": Meaning(
        "A request for an invoice was rejected.",
        "开票申请被拒绝。",
        after="invoice, state, amountMinor, currency, number?",
        reason="always",
    ),
    "invoice.requested": Meaning(
        "An invoice was asked for.", "已申请开票。", after="invoice, state, amountMinor, currency, number?"
    ),
    "invoice.taken_back": Meaning(
        "An issued invoice was taken back by a red invoice.",
        "发票已由红字发票冲红。",
        after="invoice, state, amountMinor, currency, number, redNumber",
        reason="always",
    ),
    "invoice_address.added": Meaning(
        "An entry was added to the address book for invoices.", "已添加发票收件地址。", after="recipient"
    ),
    "invoice_address.removed": Meaning(
        "An entry was removed from the address book for invoices.", "已删除发票收件地址。", before="recipient"
    ),
    "invoice_title.added": Meaning(
        "An entry was added to the title book for invoices.", "已添加发票抬头。", after="title, taxNumber?"
    ),
    "invoice_title.removed": Meaning(
        "An entry was removed from the title book for invoices.", "已删除发票抬头。", before="title, taxNumber?"
    ),
    "license.activated": Meaning(
        "A deployment activated a license.", "部署已激活 License。", after="license, deployment"
    ),
    "license.created": Meaning("A license was made.", "已创建 License。", after="license, label"),
    "license.dk_limit_exceeded": Meaning(
        "More DataKits report than the license allows.", "DataKit 数量超出许可上限。", after="license, dataKits, limit"
    ),
    "license.expired": Meaning("A license expired.", "License 已到期。", after="license, label, expiresAt"),
    "license.expiring": Meaning(
        "A license expires soon.", "License 即将到期。", after="license, label, expiresAt, daysBefore"
    ),
    "license.renamed": Meaning(
        "A license has another label.", "License 已改名。", before="license, label", after="label"
    ),
    "license.revoked": Meaning(
        "A license was revoked.", "License 已吊销。", before="license, state", after="state", reason="always"
    ),
    "license.rotated": Meaning(
        "A license is replaced by another.", "License 已轮换。", before="license", after="license, revokeAt"
    ),
    "license.transferred": Meaning(
        "A license waits for another deployment.",
        "License 已转移，等待新部署激活。",
        before="license, deployment?",
        after="deployment",
    ),
    "member.added": Meaning(
        "Somebody accepted an invitation, and is a member.", "受邀者已接受邀请，成为成员。", after="email, role"
    ),
    "member.email_changed": Meaning(
        "A member signs in with another e-mail address.", "成员的登录邮箱已变更。", before="email", after="email"
    ),
    "member.invitation_revoked": Meaning("An invitation was taken back.", "已撤回邀请。", before="email, role"),
    "member.invited": Meaning("Somebody was invited to be a member.", "已邀请成员。", after="email, role"),
    "member.removed": Meaning("A member was removed.", "已移除成员。", before="email, role"),
    "member.role_changed": Meaning(
        "A member has another role.", "成员角色已变更。", before="email, role", after="role"
    ),
    "price.announced": Meaning(
        "Another price holds from a billing day on.",
        "自某一计费日起适用新价格。",
        before="plan",
        after="plan, edition, billedFrom, priceZh, priceEn",
    ),
    "price.group_changed": Meaning(
        "The account has other negotiated prices, or none any more.",
        "账户适用的协议价分组已变更。",
        before="group?",
        after="group?",
    ),
    "price.withdrawn": Meaning(
        "A price that was announced will not hold.", "已公告的价格不再适用。", after="plan, edition, billedFrom"
    ),
    "reconciliation.case_opened": Meaning(
        "A provider's record differs from ours, or an online payment needs a look; an event of the vendor's alone.",
        "支付渠道的记录与本系统不一致，或在线付款需要核对；仅工作人员可见。",
        after="case, caseKind, channel",
    ),
    "reconciliation.case_resolved": Meaning(
        "Somebody resolved the case, or the records agree by now; an event of the vendor's alone.",
        "对账差异已处理，或双方记录已一致；仅工作人员可见。",
        before="case, caseKind, channel",
        reason="always",
    ),
    "sandbox.clock_advanced": Meaning(
        "The sandbox account's clock was advanced.", "沙箱账户的时钟已前移。", before="clock", after="clock"
    ),
    "service_token.created": Meaning("A service token was made.", "已创建服务令牌。", after="label, role"),
    "service_token.revoked": Meaning("A service token was revoked.", "已吊销服务令牌。", before="label, role"),
    "settlement.accepted": Meaning(
        "A channel took a charge and is collecting it.",
        "结算方式已受理账单项。",
        before="charge, state",
        after="state, channel",
        reason="sometimes",
    ),
    "settlement.channel_bound": Meaning(
        "A settlement channel pays from now on.", "结算方式已绑定，开始付款。", before="channel?", after="channel"
    ),
    "settlement.channel_change_allowed": Meaning(
        "Staff allowed another change of the channel in this month.",
        "工作人员允许本月再次更改结算方式。",
        after="channel",
    ),
    "settlement.channel_chosen": Meaning(
        "A settlement channel was chosen.", "已选择结算方式。", before="channel?", after="channel"
    ),
    "settlement.channel_unlinked": Meaning(
        "The provider ended the link.", "云厂商已解除关联。", before="channel", after="endedBy", reason="always"
    ),
    "settlement.moved": Meaning(
        "A charge is to be collected through another channel.",
        "账单项改由其他结算方式收取。",
        before="charge, channel",
        after="channel",
        reason="always",
    ),
    "settlement.needs_attention": Meaning(
        "A charge could not be collected.",
        "账单项未能收取，需人工处理。",
        before="charge, state",
        after="state, channel",
        reason="sometimes",
    ),
    "settlement.retried": Meaning(
        "Staff let a charge be collected again.",
        "工作人员重新发起收取。",
        before="charge, state",
        after="state, channel",
        reason="always",
    ),
    "settlement.settled": Meaning(
        "A charge was collected.", "账单项已收取。", before="charge, state", after="state, channel", reason="sometimes"
    ),
    "statement.issued": Meaning("A month's statement was issued.", "月结单已出具。", after="month, number"),
    "suspension.began": Meaning(
        "Staff suspended the account, a license or a deployment.",
        "工作人员暂停了账户、License 或部署。",
        after="suspension, subject",
        reason="always",
    ),
    "suspension.ended": Meaning(
        "Staff reinstated the account, a license or a deployment.",
        "工作人员恢复了账户、License 或部署。",
        before="suspension, subject",
        reason="always",
    ),
    "top_up.cancelled": Meaning(
        "The money of a top-up will not come.", "充值已取消。", before="topUp, state", after="state"
    ),
    "top_up.confirmed": Meaning(
        "The money of a top-up arrived.",
        "充值已到账。",
        before="topUp, state",
        after="state, receivedMinor, bankReference",
    ),
    "top_up.refunded": Meaning(
        "Money of a top-up went back to the payer.",
        "充值款项已退回付款方。",
        before="topUp",
        after="amountMinor, reference",
        reason="always",
    ),
    "top_up.requested": Meaning(
        "A top-up was announced, or begun online.", "已登记或发起充值。", after="topUp, amountMinor, online"
    ),
    "upgrade.edition_chosen": Meaning("A commercial edition was chosen.", "已选择商业版。", after="edition, plan"),
    "upgrade.lapsed": Meaning(
        "The account fell back to the community edition.",
        "账户已回退到社区版。",
        before="edition",
        after="edition",
        reason="always",
    ),
    "upgrade.took_effect": Meaning(
        "The account was upgraded.", "账户已升级到商业版。", before="edition", after="edition"
    ),
    "upgrade.took_effect_again": Meaning(
        "The account was upgraded again, billed from that day on.",
        "账户已再次升级，自当日起计费。",
        before="edition",
        after="edition",
    ),
    "upgrade.waits_for_activation": Meaning(
        "The free period was had before: a license's activation upgrades the account.",
        "免费期已使用过：激活 License 后升级。",
        after="edition",
    ),
    "usage.corrected": Meaning(
        "Hours of usage were replaced.", "已更正用量。", after="deployment, corrections", reason="always"
    ),
    "usage.threshold_reached": Meaning(
        "A billing day's quantity of a meter reached a number of the usage alert.",
        "某计费日的用量达到用量提醒的数值。",
        after="meter, day, quantity, threshold",
    ),
    "usage_alert.removed": Meaning("A usage alert was removed.", "已移除用量提醒。", after="meter"),
    "usage_alert.set": Meaning("A usage alert was set.", "已设置用量提醒。", after="meter, thresholds"),
    "voucher.issued": Meaning(
        "A voucher was issued.", "已发放代金券。", after="voucher, amountMinor, source", reason="always"
    ),
    "voucher.voided": Meaning(
        "Staff took a voucher back.",
        "工作人员收回了代金券。",
        before="voucher, leftMinor",
        after="state",
        reason="always",
    ),
    "wallet.invited": Meaning(
        "Another account was offered that this one's balance pays for it.",
        "已邀请其他账户共用本账户余额。",
        after="walletShare",
    ),
    "wallet.share_began": Meaning(
        "The balance of one account pays for another.", "账户间已开始共用余额。", after="walletShare"
    ),
    "wallet.share_ended": Meaning(
        "The balance of one account pays for another no more, or is offered no more.",
        "账户间已停止共用余额，或邀请已撤回。",
        before="walletShare",
    ),
    "webhook_endpoint.backfilled": Meaning(
        "A webhook endpoint is told of what it was never told.",
        "已向 Webhook 端点补发此前未推送的事件。",
        after="deliveries",
    ),
    "webhook_endpoint.created": Meaning("A webhook endpoint was made.", "已创建 Webhook 端点。", after="url"),
    "webhook_endpoint.deleted": Meaning("A webhook endpoint was deleted.", "已删除 Webhook 端点。", before="url"),
    "webhook_endpoint.disabled": Meaning(
        "A webhook endpoint was switched off, since it takes nothing.",
        "Webhook 端点持续无法接收，已被停用。",
        before="url",
        reason="always",
    ),
    "webhook_endpoint.replayed": Meaning(
        "A webhook endpoint is told again.", "已向 Webhook 端点重新推送。", after="since, deliveries"
    ),
    "webhook_endpoint.secret_rotated": Meaning(
        "A webhook endpoint has another secret.", "Webhook 端点的密钥已轮换。", after="url"
    ),
    "webhook_endpoint.updated": Meaning(
        "A webhook endpoint was changed.", "Webhook 端点已变更。", before="url, enabled", after="url, enabled"
    ),
}
