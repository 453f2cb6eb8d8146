"""The media that notifications are delivered by, a module each: where to, what is sent, and how.

A delivery names its medium by the module's name; the database notes deliveries when an event is recorded (events.sql
of the migrations). A further medium is a further module here, and a migration that notes its deliveries.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from app.notifications.failures import Answer, NotDelivered
from app.notifications.models import Delivery
from app.settings import Settings


@dataclass(frozen=True)
class Medium:
    """What a module of this package offers as ``MEDIUM``.

    ``is_ready`` says whether the settings have what it needs: until then its deliveries wait. ``send`` sends a delivery
    once, and answers with what the receiver said, if anything, or raises ``NotDelivered``; ``after`` is told of it.
    """

    is_ready: Callable[[Settings], bool]
    send: Callable[[Delivery, Settings], Awaitable[Answer | None]]
    after: Callable[[Delivery, NotDelivered | None, Settings], Awaitable[None]]


@cache
def media() -> dict[str, Medium]:
    """Every medium by its name."""
    return {found.name: import_module(f"{__name__}.{found.name}").MEDIUM for found in iter_modules(__path__)}
