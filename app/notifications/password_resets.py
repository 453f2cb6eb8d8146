"""The e-mails that have a token for another password in them, in Chinese and English."""

from __future__ import annotations

import logging
from email.message import EmailMessage

import aiosmtplib

from app.accounts.models import PasswordReset, User
from app.accounts.passwords import claim_reset
from app.notifications.media.email import send_mail
from app.settings import Settings

log = logging.getLogger(__name__)


async def mail_resets(settings: Settings) -> int:
    """Mail one token that was asked for; how many that was. What the mail server refuses is tried again in a minute."""
    claimed = await claim_reset() if settings.smtp_url else None
    if claimed is None or settings.smtp_url is None:
        return 0
    asked, token = claimed
    try:
        if await User.exists(email=asked.email):
            await send_mail(_compose(asked, token, settings), settings.smtp_url)
    except (aiosmtplib.SMTPException, OSError) as error:
        log.warning("a password reset is not mailed yet: %s: %s", type(error).__name__, error)
        return 0
    await PasswordReset.filter(id=asked.id).update(mail_at=None)
    return 1


def _compose(asked: PasswordReset, token: str, settings: Settings) -> EmailMessage:
    shown = settings.password_reset_url.replace("{}", token) if settings.password_reset_url else token
    until = f"{asked.expires_at:%Y-%m-%d %H:%M} UTC"
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, asked.email
    message["Subject"] = "重置密码 / Reset your password"
    message["Message-ID"] = f"<{asked.id}@edition-billing>"
    message.set_content(
        f"请在 {until} 之前使用以下链接或令牌(resetPassword)设置新密码,仅可使用一次。若非本人操作,请忽略本邮件。\n\n"
        f"Set another password with this link or token (resetPassword) until {until}, once. "
        f"If you did not ask for it, ignore this mail.\n\n{shown}\n",
    )
    return message
