"""What the rules refuse, and what to do about it. Each error has a code, and a message in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from app.described import DescribedEnum
from app.money import in_major_units
from app.refusals import DocumentKind, hint


class CannotStart(Exception):
    """The process cannot start; the message says what is wrong and what to do."""


class BillingError(Exception):
    """A refusal that the caller can act on. ``path`` names the argument at fault, and ``operations`` the mutations
    that lead on: no message does, since people read it."""

    code: ClassVar[str]
    en: ClassVar[str]
    zh: ClassVar[str]
    leads_on: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, path: tuple[str, ...] = (), operations: tuple[str, ...] = (), **params: Any) -> None:
        self.path = path
        self.operations = operations or self.leads_on
        self.params = params
        super().__init__(self.message("en"))

    def message(self, locale: str) -> str:
        """The message in ``zh`` or ``en``; values of enums are called what people call them."""
        words = {
            name: getattr(value, locale) if isinstance(value, DescribedEnum) else value
            for name, value in self.params.items()
        }
        return (self.zh if locale == "zh" else self.en).format(**words)


class Unauthenticated(BillingError):
    """The request has no bearer token, or one that does not work: it is unknown, has ended, or was revoked."""

    code = "UNAUTHENTICATED"
    en = "Please sign in first."
    zh = "请先登录。"
    others: ClassVar[dict[str, dict[str, str]]] = {
        "token": {
            "en": "You are signed out, or the token does not work. Sign in again.",
            "zh": "登录已失效或令牌无效，请重新登录。",
        },
        "link": {
            "en": "This link has ended. Go back to the page that had it, and take a new one.",
            "zh": "该链接已失效。请返回原页面重新获取。",
        },
    }

    def message(self, locale: str) -> str:
        """The message; ``of`` says what does not work, where something was given."""
        of = self.params.get("of")
        return self.others[of]["zh" if locale == "zh" else "en"] if of else super().message(locale)


class RateLimited(BillingError):
    """This was tried too often, or too much was asked for."""

    code = "RATE_LIMITED"
    en = "Too many attempts. Wait for {retry_after} seconds, then try again."
    zh = "尝试过于频繁。请在 {retry_after} 秒后重试。"


class Overloaded(BillingError):
    """The service has more to do than it can; nothing was done."""

    code = "OVERLOADED"
    en = "The service is busy, and nothing was done. Try again in {retry_after} seconds."
    zh = "系统繁忙，本次请求未执行。请在 {retry_after} 秒后重试。"


class PermissionDenied(BillingError):
    """The signed-in user lacks the role that this needs."""

    code = "PERMISSION_DENIED"
    en = "This needs one of these: {needed}. {ask}."
    zh = "此操作需要以下权限之一：{needed}。{ask}。"
    asks: ClassVar[dict[str, dict[str, str]]] = {
        "owner": {"en": "Ask an owner of the account for it", "zh": "请向账户所有者申请"},
        "operator": {
            "en": "Ask the operator of the service, who grants it",
            "zh": "请向系统运维人员申请，由其授予",
        },
        "token": {
            "en": "The token does not have it as a scope: use another, or sign in as a user",
            "zh": "该令牌不具备此权限范围：请使用其他令牌，或以用户身份登录",
        },
    }

    people: ClassVar[dict[str, str]] = {
        "en": "This is for people, not for tokens. {ask}.",
        "zh": "此操作仅限用户本人。{ask}。",
    }

    def __init__(
        self,
        *,
        needed: Iterable[DescribedEnum] = (),
        ask: Literal["owner", "operator", "token"] = "owner",
        path: tuple[str, ...] = (),
    ) -> None:
        """Of the roles or scopes ``needed``, one is enough; without any, it is for people."""
        super().__init__(needed=tuple(needed), ask=ask, path=path)

    def message(self, locale: str) -> str:
        """The message, with whom to ask: a role in an account has its owner to give, a staff role the operator."""
        language = "zh" if locale == "zh" else "en"
        needed = " / ".join(getattr(one, language) for one in self.params["needed"])
        text = (self.zh if language == "zh" else self.en) if needed else self.people[language]
        return text.format(needed=needed, ask=self.asks[self.params["ask"]][language])


class SecondFactorRequired(BillingError):
    """The user has a second factor, or must set one up to act in this role."""

    code = "SECOND_FACTOR_REQUIRED"
    en = "Give a code of your authenticator app, or a recovery code. If you have neither yet, set up a second factor."
    zh = "请提供身份验证器中的验证码或恢复码。若尚未启用，请先启用第二因素。"
    leads_on = ("beginSecondFactor",)


class RecentSignInRequired(BillingError):
    """What changes how the user signs in is for a session that was opened within a quarter of an hour."""

    code = "RECENT_SIGN_IN_REQUIRED"
    en = "Sign in again first: this changes how you sign in, and is for a session of the last 15 minutes."
    zh = "请先重新登录：此操作会更改登录方式，须使用 15 分钟内建立的会话。"


class IdentityRefused(BillingError):
    """Nobody may sign in as whom the provider knows: no user is linked to it, nor may be by its address."""

    code = "IDENTITY_REFUSED"
    en = (
        "No user here is linked to this identity of {provider_en}. Sign in in another way and link it; "
        "if you have no other, ask for an invitation."
    )
    zh = "此处没有用户与该 {provider_zh} 身份关联。请以其他方式登录后关联；若无其他登录方式，请申请邀请。"
    leads_on = ("beginIdentityLink",)


class SignInProviderUnavailable(BillingError):
    """The sign-in provider does not answer, or not as it must; nothing was done."""

    code = "SIGN_IN_PROVIDER_UNAVAILABLE"
    en = "{provider_en} does not answer. Try again in {retry_after} seconds, or sign in in another way."
    zh = "{provider_zh} 暂无响应。请在 {retry_after} 秒后重试，或以其他方式登录。"


class DeploymentDenied(BillingError):
    """A deployment's key asked for more than what a deployment needs; nothing was done."""

    code = "DEPLOYMENT_DENIED"
    en = "A deployment's key does not read these fields of the account: {fields}. Ask for them with a bearer token."
    zh = "部署的密钥无权读取账户的以下字段：{fields}。请使用 Bearer 令牌查询。"


class AccountSuspended(BillingError):
    """Staff suspended the account: its members look and pay, and change nothing else."""

    code = "ACCOUNT_SUSPENDED"
    en = "The account is suspended ({reason}): look and pay. Write to your account manager to have it reinstated."
    zh = "账户已被暂停（{reason}），目前仅可查看和付款。如需恢复，请联系您的客户经理。"


class NotFound(BillingError):
    """What was named does not exist, or is not yours to see."""

    code = "NOT_FOUND"
    en = "No such {what}, or it is not yours to see. Check the value."
    zh = "找不到{what}，或您无权查看。请检查输入。"
    nouns: ClassVar[dict[str, str]] = {
        "access key": "访问密钥",
        "account": "账户",
        "activated deployment with this fingerprint": "具有该指纹的已激活部署",
        "agreement": "服务协议",
        "application": "申请",
        "charge": "账单项",
        "company verification": "企业实名认证",
        "contract in force or to come": "生效中或即将生效的合同",
        "deployment": "部署",
        "edition": "版本",
        "invoice": "发票",
        "invoice address": "发票收件地址",
        "invoice title": "发票抬头",
        "identity": "登录身份",
        "invitation": "邀请",
        "issued statement": "已出账单",
        "license": "License",
        "membership": "成员",
        "meter": "计量项",
        "offer": "报价",
        "passkey": "通行密钥",
        "price group": "协议价分组",
        "price plan": "价格方案",
        "published key": "已发布的密钥",
        "reconciliation case": "对账差异",
        "release": "产品版本",
        "report": "报表",
        "settlement": "结算",
        "stored-value card": "储值卡",
        "sign-in provider": "登录服务",
        "signing key": "签名密钥",
        "token": "令牌",
        "top-up": "充值",
        "user": "用户",
        "voucher": "代金券",
        "wallet share": "余额共用",
        "webhook endpoint": "Webhook 端点",
    }

    def message(self, locale: str) -> str:
        """The message; what is not found is named in the reader's language, a GraphQL type as in the schema."""
        what = str(self.params["what"])
        return self.zh.format(what=self.nouns.get(what, f" {what}")) if locale == "zh" else self.en.format(what=what)


class InvalidInput(BillingError):
    """An argument has a form or value that is not allowed."""

    code = "INVALID_INPUT"
    en = "Invalid input: {reason_en}."
    zh = "输入无效：{reason_zh}。"


class IdempotencyConflict(BillingError):
    """The idempotency key was used before, with another input."""

    code = "IDEMPOTENCY_CONFLICT"
    en = "This idempotency key was used before with another input. Use a new key for a new request."
    zh = "该幂等键已用于不同的输入。请为新的请求使用新的幂等键。"


class EmailTaken(BillingError):
    """Somebody has registered with this e-mail address."""

    code = "EMAIL_TAKEN"
    en = "This e-mail address is registered already. Sign in, or use another."
    zh = "该邮箱已注册。请登录或使用其他邮箱。"


class InvalidCredentials(BillingError):
    """Password, token, AK or SK is wrong, or was used or revoked."""

    code = "INVALID_CREDENTIALS"
    en = "The AK or SK is wrong, or was revoked. Check them, or create a new pair."
    zh = "AK 或 SK 错误或已吊销。请检查，或重新创建一对。"
    others: ClassVar[dict[str, dict[str, str]]] = {
        "password": {
            "en": "The e-mail address or the password is wrong. Check them, or have the password reset by mail.",
            "zh": "邮箱或密码错误。请检查，或通过邮件重置密码。",
        },
        "email change": {
            "en": "The code is wrong, used or too old, or too many were tried. Ask for others.",
            "zh": "验证码错误、已使用、已过期或尝试次数过多。请重新获取。",
        },
        "registration": {
            "en": "The code is missing, wrong, used or too old. Have one mailed to the address.",
            "zh": "验证码缺失、错误、已使用或已过期。请重新获取发送到该邮箱的验证码。",
        },
        "second factor": {
            "en": "The code is wrong, or was used. Wait for the next one, or use a recovery code.",
            "zh": "验证码错误或已使用。请等待下一个验证码，或使用恢复码。",
        },
        "passkey": {
            "en": "The passkey is unknown, or its answer is none to what was asked just now. Begin anew.",
            "zh": "通行密钥未知，或其应答与本次请求不符。请重新开始。",
        },
        "sign-in": {
            "en": "This sign-in was not begun here, is finished or too old, or was not confirmed by the provider. "
            "Begin again.",
            "zh": "该登录并非由此处发起、已完成、已过期，或未获登录服务确认。请重新发起登录。",
        },
        "invitation": {
            "en": "The code is wrong, used, taken back or too old. Ask whoever invited you for another one.",
            "zh": "邀请码错误、已使用、已撤回或已过期。请联系邀请人重新邀请。",
        },
        "reset": {
            "en": "The code is unknown, used or too old. Ask for another mail.",
            "zh": "验证码无效、已使用或已过期。请重新获取邮件。",
        },
    }

    leading: ClassVar[dict[str, str]] = {
        "password": "requestPasswordReset",
        "email change": "requestEmailChange",
        "registration": "requestRegistration",
        "passkey": "beginPasskeySignIn",
        "sign-in": "beginSignIn",
        "reset": "requestPasswordReset",
    }

    def __init__(self, *, of: str | None = None, path: tuple[str, ...] = ()) -> None:
        """``of`` says of what, where it is not of an access key."""
        anew = self.leading.get(of or "")
        super().__init__(of=of, path=path, operations=(anew,) if anew else ())

    def message(self, locale: str) -> str:
        """The message, for what is wrong."""
        of = self.params["of"]
        return self.others[of][locale] if of else super().message(locale)


class LastOwner(BillingError):
    """The account would be left without an owner."""

    code = "LAST_OWNER"
    en = "The account must keep an owner. Make another member owner first."
    zh = "账户必须保留一名所有者。请先指定其他成员为所有者。"


class SandboxOnly(BillingError):
    """What is only done with sandbox accounts, in which nothing is real."""

    code = "SANDBOX_ONLY"
    en = "That is for sandbox accounts alone: neither time nor money is real there. Create one for that."
    zh = "仅限沙箱账户：其时间与金额均为模拟。请先创建沙箱账户。"
    leads_on = ("createAccount",)


class SandboxOff(BillingError):
    """This billing center has no sandbox accounts."""

    code = "SANDBOX_OFF"
    en = "This billing center has no sandbox accounts; its operator may allow them (BILLING_SANDBOX)."
    zh = "本计费中心未开放沙箱账户，可由运维人员开启（BILLING_SANDBOX）。"


class SandboxLimit(BillingError):
    """The user has as many sandbox accounts as one may have."""

    code = "SANDBOX_LIMIT"
    en = "A user may own {limit} sandbox accounts; use one of those that you have."
    zh = "每位用户最多可拥有 {limit} 个沙箱账户，请使用已有的沙箱账户。"


class StepOutOfOrder(BillingError):
    """A step of the upgrade that comes before this one is missing."""

    code = "STEP_OUT_OF_ORDER"
    en = "A step comes before this one: {missing_step}. Do that first."
    zh = "请先完成“{missing_step}”。"


class StaleAgreement(BillingError):
    """The agreement named is not the current version, or the hash is not of its text."""

    code = "STALE_AGREEMENT"
    en = "This is not the current agreement, which is version {current_version}. Read and accept that."
    zh = "这不是当前的服务协议，当前版本为 {current_version}。请阅读并同意该版本。"


class EditionByApplication(BillingError):
    """The edition is had by applying to an account manager."""

    code = "EDITION_BY_APPLICATION"
    en = "The {edition} edition is available by application: apply for it, or contact your account manager."
    zh = "{edition}须通过申请开通：请提交申请，或联系客户经理。"
    leads_on = ("applyForEdition",)


class UpgradeConflict(BillingError):
    """The account was upgraded already."""

    code = "UPGRADE_CONFLICT"
    en = (
        "The account's upgrade to the {edition} edition is {state} already. When lapsed, activating a license upgrades "
        "it again."
    )
    zh = "账户已有到{edition}的升级，状态为“{state}”。若已失效，激活 License 即可重新升级。"


class UnknownChannel(BillingError):
    """No settlement channel has this key."""

    code = "UNKNOWN_CHANNEL"
    en = "There is no settlement channel {channel}. Available: {available}."
    zh = "没有结算方式 {channel}。可用的有：{available}。"


class ChannelUnavailable(BillingError):
    """The channel's plugin failed to load or does not answer."""

    code = "CHANNEL_UNAVAILABLE"
    en = "The settlement channel {channel} is unavailable: {reason_en}. Choose another, or try again later."
    zh = "结算方式 {channel} 不可用：{reason_zh}。请选择其他方式或稍后再试。"

    def __init__(self, *, channel: str, reason: tuple[str, str], path: tuple[str, ...] = ()) -> None:
        """``reason`` in English and Chinese."""
        super().__init__(channel=channel, reason_en=reason[0], reason_zh=reason[1], path=path)


class BindingRejected(BillingError):
    """The channel refused the configuration given, or cannot collect what the account will be charged."""

    code = "BINDING_REJECTED"
    en = "The settlement channel cannot be bound: {reason_en}"
    zh = "无法绑定该结算方式：{reason_zh}"


class ChannelChangeTooSoon(BillingError):
    """The settlement channel was changed this calendar month already."""

    code = "CHANNEL_CHANGE_TOO_SOON"
    en = "The settlement channel changes at most once a calendar month. Change it again from {allowed_at:%Y-%m-%d} on."
    zh = "结算方式每个自然月最多更改一次。请于 {allowed_at:%Y-%m-%d} 起再更改。"


class InvalidLicense(BillingError):
    """The license text is malformed, forged, revoked, expired, or not for this account or deployment."""

    code = "INVALID_LICENSE"
    en = "The license is refused: {hint}"
    zh = "License 被拒绝：{hint}"

    def message(self, locale: str) -> str:
        """The message, with what the reason means."""
        about = hint(self.params["reason"], locale, self.params.get("active_on"))
        return (self.zh if locale == "zh" else self.en).format(hint=about)


class InvalidDocument(BillingError):
    """A receipt, revocation list, challenge or usage file is malformed, forged, out of its time, or used before."""

    code = "INVALID_DOCUMENT"
    en = "The {document} is refused: {hint}"
    zh = "{document}被拒绝：{hint}"
    nouns: ClassVar[dict[DocumentKind, tuple[str, str]]] = {
        DocumentKind.RECEIPT: ("receipt", "回执"),
        DocumentKind.REVOCATIONS: ("revocation list", "吊销列表"),
        DocumentKind.CHALLENGE: ("activation request", "激活请求文件"),
        DocumentKind.USAGE: ("usage file", "用量文件"),
    }

    def message(self, locale: str) -> str:
        """The message, with what the document is called, and what the reason means."""
        en, zh = self.nouns[self.params["document"]]
        text, noun = (self.zh, zh) if locale == "zh" else (self.en, en)
        return text.format(document=noun, hint=hint(self.params["reason"], locale))


class LicenseLimit(BillingError):
    """The account has as many licenses of the edition as it may have, or as many that were not activated yet."""

    code = "LICENSE_LIMIT"
    en = "The account has {limit} {which_en} license(s) of this edition, as many as it may. Use those, or revoke one."
    zh = "账户在该版本下已有 {limit} 个 License（{which_zh}），达到上限。请使用现有 License 或先吊销。"


class InvalidGatewayUrl(BillingError):
    """The data gateway address breaks a rule, such as that it keeps the literal placeholder token={}."""

    code = "INVALID_GATEWAY_URL"
    en = "The data gateway address is refused: {rule_en}. A right one is https://gateway.example.com?token={{}}."
    zh = "数据网关地址有误：{rule_zh}。正确示例：https://gateway.example.com?token={{}}。"


class InvalidSignature(BillingError):
    """The request is not signed as RFC 9421 and docs/launcher-signing.md say."""

    code = "INVALID_SIGNATURE"
    en = "The request's signature is refused: {reason}. Sign it with AK/SK as docs/launcher-signing.md shows."
    zh = "请求签名被拒绝：{reason}。请按 docs/launcher-signing.md 使用 AK/SK 签名。"


class ReplayedRequest(BillingError):
    """A signed request with this nonce was seen before."""

    code = "REPLAYED_REQUEST"
    en = "A request with this nonce was seen before. Sign the request anew, with a new nonce."
    zh = "该 nonce 的请求已收到过。请使用新的 nonce 重新签名。"


class LimitExceeded(BillingError):
    """More was sent than one call may have."""

    code = "LIMIT_EXCEEDED"
    en = "{actual} were sent, {limit} are allowed in one call. Send them in several calls."
    zh = "发送了 {actual} 个，单次调用最多 {limit} 个。请分多次发送。"


class SettlementConflict(BillingError):
    """A charge's settlement is not in a state that allows this."""

    code = "SETTLEMENT_CONFLICT"
    en = "The settlement cannot be changed so: {reason_en}."
    zh = "无法如此更改该结算：{reason_zh}。"


class BulkRefused(BillingError):
    """Lines of bulk usage are wrong; ``lines`` in the answer of POST /usage/bulk names each, of 100 at most."""

    code = "BULK_REFUSED"
    en = "Nothing was written: line {line}: {reason_en}. Mend the lines named and send all of it again."
    zh = "未写入任何数据：第 {line} 行：{reason_zh}。请修正所列各行后重新发送全部内容。"


class TooManyUploads(BillingError):
    """Bulk usage of the account, or of as many accounts as the server takes at once, is being uploaded already."""

    code = "TOO_MANY_UPLOADS"
    en = "Usage of this account, or of as many accounts as are taken at once, is being uploaded. Send it again later."
    zh = "该账户正在上传用量，或同时上传的账户数已达上限。请稍后重新发送。"


class UploadTooSlow(BillingError):
    """Bulk usage does not arrive as fast as it must."""

    code = "UPLOAD_TOO_SLOW"
    en = (
        "Nothing was written: after the first {seconds:g} s an upload must have come with {rate} KiB/s, and with "
        "1,024 KiB/s while others wait. Send all of it again, in smaller bodies over a slow line."
    )
    zh = (
        "未写入任何数据：{seconds:g} 秒后，上传的平均速率须不低于 {rate} KiB/s；"
        "有其他账户等待上传时，须不低于 1,024 KiB/s。请重新发送全部内容，网速较慢时请减小每次上传的数据量。"
    )


class TopUpConflict(BillingError):
    """The top-up was confirmed or cancelled already, or the bank reference was used for another."""

    code = "TOP_UP_CONFLICT"
    en = "The top-up cannot be changed: {reason_en}."
    zh = "充值无法变更：{reason_zh}。"


class OnlineTopUpUnavailable(BillingError):
    """Nobody can pay in online now, or this account cannot."""

    code = "ONLINE_TOP_UP_UNAVAILABLE"
    en = "Paying in online is not possible: {reason_en}. Announce a bank transfer instead."
    zh = "无法在线充值：{reason_zh}。请改为登记银行转账。"
    leads_on = ("requestTopUp",)


class FundRefused(BillingError):
    """A voucher or stored-value card cannot be issued, bought or taken back."""

    code = "FUND_REFUSED"
    en = "The voucher or card is refused: {reason_en}."
    zh = "代金券或储值卡被拒绝：{reason_zh}。"


class CouponRefused(BillingError):
    """A coupon cannot be made so, or not be redeemed."""

    code = "COUPON_REFUSED"
    en = "The coupon is refused: {reason_en}."
    zh = "优惠券被拒绝：{reason_zh}。"


class StandingConflict(BillingError):
    """The account's standing does not allow this step of ending its service."""

    code = "STANDING_CONFLICT"
    en = "This is not possible: {reason_en}."
    zh = "无法执行：{reason_zh}。"


class CreditLimit(BillingError):
    """The credit is more than is left of the charge."""

    code = "CREDIT_LIMIT"
    en = "Of this charge {available} {currency} can still be credited. Credit that or less."
    zh = "该账单项最多还可贷记 {available} {currency}。请减少金额。"

    def __init__(self, *, available_minor: int, currency: str, **params: Any) -> None:
        super().__init__(available=in_major_units(available_minor, currency), currency=currency, **params)


class PriceNotCollected(BillingError):
    """Channels that pay for accounts which would have the price cannot collect it."""

    code = "PRICE_NOT_COLLECTED"
    en = (
        "{reason_en}. Choose another price, or have these accounts choose another channel first. It can be "
        "confirmed all the same; their charges will need attention."
    )
    zh = "{reason_zh}。请更改价格，或先让这些账户改用其他结算方式；也可确认仍要执行，届时相关账单将需人工处理。"


class InvoiceLimit(BillingError):
    """The invoice would be over more than was paid in cash and is not invoiced yet."""

    code = "INVOICE_LIMIT"
    en = (
        "They come to {asked} {currency}, and {available} {currency} were paid in cash and are not invoiced yet. "
        "Name fewer of them, or pay what is owed first."
    )
    zh = "合计 {asked} {currency}，而已用现金支付且未开票的金额为 {available} {currency}。请减少账单，或先付清欠款。"

    def __init__(self, *, asked_minor: int, available_minor: int, currency: str, **params: Any) -> None:
        super().__init__(
            asked=in_major_units(asked_minor, currency),
            available=in_major_units(max(available_minor, 0), currency),
            currency=currency,
            **params,
        )


class InvoiceConflict(BillingError):
    """The invoice is not in a state that allows this, or the number is taken."""

    code = "INVOICE_CONFLICT"
    en = "The invoice cannot be changed so: {reason_en}."
    zh = "无法如此更改该发票：{reason_zh}。"


class WalletShareConflict(BillingError):
    """The accounts cannot share a balance so."""

    code = "WALLET_SHARE_CONFLICT"
    en = "The balance cannot be shared so: {reason_en}."
    zh = "无法如此共用余额：{reason_zh}。"


class VerificationConflict(BillingError):
    """What was submitted of an organisation is not in a state that allows this."""

    code = "VERIFICATION_CONFLICT"
    en = "This is not possible: {reason_en}."
    zh = "无法执行：{reason_zh}。"


class VerificationRequired(BillingError):
    """Invoices are for the organisation that staff verified, and no other."""

    code = "VERIFICATION_REQUIRED"
    en = "Invoices are for verified organisations: {reason_en}."
    zh = "仅可为已实名认证的企业开票：{reason_zh}。"


class ApplicationConflict(BillingError):
    """An application, or an offer for it, is not in a state that allows this."""

    code = "APPLICATION_CONFLICT"
    en = "This is not possible: {reason_en}."
    zh = "无法执行：{reason_zh}。"


ALL_ERRORS: tuple[type[BillingError], ...] = tuple(BillingError.__subclasses__())
COMMON_ERRORS = (
    Unauthenticated,
    PermissionDenied,
    AccountSuspended,
    NotFound,
    InvalidInput,
    IdempotencyConflict,
    SecondFactorRequired,
    RateLimited,
    Overloaded,
)
