"""The e-mails about a change of a user's address, in Chinese and English: codes to both, and that it was changed."""

from __future__ import annotations

import logging
from email.message import EmailMessage

import aiosmtplib

from app.accounts.email_changes import claim_email_change
from app.accounts.models import EmailChange
from app.notifications.media.email import send_mail
from app.settings import Settings

log = logging.getLogger(__name__)


async def mail_email_changes(settings: Settings) -> int:
    """Mail about one change; how many that was. What the mail server refuses is tried again in a minute, with new
    codes."""
    claimed = await claim_email_change() if settings.smtp_url else None
    if claimed is None or settings.smtp_url is None:
        return 0
    change, old_code, new_code = claimed
    if change.former is None:
        mails = [_code(change, change.user.email, old_code, settings), _code(change, change.email, new_code, settings)]
    else:
        mails = [_changed(change, change.former, settings)]
    try:
        for mail in mails:
            await send_mail(mail, settings.smtp_url)
    except (aiosmtplib.SMTPException, OSError) as error:
        log.warning("a change of an address is not mailed yet: %s: %s", type(error).__name__, error)
        return 0
    await EmailChange.filter(id=change.id).update(mail_at=None)
    return 1


def _code(change: EmailChange, recipient: str, code: str, settings: Settings) -> EmailMessage:
    until = f"{change.expires_at:%Y-%m-%d %H:%M} UTC"
    which = ("旧", "old", "oldCode") if recipient != change.email else ("新", "new", "newCode")
    return _mail(
        change,
        recipient,
        "确认更换登录邮箱 / Confirm another e-mail address",
        f"正在将登录邮箱更换为 {change.email}。{which[0]}邮箱的验证码({which[2]})如下,有效期至 {until},以最新邮件为准。"
        f"若非本人操作,请勿将其告知任何人,并修改密码。\n\n"
        f"Your sign-in address is about to become {change.email}. This is the code of the {which[1]} address "
        f"({which[2]}), good until {until}; the newest mail counts. If you did not ask for it, tell it to nobody, and "
        f"change your password.\n\n{code}\n",
        settings,
    )


def _changed(change: EmailChange, former: str, settings: Settings) -> EmailMessage:
    return _mail(
        change,
        former,
        "登录邮箱已更换 / Your e-mail address was changed",
        f"登录邮箱已更换为 {change.email},此邮箱不再用于登录。若非本人操作,请立即联系服务商。\n\n"
        f"Your sign-in address is {change.email} now; this one is not used any more. If you did not do that, tell the "
        f"vendor at once.\n",
        settings,
    )


def _mail(change: EmailChange, recipient: str, subject: str, body: str, settings: Settings) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, recipient
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message
