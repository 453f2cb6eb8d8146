"""What staff read of customers is written down, operation by operation."""

from __future__ import annotations

from collections.abc import AsyncIterator

from strawberry.extensions import SchemaExtension

from app.api.auditing import note_reads
from app.api.context import Context


class NoteReads(SchemaExtension):
    """Notes, after an operation, the accounts that staff looked into by it."""

    async def on_operation(self) -> AsyncIterator[None]:
        """Execute, then note."""
        yield
        context = self.execution_context.context
        if isinstance(context, Context) and context.read_as_staff:
            await note_reads(context, f"read: {self.execution_context.operation_name or 'query'}")
