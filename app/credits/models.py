"""Credits that finance staff gave on charges."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields

from app.billing.models import Charge
from app.db.models import Row


class CreditNote(Row):
    """Why a charge is given back, in whole or in part: ``charge`` is the negative one. Rows are never changed."""

    charge: fields.OneToOneRelation[Charge] = fields.OneToOneField(
        "app.Charge", related_name="credit_note", on_delete=fields.RESTRICT
    )
    charge_id: UUID
    account_id: UUID = fields.UUIDField(db_index=True)
    reason = fields.CharField(max_length=500)
    issued_by = fields.CharField(max_length=254)
    issued_at = fields.DatetimeField()

    class Meta:
        table = "credit_note"

    @property
    def credited_id(self) -> UUID | None:
        """The charge that is given back; ``charge`` is to be read."""
        return self.charge.corrects_id
