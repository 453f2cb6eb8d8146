"""Executing operations: those that are asked again are ready (``app.compiled``)."""

from __future__ import annotations

from app.compiled.execution import CompiledExecution
from app.settings import get_settings


class Execution(CompiledExecution):
    """The execution of one operation."""

    def is_compiled(self) -> bool:
        """Whether operations are made ready at all."""
        return get_settings().compiled_execution

    def reading(self) -> str:
        """The language of the request."""
        language: str = self.context_value.locale
        return language
