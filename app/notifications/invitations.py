"""The e-mails that have a code to register or to accept an invitation in them, in Chinese and English."""

from __future__ import annotations

from email.message import EmailMessage

from app.accounts.invitations import claim_invitation
from app.accounts.models import Invitation, Registration, User
from app.accounts.registration import claim_registration
from app.notifications.mailing import mail_next, written
from app.settings import Settings


async def mail_registrations(settings: Settings) -> int:
    """Mail one code to register with, or that the address is registered; how many that was."""

    async def compose(asked: Registration, code: str) -> list[EmailMessage]:
        taken = await User.exists(email=asked.email)
        return [_registered(asked, settings) if taken else _registration(asked, code, settings)]

    return await mail_next(settings, claim_registration, compose)


async def mail_invitations(settings: Settings) -> int:
    """Mail one invitation; how many that was."""

    async def compose(invitation: Invitation, code: str) -> list[EmailMessage]:
        return [_invitation(invitation, code, settings)]

    return await mail_next(settings, claim_invitation, compose)


def _registration(asked: Registration, code: str, settings: Settings) -> EmailMessage:
    until = f"{asked.expires_at:%Y-%m-%d %H:%M} UTC"
    return written(
        settings,
        asked.email,
        "注册验证码 / Your code to register",
        f"您的注册验证码如下，有效期至 {until}，仅可使用一次。若非本人操作，请忽略本邮件。\n\n"
        f"This is your code to register, good until {until}, once. If you did not ask for it, ignore this mail."
        f"\n\n{code}\n",
    )


def _registered(asked: Registration, settings: Settings) -> EmailMessage:
    return written(
        settings,
        asked.email,
        "该邮箱已注册 / You are registered already",
        "有人尝试使用此邮箱注册，但该邮箱已有账号。请直接登录，或重置密码。"
        "若非本人操作，请忽略本邮件。\n\n"
        "Somebody wants to register with this address, which is registered already. Sign in, or have the "
        "password reset. If it was not you, ignore this mail.\n",
    )


def _invitation(invitation: Invitation, code: str, settings: Settings) -> EmailMessage:
    until = f"{invitation.expires_at:%Y-%m-%d %H:%M} UTC"
    role = invitation.role or invitation.staff_role
    to_zh = f"账户“{invitation.account.name}”" if invitation.account else f"{settings.vendor_name} 的工作人员"
    to_en = f"the account {invitation.account.name}" if invitation.account else f"the staff of {settings.vendor_name}"
    return written(
        settings,
        invitation.email,
        "邀请您加入 / You are invited",
        f"{invitation.invited_by} 邀请您以“{role.zh}”角色加入{to_zh}。请登录（或先注册）后使用以下邀请码接受邀请，"
        f"有效期至 {until}。若不愿加入，请忽略本邮件。\n\n"
        f"{invitation.invited_by} invites you to {to_en}, with the role {role.en}. Sign in, or register first, and "
        f"accept with this code until {until}. If you do not want to, ignore this mail.\n\n{code}\n",
    )
