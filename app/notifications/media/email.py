"""E-mails to owners and administrators, in Chinese and English."""

from __future__ import annotations

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.events.details import shown
from app.events.models import Event
from app.notifications.failures import NotDelivered
from app.notifications.media import Medium
from app.notifications.models import Delivery
from app.notifications.notices import NOTICES
from app.settings import Settings


def compose(event: Event, account_name: str | None, sender: str, recipient: str) -> EmailMessage:
    """The e-mail of an event, in both languages; without an account it is of the vendor's own."""
    subject = NOTICES[event.type]
    at = f"{event.at:%Y-%m-%d %H:%M:%S} UTC"
    details = [f"  {name}: {value}" for name, value in (shown(event.after) or {}).items()]
    lines = [
        *([f"账户：{account_name}"] if account_name else []),
        f"{subject.zh}。({at})",
        "",
        *([f"Account: {account_name}"] if account_name else []),
        f"{subject.en}. ({at})",
        *([f"  {event.reason}"] if event.reason else []),
        *details,
    ]
    message = EmailMessage()
    message["From"], message["To"] = sender, recipient
    message["Subject"] = f"{subject.zh} / {subject.en}"
    message["Message-ID"] = f"<{event.id}@edition-billing>"
    message.set_content("\n".join(lines) + "\n")
    return message


async def send_mail(message: EmailMessage, smtp_url: str) -> None:
    """Send by ``smtp://user:password@host:587`` (STARTTLS where offered) or ``smtps://…`` (TLS from the start).

    Raises:
        aiosmtplib.SMTPException, OSError: the server refused it, or is not there.
    """
    parts = urlsplit(smtp_url)
    await aiosmtplib.send(
        message,
        hostname=parts.hostname or "localhost",
        port=parts.port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        timeout=20,
    )


async def _send(delivery: Delivery, settings: Settings) -> None:
    if delivery.user is None or settings.smtp_url is None:
        raise NotDelivered("there is nobody to notify, or no mail server", gone=True)
    account = delivery.event.account
    message = compose(delivery.event, account and account.name, settings.mail_from, delivery.user.email)
    try:
        await send_mail(message, settings.smtp_url)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from None


async def _nothing(delivery: Delivery, failure: NotDelivered | None, settings: Settings) -> None:
    """An address stays one, whatever a mail server says of it."""


MEDIUM = Medium(is_ready=lambda settings: settings.smtp_url is not None, send=_send, after=_nothing)
