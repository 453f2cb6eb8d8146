"""Who is notified of an account's events, and the deliveries."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from app.accounts.models import Account, StaffRole, User
from app.db.models import Row
from app.described import DescribedEnum
from app.events.models import Event


class WebhookEndpoint(Row):
    """A customer's URL that an account's events are posted to. No ``event_types``: all of them.

    The one without an account is the vendor's, and is posted what its staff are told of.

    After a rotation the former secret signs, too, until ``former_until`` (the world's clock). A deleted endpoint stays
    for what was delivered to it.

    ``failures`` follow each other, the first of them ``failing_since``; nothing is sent before ``paused_until`` (both
    on the world's clock).
    """

    account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "app.Account", null=True, on_delete=fields.RESTRICT
    )
    account_id: UUID | None
    url = fields.CharField(max_length=2000)
    secret_encrypted = fields.BinaryField()
    former_secret_encrypted = fields.BinaryField(null=True)
    former_until = fields.DatetimeField(null=True)
    event_types: list[str] = ArrayField(element_type="text")
    enabled = fields.BooleanField()
    disabled_reason = fields.CharField(max_length=500, null=True)
    created_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)
    failures = fields.IntField(default=0, db_default=0)
    failing_since = fields.DatetimeField(null=True)
    paused_until = fields.DatetimeField(null=True)

    class Meta:
        table = "webhook_endpoint"


class Notice(Row):
    """A type of event that owners and administrators are notified of by e-mail; of money, who sees to that as well.

    With a ``staff_role``, staff who have it are, and nobody of the account.
    """

    type = fields.CharField(max_length=60, unique=True)
    of_money = fields.BooleanField()
    staff_role = fields.CharEnumField(StaffRole, max_length=20, null=True)

    class Meta:
        table = "notice"


class DeliveryState(DescribedEnum):
    """How far the telling of an event has come."""

    PENDING = "PENDING", "To be sent, or to be tried again."
    DELIVERED = "DELIVERED", "Taken by the receiver."
    FAILED = "FAILED", "Given up."


class DeliveryMedium(DescribedEnum):
    """What an event is told by; a module of ``media`` each."""

    EMAIL = "email", "An e-mail to a member."
    WEBHOOK = "webhook", "A message that is posted to a webhook endpoint."


class Delivery(Row):
    """The delivery of one event by a medium, to a webhook endpoint, a member, or (``to_staff``) one of the vendor's
    staff or their endpoint, which is none of the account's business; made by a trigger on ``event``.

    ``next_attempt_at``, ``claimed_until`` and ``attempted_at`` are on the world's clock; without the first it is due at
    once. What a receiver answered the last time is kept for ``KEPT`` (``delivery.py``).
    ``sandbox``: the account is one, whose deliveries have lanes of their own.
    """

    account_id: UUID | None = fields.UUIDField(null=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("app.Event", on_delete=fields.RESTRICT)
    event_id: UUID
    endpoint: fields.ForeignKeyNullableRelation[WebhookEndpoint] = fields.ForeignKeyField(
        "app.WebhookEndpoint", null=True, on_delete=fields.RESTRICT
    )
    endpoint_id: UUID | None
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "app.User", null=True, on_delete=fields.RESTRICT
    )
    user_id: UUID | None
    medium = fields.CharField(max_length=20)
    state = fields.CharEnumField(DeliveryState, max_length=10)
    attempts = fields.IntField(default=0)
    next_attempt_at = fields.DatetimeField(null=True)
    claimed_until = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)
    response_status = fields.IntField(null=True)
    response_body: str | None = fields.TextField(null=True)
    attempted_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)
    sandbox = fields.BooleanField(default=False, db_default=False)
    to_staff = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "delivery"
        indexes = (("account_id", "id"),)
