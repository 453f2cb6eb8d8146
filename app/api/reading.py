"""How an operation reads: what its fields ask for once, and what staff read of customers is written down."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from app.api.auditing import note_reads
from app.api.context import Context
from app.db.together import reading_together


class NoteReads(SchemaExtension):
    """Notes, after an operation, the accounts that staff looked into by it."""

    async def on_operation(self) -> AsyncIterator[None]:
        """Execute, then note."""
        yield
        context = self.execution_context.context
        if isinstance(context, Context) and context.read_as_staff:
            await note_reads(context, f"read: {self.execution_context.operation_name or 'query'}")


class ReadsTogether(SchemaExtension):
    """Lets a query read what several of its fields ask for once."""

    def on_execute(self) -> Iterator[None]:
        """Execute."""
        if self.execution_context.operation_type is OperationType.QUERY:
            with reading_together():
                yield
        else:
            yield
