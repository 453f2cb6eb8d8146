"""One prepaid balance that pays for several accounts of an enterprise."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app.accounts.models import ACCOUNTANTS, TokenScope
from app.accounts.models import Account as AccountRow
from app.api.arguments import AccountID, IdOf
from app.api.context import Context, Info
from app.api.enums import ShareState
from app.api.fields import argument, column
from app.api.mutation import mutation
from app.api.node import Node, encode_id
from app.api.owned import OfAccount
from app.api.pagination import connection
from app.api.throttles import codes
from app.db.locking import lock_accounts
from app.errors import NotFound, StepOutOfOrder, WalletShareConflict
from app.events.recording import Actor
from app.settlement import sharing
from app.settlement.models import WalletShare as WalletShareRow


@strawberry.type(description="That the prepaid balance of an account pays for another, or may.")
class WalletShare(Node, table=WalletShareRow, related=("owner", "member")):
    """A row of ``wallet_share``."""

    async def visible(self, context: Context) -> bool:
        return await context.may_see(self.row.owner_id) or (
            self.row.member_id is not None and await context.may_see(self.row.member_id)
        )

    state: ShareState = column("Whether it pays.")
    channel: str = column("The channel that keeps the balance.")
    owner_id: strawberry.ID = column("The account that pays.", lambda row: encode_id("Account", row.owner_id))
    owner_name: str = column("What the account that pays is called.", "owner.name")
    member_id: strawberry.ID | None = column(
        "The account that is paid for; null until it joins.",
        lambda row: encode_id("Account", row.member_id) if row.member_id else None,
    )
    member_name: str | None = column(
        "What the account that is paid for is called.", lambda row: row.member.name if row.member else None
    )
    invited_at: datetime = column("When it was offered.")
    began_at: datetime | None = column("Since when charges are paid so.")
    ended_at: datetime | None = column("When it ended.")


@strawberry.type
class WalletSharesOfAccount(OfAccount):
    """Who pays for whom."""

    @connection(WalletShare, "Whom the account's prepaid balance pays for, and whose pays for the account.")
    def wallet_shares(self) -> QuerySet[WalletShareRow]:
        return WalletShare.rows().filter(Q(owner_id=self.row.id) | Q(member_id=self.row.id))


@strawberry.type
class WalletShareMutations:
    """For who sees to an account's money."""

    @mutation(
        StepOutOfOrder,
        WalletShareConflict,
        description="Offer that the account's prepaid balance pays for another account of yours: give the code to who "
        "sees to the money of that one, within 7 days.",
        done="The other account may join.",
        answers={
            "share": (WalletShare, "The offer."),
            "invitation_code": (str, "The code that joinWallet takes, once. Shown this once: only its hash is kept."),
        },
        member=ACCOUNTANTS,
    )
    async def invite_to_wallet(self, info: Info, account: AccountRow, actor: Actor) -> tuple[WalletShareRow, str]:
        share, code = await sharing.invite(info.context.host, account, actor)
        return await _whole(share), code

    @mutation(
        WalletShareConflict,
        description="Let another account's prepaid balance pay for this one, from the next charge on.",
        done="The other account pays.",
        answers={"share": (WalletShare, "Who pays for whom.")},
        throttled=codes,
    )
    async def join_wallet(
        self,
        info: Info,
        account_id: AccountID,
        code: Annotated[str, argument("The code from inviteToWallet.")],
    ) -> WalletShareRow:
        await info.context.signed_in()
        await sharing.lock_both(account_id, code)
        account, actor = await info.context.member(account_id, ACCOUNTANTS)
        return await _whole(await sharing.join(account, code, actor))

    @mutation(
        description="Let each account pay for itself again, from the next charge on; or take an offer back. For both "
        "accounts.",
        done="Nobody pays for another by it.",
        answers={"share": (WalletShare, "Who paid for whom.")},
        scope=TokenScope.MONEY,
    )
    async def end_wallet_share(
        self, info: Info, share_id: Annotated[UUID, IdOf("WalletShare", "The share's global id.")]
    ) -> WalletShareRow:
        viewer = await info.context.signed_in()
        found = await WalletShareRow.get_or_none(id=share_id)
        sides = [side for side in (found.owner_id, found.member_id) if side] if found else []
        mine = [side for side in sides if side in viewer.memberships]
        if not mine:
            raise NotFound(what="wallet share", path=("shareId",))
        side = next((one for one in mine if viewer.memberships[one] in ACCOUNTANTS), mine[0])
        await lock_accounts(sides)
        _, actor = await info.context.member(side, ACCOUNTANTS, ("shareId",))
        return await _whole(await sharing.end_share(await WalletShareRow.get(id=share_id), actor))


async def _whole(share: WalletShareRow) -> WalletShareRow:
    whole: WalletShareRow = await WalletShare.rows().get(id=share.id)
    return whole
