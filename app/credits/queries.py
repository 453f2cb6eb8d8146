"""What was credited."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.credits.models import CreditNote


async def credited(charge_id: UUID) -> int:
    """What was given back of a charge, in minor units."""
    notes = await CreditNote.filter(credited_id=charge_id).select_related("charge")
    return -sum(int(note.charge.amount_minor) for note in notes)


async def notes_of(charge_ids: Sequence[UUID]) -> dict[UUID, CreditNote]:
    """The credit notes among some charges, by charge."""
    return {note.charge_id: note for note in await CreditNote.filter(charge_id__in=charge_ids)}
