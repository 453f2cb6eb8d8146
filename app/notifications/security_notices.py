"""The e-mails that tell users what changed about how they sign in, in Chinese and English."""

from __future__ import annotations

from email.message import EmailMessage

from app.accounts.models import SecurityChange, SecurityNotice
from app.accounts.security_notices import claim_security_notice
from app.notifications.mailing import mail_next, written
from app.settings import Settings

TEXTS: dict[SecurityChange, tuple[str, str]] = {
    SecurityChange.PASSWORD_SET: ("密码已修改", "Your password was changed"),
    SecurityChange.SECOND_FACTOR_ADDED: ("已启用第二因素", "A second factor was set up"),
    SecurityChange.SECOND_FACTOR_REMOVED: ("已移除第二因素", "Your second factor was removed"),
    SecurityChange.PASSKEY_ADDED: ("已添加通行密钥", "A passkey was added"),
    SecurityChange.PASSKEY_REMOVED: ("已移除通行密钥", "A passkey was removed"),
    SecurityChange.IDENTITY_LINKED: ("已关联登录身份", "An identity to sign in by was linked"),
    SecurityChange.IDENTITY_UNLINKED: ("已取消关联登录身份", "An identity to sign in by was removed"),
    SecurityChange.TOKEN_CREATED: ("已创建个人访问令牌", "A personal access token was created"),
}


async def mail_security_notices(settings: Settings) -> int:
    """Mail one notice; how many that was."""

    async def compose(notice: SecurityNotice) -> list[EmailMessage]:
        return [_notice(notice, settings)]

    return await mail_next(settings, claim_security_notice, compose)


def _notice(notice: SecurityNotice, settings: Settings) -> EmailMessage:
    zh, en = TEXTS[notice.change]
    at = f"{notice.happened_at:%Y-%m-%d %H:%M} UTC"
    about_zh, about_en = (f"（{notice.about}）", f" ({notice.about})") if notice.about else ("", "")
    return written(
        settings,
        notice.user.email,
        f"{zh} / {en}",
        f"{zh}{about_zh}，时间：{at}。若非本人操作，请立即重置密码、退出所有会话，并联系服务商。\n\n"
        f"{en}{about_en}, at {at}. If it was not you, reset your password at once, end all sessions, and tell the "
        f"vendor.\n",
    )
