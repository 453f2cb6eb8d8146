"""Mails that were asked for, with a secret in each: taken with a new one, sent, and done with."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from email.message import EmailMessage
from typing import Any

import aiosmtplib

from app.db.models import Row
from app.notifications.media.email import send_mail
from app.settings import Settings

log = logging.getLogger(__name__)
REFUSED = (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPNotSupported)
"""What a mail server says of one mail, while it may take others."""


async def mail_next(
    settings: Settings,
    claim: Callable[[], Awaitable[tuple[Any, ...] | None]],
    compose: Callable[..., Awaitable[Sequence[EmailMessage]]],
) -> int:
    """Mail about one row, which ``claim`` answers with what is known of it only now; how many that was, or 0 where the
    mail server is not to be reached, so that the rest can wait.

    ``compose`` gets what ``claim`` answered. What the mail server refuses is tried again in a minute, with other
    secrets, and holds up no other: the row comes again until its ``mail_at`` is cleared.
    """
    claimed = await claim() if settings.smtp_url else None
    if claimed is None or settings.smtp_url is None:
        return 0
    row: Row = claimed[0]
    try:
        for mail in await compose(*claimed):
            await send_mail(mail, settings.smtp_url)
    except (aiosmtplib.SMTPException, OSError) as error:
        log.warning("a mail of %s is not sent yet: %s: %s", row._meta.db_table, type(error).__name__, error)
        return int(isinstance(error, REFUSED) and not isinstance(error, aiosmtplib.SMTPConnectError))
    await type(row).filter(id=row.id).update(mail_at=None)
    return 1


def written(settings: Settings, recipient: str, subject: str, body: str) -> EmailMessage:
    """A mail that no machine answers."""
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, recipient
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message
