"""What happens to an account that owes."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.accounts.models import Account as AccountRow
from app.accounts.models import StaffRole
from app.api.arguments import Reason
from app.api.context import Info
from app.api.enums import StandingState
from app.api.fields import View, column
from app.api.money import Money, money
from app.api.mutation import mutation
from app.api.owned import LazyAccount, OfAccount
from app.errors import ChannelUnavailable, StandingConflict
from app.events.recording import Actor
from app.journey.ending import end_service
from app.settlement.arrears import StandingNow, send_final_notice, standing_now, update_standing
from app.settlement.locks import ends_at, lock_of
from app.settlement.models import Lock

STAFF = (StaffRole.ACCOUNT_MANAGER, StaffRole.FINANCE)


@strawberry.type(description="Whether what an account owes has consequences yet.")
class Standing(View):
    """The standing as of the last review."""

    row: strawberry.Private[StandingNow]

    state: StandingState = column("The standing.")
    since: datetime | None = column("When the balance was used up, or the account reinstated; null if it never owed.")
    deadline: datetime | None = column("When a suspended account will be in arrears.")
    final_notice_at: datetime | None = column("When staff warned that the service may end.")
    owed: list[Money] = column(
        "What is owed, for each currency.", lambda row: [money(owed.minor, owed.currency) for owed in row.owed]
    )


@strawberry.type(
    description="That the account's subscription at a cloud ended. It is lifted by choosing a settlement channel, or "
    "by paying in; charges fall back to the enterprise account meanwhile."
)
class AccountLock(View):
    """A lock."""

    row: strawberry.Private[Lock]

    channel: str = column("The channel whose subscription ended.")
    since: datetime = column("When it ended.")
    deadline: datetime = column("From when on staff may end the service.", ends_at)
    final_notice_at: datetime | None = column("When staff warned that the service may end.")


@strawberry.type
class StandingOfAccount(OfAccount):
    """Whether an account owes, or is locked."""

    @strawberry.field(description="That the account is locked, if it is.")
    async def lock(self) -> AccountLock | None:
        return AccountLock.maybe(await lock_of(self.row.id))

    @strawberry.field(description="Whether what the account owes has consequences yet.")
    async def standing(self, info: Info) -> Standing:
        return Standing.of(await standing_now(info.context.host, self.row))


@strawberry.type
class StandingMutations:
    """For staff."""

    @mutation(
        StandingConflict,
        ChannelUnavailable,
        description="Warn an account in arrears, or locked for 14 days, that its service may end.",
        done="The account is warned.",
        answers={"account": (LazyAccount, "The account.")},
        staff=STAFF,
    )
    async def send_final_notice(self, info: Info, account: AccountRow, actor: Actor, reason: Reason) -> AccountRow:
        await update_standing(info.context.host, account)
        await send_final_notice(account, reason, actor)
        return account

    @mutation(
        StandingConflict,
        ChannelUnavailable,
        description="Take an account in arrears, or locked for 14 days, that had its final notice back to "
        "the community edition, and revoke its licenses. What it owes stays owed.",
        done="The account has the community edition; what it owes stays owed.",
        answers={"account": (LazyAccount, "The account.")},
        staff=STAFF,
    )
    async def end_service(self, info: Info, account: AccountRow, actor: Actor, reason: Reason) -> AccountRow:
        await update_standing(info.context.host, account)
        await end_service(account, reason, actor)
        return account
