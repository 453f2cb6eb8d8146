"""What is kept of a person is exported, and erased: books, charges and the audit log's chain stay as they are.

Tables say by their columns what they keep of people: a key of a user, ``user_id`` or ``actor_id``; and what somebody is
called, an e-mail address, in ``…_by``, ``author``, ``email``, ``contact_email`` and ``actor_label``. What an
organisation gives of itself (contacts, titles and addresses of invoices) is the organisation's, and is kept with its
books.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.expressions import Q
from tortoise.fields import BinaryField, CharField
from tortoise.models import Model

from app.accounts.models import EmailChange, Membership, Role, StaffAssignment, User
from app.accounts.queries import lock_account
from app.agreements.models import Acceptance
from app.audit import erasing
from app.audit.models import AuditEntry
from app.catalog.keys import EditionKey
from app.db.models import every_table, key_at
from app.errors import LastOwner
from app.events.erasing import erase_email
from app.events.recording import Actor, record
from app.notifications.models import Delivery, DeliveryState

ERASED = "erased"
KEYS = ("user_id", "actor_id")
WRITTEN_BY_OTHERS = ("email", "contact_email")
LABELS = ("author", "actor_label", *WRITTEN_BY_OTHERS)
SECRET = ("_hash", "code", "recovery", "digest", "network")
WINDOW = 1_000
AN_ADDRESS = 254
"""How long a column is that holds an e-mail address."""


async def export(user: User) -> AsyncIterator[bytes]:
    """Every row that is about a user, as a line of JSON with its ``table``; hashes and sealed secrets are left out.

    What others wrote down with an address is about whoever reads its mail: of an address that was never confirmed it is
    left out.
    """
    addresses = await _addresses(user)
    for table in every_table():
        about = _about(table, user, addresses)
        if about is None:
            continue
        kept = table._meta.fields_map
        columns = [
            name
            for name in table._meta.fields_db_projection
            if not name.endswith(SECRET) and not isinstance(kept[name], BinaryField)
        ]
        last: UUID | None = None
        while True:
            rows = table.filter(about) if last is None else table.filter(about, id__gt=last)
            found = await rows.order_by("id").limit(WINDOW).values(*columns)
            for row in found:
                yield orjson.dumps({"table": table._meta.db_table, **row}, default=str) + b"\n"
            if len(found) < WINDOW:
                break
            last = found[-1]["id"]


async def erase(user: User, actor: Actor) -> None:
    """Erase a person: who signs in, memberships, roles, tokens, and what they are called wherever they acted.

    Raises:
        LastOwner: an account that is commercial, or has other members, would be left without an owner.
    """
    addresses = await _addresses(user)
    await _leave(user, actor)
    for table in every_table():
        if "user" in table._meta.fk_fields | table._meta.o2o_fields and table not in (Acceptance, Delivery):
            await table.filter(user_id=user.id).delete()
    await Acceptance.filter(user_id=user.id).update(address=ERASED)
    pending = Delivery.filter(user_id=user.id, state=DeliveryState.PENDING)
    await pending.update(state=DeliveryState.FAILED, reason="the person was erased")
    for table in every_table():
        for label in _labels(table):
            if table not in (AuditEntry, User):
                for held in addresses:
                    await table.filter(_called(label, held)).update(**{label: ERASED})
    for held in addresses:
        await erase_email(held.email, held.since, held.until)
    user.email, user.name = f"{user.id}@erased.invalid", ERASED
    user.password_hash, user.confirmed_at = ERASED, None
    await user.update_from_dict({"language": None, "phone": None}).save()
    actor = Actor(actor.kind, ERASED, actor.id) if actor.id == user.id else actor
    await erasing.erase(user.id, [(held.email, held.since, held.until) for held in addresses], actor)


async def _leave(user: User, actor: Actor) -> None:
    memberships = await Membership.filter(user_id=user.id).order_by("account_id")
    for held in memberships:
        account = await lock_account(held.account_id)
        others = Membership.filter(account_id=account.id).exclude(user_id=user.id)
        alone = not await others.exists() and account.edition == EditionKey.COMMUNITY
        if held.role == Role.OWNER and not alone and not await others.filter(role=Role.OWNER).exists():
            raise LastOwner()
        about = {"email": user.email, "role": held.role}
        await record(account.id, account.now(), "member.removed", actor, before=about)
    await StaffAssignment.filter(user_id=user.id).delete()


@dataclass(frozen=True)
class Held:
    """An address that was a user's in the rows with these keys, which begin with the time: others had it before or
    after."""

    email: str
    since: UUID
    until: UUID


async def _addresses(user: User) -> list[Held]:
    """The address that a user signs in with, and those before. One that was never confirmed may have been anybody's
    until the user registered with it."""
    changes = await EmailChange.filter(user_id=user.id).exclude(former=None)
    held = [(str(change.former), change.changed_at) for change in changes]
    found = [await _held(user, email, until) for email, until in [*held, (user.email, None)]]
    registered = UUID(int=user.id.int >> 80 << 80)
    return found if user.confirmed_at else [replace(one, since=max(one.since, registered)) for one in found]


async def _held(user: User, email: str, until: datetime | None) -> Held:
    others = EmailChange.filter(former=email).exclude(user_id=user.id)
    before = await (others.filter(changed_at__lt=until) if until else others).order_by("-changed_at").first()
    since = key_at(before.changed_at) if before and before.changed_at else UUID(int=0)
    return Held(email, since, key_at(until) if until else UUID(int=(1 << 128) - 1))


def _labels(table: type[Model]) -> list[str]:
    columns = table._meta.fields_map.items()
    texts = [name for name, field in columns if isinstance(field, CharField) and field.max_length == AN_ADDRESS]
    return [name for name in texts if name in LABELS or name.endswith("_by")]


def _about(table: type[Model], user: User, addresses: list[Held]) -> Q | None:
    if table is User:
        return Q(id=user.id)
    keys: dict[str, Any] = {key: user.id for key in KEYS if key in table._meta.fields_db_projection}
    found = [Q(**{name: value}) for name, value in keys.items()]
    labels = [label for label in _labels(table) if user.confirmed_at or label not in WRITTEN_BY_OTHERS]
    found += [_called(label, held) for label in labels for held in addresses]
    return Q(*found, join_type="OR") if found else None


def _called(label: str, held: Held) -> Q:
    """The rows in which that address stands for the user."""
    wanted: dict[str, Any] = {label: held.email, "id__gte": held.since, "id__lte": held.until}
    return Q(**wanted)
