"""Moving the clock of a sandbox account."""

from __future__ import annotations

from app.accounts.models import Account
from app.errors import InvalidInput, SandboxOff, SandboxOnly
from app.events.recording import Actor, record
from app.settings import get_settings

DAY = 86_400


async def advance_sandbox_clock(account: Account, seconds: int, actor: Actor, argument: str) -> Account:
    """Move a sandbox account's clock forward by ``seconds``; ``argument`` is where the caller gave them.

    Raises:
        SandboxOnly: the account is a production account.
        SandboxOff: the settings allow none.
        InvalidInput: the clock would go back, further in one step than the settings allow (``sandbox_jump_days``), or
            further ahead of the world's (``sandbox_ahead_days``).
    """
    settings = get_settings()
    jump, ahead = settings.sandbox_jump_days, settings.sandbox_ahead_days
    if not account.sandbox:
        raise SandboxOnly()
    if not settings.sandbox:
        raise SandboxOff()
    if not 0 < seconds <= jump * DAY:
        raise InvalidInput(
            reason_en=f"a sandbox clock goes forward only, by 1 second at the least and {jump} days at the most",
            reason_zh=f"沙箱时钟只能向前移动，每次至少 1 秒，至多 {jump} 天",
            path=(argument,),
        )
    if account.clock_offset_seconds + seconds > ahead * DAY:
        raise InvalidInput(
            reason_en=f"a sandbox clock may be {ahead} days ahead at the most",
            reason_zh=f"沙箱时钟最多可超前 {ahead} 天",
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
