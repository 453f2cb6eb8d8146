"""Applications for the editions that are agreed upon with an account manager, and the offers that come of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields

from app.accounts.models import Account, User
from app.catalog.keys import EditionKey
from app.db.models import Row
from app.described import DescribedEnum


class ApplicationState(DescribedEnum):
    """How far an application has come."""

    SUBMITTED = "SUBMITTED", "It waits for an account manager.", "已提交"
    IN_REVIEW = "IN_REVIEW", "An account manager took it.", "处理中"
    OFFERED = "OFFERED", "Terms are offered, to be accepted.", "已报价"
    ACCEPTED = "ACCEPTED", "The offer was accepted: there is a contract.", "已接受"
    DECLINED = "DECLINED", "It was turned down.", "已拒绝"
    WITHDRAWN = "WITHDRAWN", "The customer withdrew it.", "已撤回"
    LAPSED = "LAPSED", "The offer was not accepted in time; apply anew.", "已过期"


OPEN = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW, ApplicationState.OFFERED)


class Application(Row):
    """What an account asks for. ``lapses_at`` is when its newest offer is no longer valid.

    ``expected_data_kits`` and ``term_months`` are 0 where nobody said, and nothing is known.
    """

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    edition = fields.CharEnumField(EditionKey, max_length=20)
    state = fields.CharEnumField(ApplicationState, max_length=10)
    remarks = fields.TextField()
    contact_name = fields.CharField(max_length=100)
    contact_phone = fields.CharField(max_length=30)
    contact_email = fields.CharField(max_length=254)
    expected_data_kits = fields.IntField()
    term_months = fields.IntField()
    submitted_at = fields.DatetimeField()
    manager: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "app.User", null=True, on_delete=fields.RESTRICT
    )
    manager_id: UUID | None
    lapses_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "application"

    def state_at(self, now: datetime) -> ApplicationState:
        """The state at an instant on the account's clock: an offer lapses whether or not anybody noted it."""
        lapsed = self.state == ApplicationState.OFFERED and self.lapses_at is not None and now >= self.lapses_at
        return ApplicationState.LAPSED if lapsed else self.state


class NoteKind(DescribedEnum):
    """What an account manager writes down."""

    NOTE = "NOTE", "A note."
    CONTACT = "CONTACT", "The customer was contacted."


class ApplicationNote(Row):
    """A note, or that the customer was contacted; for staff, and never changed."""

    application: fields.ForeignKeyRelation[Application] = fields.ForeignKeyField(
        "app.Application", on_delete=fields.RESTRICT
    )
    application_id: UUID
    kind = fields.CharEnumField(NoteKind, max_length=10)
    text = fields.TextField()
    author = fields.CharField(max_length=254)
    at = fields.DatetimeField()

    class Meta:
        table = "application_note"


class Offer(Row):
    """Terms offered for an application; never changed: other terms are a new offer.

    The price, in minor units, is the sum of ``schedule``: objects with ``due_on`` and ``amount_minor``. ``dk_limit`` −1
    is no limit. Days are inclusive, and those of ``app.contracts.queries.zone_ahead``. ``product_version`` is the
    version of the product that a perpetual edition is for.
    """

    application: fields.ForeignKeyRelation[Application] = fields.ForeignKeyField(
        "app.Application", on_delete=fields.RESTRICT
    )
    application_id: UUID
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    price_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    dk_limit = fields.IntField()
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    product_version = fields.CharField(max_length=40, null=True)
    schedule: list[dict[str, Any]] = fields.JSONField()
    valid_until = fields.DatetimeField()
    made_at = fields.DatetimeField()

    class Meta:
        table = "offer"
