"""The e-mails about a change of a user's address, in Chinese and English: codes to both, and that it was changed."""

from __future__ import annotations

from email.message import EmailMessage

from app.accounts.email_changes import claim_email_change
from app.accounts.models import EmailChange, User
from app.notifications.mailing import mail_next, written
from app.settings import Settings


async def mail_email_changes(settings: Settings) -> int:
    """Mail about one change; how many that was."""

    async def compose(change: EmailChange, old_code: str, new_code: str) -> list[EmailMessage]:
        if change.former is not None:
            return [_changed(change, change.former, settings)]
        old = _code(change, change.user.email, old_code, settings)
        if await User.exists(email=change.email):
            return [old, _taken(change, settings)]
        return [old, _code(change, change.email, new_code, settings)]

    return await mail_next(settings, claim_email_change, compose)


def _code(change: EmailChange, recipient: str, code: str, settings: Settings) -> EmailMessage:
    until = f"{change.expires_at:%Y-%m-%d %H:%M} UTC"
    which = ("旧", "old") if recipient != change.email else ("新", "new")
    return written(
        settings,
        recipient,
        "确认更换登录邮箱 / Confirm another e-mail address",
        f"正在将登录邮箱更换为 {change.email}。{which[0]}邮箱的验证码如下，有效期至 {until}，以最新邮件为准。"
        f"若非本人操作，请勿将其告知任何人，并修改密码。\n\n"
        f"Your sign-in address is about to become {change.email}. This is the code of the {which[1]} "
        f"address, good until {until}; the newest mail counts. If you did not ask for it, tell it to nobody, and "
        f"change your password.\n\n{code}\n",
    )


def _taken(change: EmailChange, settings: Settings) -> EmailMessage:
    return written(
        settings,
        change.email,
        "该邮箱已注册 / You are registered already",
        "有人希望将其登录邮箱更换为此邮箱，但该邮箱已有账号。若是您本人，请使用此邮箱直接登录；否则请忽略本邮件。\n\n"
        "Somebody wants to sign in with this address from now on, which is registered already. If it was you, sign in "
        "with it; if not, ignore this mail.\n",
    )


def _changed(change: EmailChange, former: str, settings: Settings) -> EmailMessage:
    return written(
        settings,
        former,
        "登录邮箱已更换 / Your e-mail address was changed",
        f"登录邮箱已更换为 {change.email}，此邮箱不再用于登录。若非本人操作，请立即联系服务商。\n\n"
        f"Your sign-in address is {change.email} now; this one is not used any more. If you did not do that, tell the "
        f"vendor at once.\n",
    )
