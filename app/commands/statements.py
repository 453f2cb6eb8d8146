"""``billing statements``: monthly statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from app.commands.running import console, with_runtime

if TYPE_CHECKING:
    from app.bootstrap import Runtime

statements = typer.Typer(no_args_is_help=True, help="Monthly statements.")


@statements.command("issue")
def statements_issue() -> None:
    """Issue every statement that is due: from the 3rd of the next month on. Doing it again changes nothing."""

    async def issue(runtime: Runtime) -> None:
        from app.statements.issuing import issue_due

        console.print(f"{await issue_due()} statements issued")

    with_runtime(issue)
