"""Ending the service of an account in arrears, or locked for too long."""

from __future__ import annotations

from app.accounts.models import Account
from app.closing.days import catch_up
from app.errors import StandingConflict
from app.events.recording import Actor
from app.inputs import explanation
from app.journey.contracts import cancel_contracts
from app.licenses.changing import revoke_license
from app.licenses.models import License, LicenseState
from app.settlement.arrears import ground_to_end
from app.settlement.locks import unlock
from app.upgrades.ending import end


async def end_service(account: Account, reason: str, actor: Actor) -> None:
    """Take an account in arrears, or locked for too long, back to the community edition, its contracts and licenses
    ended; what it owes stays.

    Days that have ended are billed first, and instalments that are due.

    Raises:
        StandingConflict: it is not in arrears, nor locked for too long, or had no final notice.
        InvalidInput: the reason is empty or too long.
    """
    reason = explanation(reason)
    ground = await ground_to_end(account)
    if ground.final_notice_at is None:
        raise StandingConflict(
            reason_en="send a final notice first",
            reason_zh="请先发送最终通知",
            operations=("sendFinalNotice",),
            path=("accountId",),
        )
    await catch_up(account)
    await cancel_contracts(account, reason, actor)
    await end(account, reason, actor)
    for held in await License.filter(account_id=account.id).exclude(state=LicenseState.REVOKED):
        await revoke_license(account, held.id, "the service ended", actor)
    await unlock(account, actor)
