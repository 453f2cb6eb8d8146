"""One prepaid balance that pays for several accounts of an enterprise: its owner invites, another account joins.

Charges stay the charged account's own; the balance that pays is noted as a charge is raised (``payer_of``), so that
what was raised before a share began or ended is paid by who was to pay it then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from settlement_spec import Capability
from tortoise.queryset import QuerySet

from app import clock
from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.codes import digest, new_code
from app.db.locking import lock_accounts
from app.db.sql import statement
from app.db.together import together
from app.errors import NotFound, StepOutOfOrder, WalletShareConflict
from app.events.recording import Actor, record
from app.settlement.host import ChannelHost
from app.settlement.models import ShareState, WalletShare
from app.settlement.queries import paying_link
from app.steps import NextAction

PAYER = statement(__file__, "payer_of")
SHARES = statement(__file__, "shares")
JOIN_WITHIN = timedelta(days=7)
LIVE = (ShareState.INVITED, ShareState.ACTIVE)
MOST_SHARES = 100


async def payer_of(charge_id: UUID, account_id: UUID, channel: str) -> UUID:
    """Whose balance with a channel pays a charge of an account."""
    (row,) = await PAYER.rows(charge_id, account_id, channel)
    return UUID(str(row["payer_id"]))


@together
async def _share_of(account_ids: Sequence[UUID]) -> dict[UUID, WalletShare]:
    return {share.member_id: share for share in await SHARES.objects(WalletShare, account_ids) if share.member_id}


async def payers(account_id: UUID | None = None) -> dict[UUID, WalletShare]:
    """Of accounts that another's balance pays for, of one or of all: by which share."""
    if account_id is not None:
        share = await _share_of(account_id)
        return {account_id: share} if share else {}
    active = await WalletShare.filter(state=ShareState.ACTIVE)
    return {share.member_id: share for share in active if share.member_id is not None}


async def members_of(owner_id: UUID) -> list[UUID]:
    """The accounts that an account's balance pays for beside its own."""
    active = WalletShare.filter(owner_id=owner_id, state=ShareState.ACTIVE).order_by("id")
    return list(await active.values_list("member_id", flat=True))  # type: ignore[arg-type]


async def invite(host: ChannelHost, owner: Account, actor: Actor) -> tuple[WalletShare, str]:
    """Offer that the balance of a locked account pays for another one; with a code, which is told this once.

    Raises:
        StepOutOfOrder: no prepaid channel pays for the account.
        WalletShareConflict: the channel cannot share balances, another account pays for this one, or there are too many
            shares.
    """
    link = await paying_link(owner.id)
    if link is None:
        raise StepOutOfOrder(missing_step=NextAction.CHOOSE_SETTLEMENT_CHANNEL)
    if Capability.SHARED_BALANCE not in host.describe(link.channel).capabilities:
        raise WalletShareConflict(
            reason_en="the channel that pays for the account keeps no balance that others can use",
            reason_zh="该账户的结算方式没有可供其他账户使用的余额",
        )
    if await payers(owner.id):
        raise _chain()
    if await WalletShare.filter(owner_id=owner.id, state__in=LIVE).count() >= MOST_SHARES:
        raise WalletShareConflict(
            reason_en=f"there are {MOST_SHARES} already: end one first",
            reason_zh=f"已达 {MOST_SHARES} 个：请先结束其中一个",
        )
    code = new_code()
    share = await WalletShare.create(
        owner_id=owner.id,
        channel=link.channel,
        state=ShareState.INVITED,
        code_hash=digest(code),
        code_until=clock.now() + JOIN_WITHIN,
        invited_at=owner.now(),
    )
    await record(owner.id, owner.now(), "wallet.invited", actor, after={"walletShare": str(share.id)})
    return share, code


async def lock_both(member_id: UUID, code: str) -> None:
    """Lock an account that is to join, and the one that made the code, in the order in which everybody locks them."""
    owners = await _offered(code).values_list("owner_id", flat=True)
    await lock_accounts([member_id, *owners])  # type: ignore[list-item]


async def join(member: Account, code: str, actor: Actor) -> WalletShare:
    """Let the balance of whoever made the code pay for the account's charges from now on; after ``lock_both``.

    Raises:
        NotFound: the code is wrong, was used, or is too old.
        WalletShareConflict: it is the account's own, one of them is a sandbox account and the other is not, or one pays
            for others, or is paid for, already.
    """
    share = await _offered(code).select_for_update().first()
    if share is None:
        raise NotFound(what="invitation", path=("code",))
    owner = await lock_account(share.owner_id)
    if owner.id == member.id or owner.sandbox != member.sandbox:
        raise WalletShareConflict(
            reason_en="the balance must be of another account, and both or neither of them a sandbox",
            reason_zh="余额须属于另一账户，且两个账户须同为沙箱账户或同为正式账户",
            path=("code",),
        )
    if await payers(member.id) or await payers(owner.id) or await members_of(member.id):
        raise _chain()
    share.member_id, share.state, share.began_at, share.code_hash = member.id, ShareState.ACTIVE, member.now(), None
    await share.save()
    for account in (owner, member):
        await record(account.id, account.now(), "wallet.share_began", actor, after={"walletShare": str(share.id)})
    return share


async def end_share(share: WalletShare, actor: Actor) -> WalletShare:
    """Each account pays what is raised from now on by itself; what was raised before is paid as it was to be. Ending it
    again changes nothing. The accounts are to be locked."""
    if share.state == ShareState.ENDED:
        return share
    share.state, share.ended_at, share.code_hash = ShareState.ENDED, clock.now(), None
    await share.save()
    for account_id in filter(None, (share.owner_id, share.member_id)):
        account = await lock_account(account_id)
        await record(account.id, account.now(), "wallet.share_ended", actor, before={"walletShare": str(share.id)})
    return share


def _offered(code: str) -> QuerySet[WalletShare]:
    return WalletShare.filter(code_hash=digest(code), state=ShareState.INVITED, code_until__gt=clock.now())


def _chain() -> WalletShareConflict:
    return WalletShareConflict(
        reason_en="an account that is paid for cannot pay for others, and is paid for by one",
        reason_zh="由其他账户付款的账户不能再为他人付款，且只能由一个账户付款",
    )
