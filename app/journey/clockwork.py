"""Moving a sandbox account's clock, and doing at once what falls due on the way."""

from __future__ import annotations

from app.accounts.models import Account
from app.accounts.sandboxes import advance_sandbox_clock
from app.closing.days import catch_up
from app.events.recording import Actor
from app.journey.contracts import advance
from app.settlement import arrears
from app.settlement.host import ChannelHost
from app.statements.issuing import issue_due


async def travel(host: ChannelHost, account: Account, seconds: int, actor: Actor, argument: str) -> None:
    """Move a locked sandbox account's clock forward; ``argument`` is where the caller gave the ``seconds``.

    Days that end on the way are closed, contracts begin and end, statements are issued, and arrears are noted.

    Raises:
        SandboxOnly, InvalidInput: see ``advance_sandbox_clock``.
        ChannelUnavailable: a prepaid channel does not say what is owed.
    """
    await advance_sandbox_clock(account, seconds, actor, argument)
    await catch_up(account)
    await advance(account)
    await issue_due(account.id)
    await arrears.review(host, account)
