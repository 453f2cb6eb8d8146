"""Running a command's work in a process connected to its database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from app.bootstrap import Runtime

console = Console()


def with_runtime(work: Callable[[Runtime], Awaitable[Any]], prepare: bool = True) -> None:
    """Do ``work`` with the database connected and the channels started; ``prepare`` migrates and seeds first."""
    from app.bootstrap import running
    from app.settings import get_settings

    async def run() -> None:
        async with running(get_settings(), prepare=prepare) as runtime:
            await work(runtime)

    asyncio.run(run())
