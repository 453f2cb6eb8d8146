"""Moving the clock of a sandbox account."""

from __future__ import annotations

from app.accounts.models import Account
from app.errors import InvalidInput, SandboxOnly
from app.events.recording import Actor, record

MAX_SANDBOX_TRAVEL_SECONDS = 400 * 86_400
MAX_SANDBOX_AHEAD_SECONDS = 3_660 * 86_400


async def advance_sandbox_clock(account: Account, seconds: int, actor: Actor, argument: str) -> Account:
    """Move a sandbox account's clock forward by ``seconds``; ``argument`` is where the caller gave them.

    Raises:
        SandboxOnly: the account is a production account.
        InvalidInput: the clock would go back, further than 400 days in one step, or ten years ahead of the world's.
    """
    if not account.sandbox:
        raise SandboxOnly()
    if not 0 < seconds <= MAX_SANDBOX_TRAVEL_SECONDS:
        raise InvalidInput(
            reason_en="a sandbox clock goes forward only, by 1 second at the least and 400 days at the most",
            reason_zh="沙箱时钟只能向前移动,每次至少 1 秒,至多 400 天",
            path=(argument,),
        )
    if account.clock_offset_seconds + seconds > MAX_SANDBOX_AHEAD_SECONDS:
        raise InvalidInput(
            reason_en="a sandbox clock may be ten years ahead at the most",
            reason_zh="沙箱时钟最多可超前十年",
            path=(argument,),
        )
    before = account.now()
    account.clock_offset_seconds += seconds
    await account.save(update_fields=["clock_offset_seconds"])
    await record(
        account.id,
        account.now(),
        "sandbox.clock_advanced",
        actor,
        before={"clock": before.isoformat()},
        after={"clock": account.now().isoformat()},
    )
    return account
