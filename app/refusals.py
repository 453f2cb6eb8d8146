"""Why a license, or another signed document, is refused, and what to do about it, in English and Chinese."""

from __future__ import annotations

from app.described import DescribedEnum


class RefusalReason(DescribedEnum):
    """What is wrong with a license, or another signed document."""

    TOO_LONG = "TOO_LONG", "It is longer than any real one."
    NOT_BASE64 = "NOT_BASE64", "It is not base64url text in three parts."
    MALFORMED = "MALFORMED", "Its content cannot be read."
    WRONG_KIND = "WRONG_KIND", "It is a signed document of another kind."
    WRONG_ALGORITHM = "WRONG_ALGORITHM", "It is not signed with the only algorithm accepted."
    UNKNOWN_KEY = "UNKNOWN_KEY", "It is signed with a key that is not known."
    BAD_SIGNATURE = "BAD_SIGNATURE", "Its signature does not fit."
    NOT_YET_VALID = "NOT_YET_VALID", "Its time has not begun."
    EXPIRED = "EXPIRED", "Its time is over."
    REVOKED = "REVOKED", "It was revoked."
    SUSPENDED = "SUSPENDED", "It, its deployment or its account is suspended."
    OTHER_ACCOUNT = "OTHER_ACCOUNT", "It belongs to another account than the AK/SK."
    OTHER_DEPLOYMENT = "OTHER_DEPLOYMENT", "It is bound to another deployment."
    ALREADY_ACTIVE_ELSEWHERE = "ALREADY_ACTIVE_ELSEWHERE", "It is active on another deployment."
    TRANSFERRED = "TRANSFERRED", "It was transferred to another deployment."
    REPLAYED = "REPLAYED", "It was used before."
    OLDER = "OLDER", "It is older than one that was seen already."


class DocumentKind(DescribedEnum):
    """A signed document besides the license."""

    RECEIPT = "RECEIPT", "What a deployment has instead of a connection: that its license is active."
    REVOCATIONS = "REVOCATIONS", "The list of revoked licenses."
    CHALLENGE = "CHALLENGE", "What a deployment without a network writes to be activated."
    USAGE = "USAGE", "Usage that a deployment without a network wrote."


HINTS: dict[RefusalReason, tuple[str, str]] = {
    RefusalReason.TOO_LONG: (
        "it is longer than any real one. Copy its one line alone.",
        "长度超出上限。请只复制该行文本。",
    ),
    RefusalReason.NOT_BASE64: (
        "it is not base64url text in three parts. Copy all of it again, and nothing else.",
        "不是由三段 base64url 组成的文本。请重新完整复制，且不要带其他内容。",
    ),
    RefusalReason.MALFORMED: (
        "its content cannot be read. Copy the whole line again.",
        "内容无法解析。请重新复制整行。",
    ),
    RefusalReason.WRONG_KIND: (
        "it is a signed document of another kind. Check that the texts were not mixed up.",
        "这是另一种签名文件。请检查是否混淆。",
    ),
    RefusalReason.WRONG_ALGORITHM: (
        "it is not signed with the only algorithm accepted. Get it again from where it was made.",
        "签名算法不被接受。请从原处重新获取。",
    ),
    RefusalReason.UNKNOWN_KEY: (
        "it is signed with a key that is not known. Fetch the published keys again, or get the text again.",
        "签名密钥未知。请重新获取公钥，或重新获取该文本。",
    ),
    RefusalReason.BAD_SIGNATURE: (
        "its signature does not fit: it was changed, or is forged. Copy the whole line again.",
        "签名不符：文本被改动或伪造。请重新复制整行。",
    ),
    RefusalReason.NOT_YET_VALID: (
        "its time has not begun. If it should have, check the clock of this machine; 5 minutes off are tolerated.",
        "尚未到生效时间。如已到，请检查本机时钟，允许误差 5 分钟。",
    ),
    RefusalReason.EXPIRED: ("its time is over. Get a new one.", "已过期。请获取新的。"),
    RefusalReason.REVOKED: ("it was revoked. Create a new license.", "已吊销。请创建新的 License。"),
    RefusalReason.SUSPENDED: (
        "it, its deployment or its account is suspended by the vendor. Write to your account manager.",
        "该 License、其部署或账户已被厂商暂停。请联系您的客户经理。",
    ),
    RefusalReason.OTHER_ACCOUNT: (
        "it belongs to another account than the AK/SK. Use the AK/SK of its own account.",
        "与 AK/SK 不属于同一账户。请使用其所属账户的 AK/SK。",
    ),
    RefusalReason.OTHER_DEPLOYMENT: (
        "it is bound to another deployment's fingerprint. Get one for this deployment.",
        "绑定了其他部署的指纹。请为本部署获取新的。",
    ),
    RefusalReason.ALREADY_ACTIVE_ELSEWHERE: (
        "it is active on the deployment {active_on}. Transfer it, or create another license.",
        "已在部署 {active_on} 上激活。请转移，或另建 License。",
    ),
    RefusalReason.TRANSFERRED: (
        "it was transferred to another deployment. Create another license for this one, or transfer it back.",
        "已转移到其他部署。请为本部署另建 License，或将其转回。",
    ),
    RefusalReason.REPLAYED: ("it was used before. Write a new file.", "已被使用过。请重新生成文件。"),
    RefusalReason.OLDER: (
        "it is older than one that was seen already. Fetch the newest.",
        "比已接受的版本旧。请获取最新版本。",
    ),
}


def hint(reason: str, locale: str, active_on: str | None = None) -> str:
    """What a reason means and what to do, in ``zh`` or ``en``."""
    en, zh = HINTS[RefusalReason(reason)]
    return (zh if locale == "zh" else en).replace("{active_on}", active_on or "?")
