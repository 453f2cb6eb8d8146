"""The e-mails that have a token for another password in them, in Chinese and English."""

from __future__ import annotations

from email.message import EmailMessage

from app.accounts.models import PasswordReset, User
from app.accounts.passwords import claim_reset
from app.notifications.mailing import mail_next, written
from app.settings import Settings


async def mail_resets(settings: Settings) -> int:
    """Mail one token that was asked for; how many that was."""

    async def compose(asked: PasswordReset, token: str) -> list[EmailMessage]:
        return [_reset(asked, token, settings)] if await User.exists(email=asked.email) else []

    return await mail_next(settings, claim_reset, compose)


def _reset(asked: PasswordReset, token: str, settings: Settings) -> EmailMessage:
    shown = settings.password_reset_url.replace("{}", token) if settings.password_reset_url else token
    until = f"{asked.expires_at:%Y-%m-%d %H:%M} UTC"
    return written(
        settings,
        asked.email,
        "重置密码 / Reset your password",
        f"请在 {until} 之前使用以下链接或验证码设置新密码，仅可使用一次。若非本人操作，请忽略本邮件。\n\n"
        f"Set another password with this link or code until {until}, once. "
        f"If you did not ask for it, ignore this mail.\n\n{shown}\n",
    )
