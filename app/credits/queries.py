"""What was credited."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.credits.models import CreditNote


async def notes_of(charge_ids: Sequence[UUID]) -> dict[UUID, CreditNote]:
    """The credit notes among some charges, by charge."""
    notes = await CreditNote.filter(charge_id__in=charge_ids).select_related("charge")
    return {note.charge_id: note for note in notes}
