"""Vouchers by activation code: staff make a batch of codes, and each is redeemed once, by whoever types it in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from settlement_spec import Fund, Source

from app import clock
from app.accounts.models import Account
from app.codes import digest, new_code
from app.errors import FundRefused, InvalidInput, NotFound
from app.events.recording import Actor
from app.inputs import above_zero, between, explanation
from app.money import major
from app.settlement.host import ChannelHost
from app.settlement.models import VoucherBatch, VoucherCode
from app.settlement.vouchers import issue_voucher

MOST_CODES = 1_000


async def issue_codes(
    count: int, source: Source, amount_minor: int, currency: str, expires_at: datetime, note: str, actor: Actor
) -> tuple[VoucherBatch, list[str]]:
    """A batch of activation codes, each for a voucher of ``amount_minor``; in a transaction.

    The codes are told this once: only their SHA-256 is kept.

    Raises:
        InvalidInput: fewer than one code or more than 1,000, an amount of nothing, an end that is past, a card, or a
            note that is empty or too long.
    """
    between(count, 1, MOST_CODES, "count")
    above_zero(amount_minor)
    if source not in (Source.VOUCHER, Source.FULL_REDUCTION):
        raise InvalidInput(
            reason_en="codes are for vouchers, plain ones or full-reduction ones",
            reason_zh="激活码仅适用于代金券与满减券",
            path=("source",),
        )
    if expires_at <= clock.now():
        raise InvalidInput(reason_en="expiresAt is past", reason_zh="expiresAt 已过", path=("expiresAt",))
    batch = await VoucherBatch.create(
        source=source,
        amount_minor=amount_minor,
        currency=currency,
        expires_at=expires_at,
        note=explanation(note, "note"),
        created_by=actor.label,
        created_at=clock.now(),
    )
    codes = [new_code() for _ in range(count)]
    await VoucherCode.bulk_create(VoucherCode(batch=batch, code_hash=digest(code)) for code in codes)
    return batch, codes


async def redeem_code(host: ChannelHost, account: Account, code: str, actor: Actor) -> Fund:
    """Grant a locked account the voucher of a code; small letters, blanks and hyphens do not matter.

    Raises:
        StepOutOfOrder: the account has no prepaid balance.
        FundRefused: there is no such code, it was redeemed or withdrawn, is past, or in another currency than the
            balance, or the account is a sandbox, which would use up what is worth money.
    """
    if account.sandbox:
        raise FundRefused(
            reason_en="activation codes are for accounts that pay; staff grant vouchers to sandboxes",
            reason_zh="激活码仅供正式账户使用；沙箱账户的代金券由工作人员发放",
            path=("code",),
        )
    locked = VoucherCode.select_for_update(of=("voucher_code",))
    found = await locked.select_related("batch").get_or_none(code_hash=digest(code))
    if found is None or found.redeemed_at is not None or found.batch.withdrawn_at is not None:
        raise FundRefused(
            reason_en="there is no such code, or it was used", reason_zh="激活码不存在或已被使用", path=("code",)
        )
    batch = found.batch
    voucher = await issue_voucher(
        host,
        account,
        Source(batch.source),
        major(batch.amount_minor, batch.currency),
        batch.expires_at,
        batch.note,
        actor,
        batch.currency,
    )
    found.redeemed_at, found.account_id, found.voucher_id = account.now(), account.id, voucher.id
    await found.save(update_fields=["redeemed_at", "account_id", "voucher_id"])
    return voucher


async def withdraw_codes(batch_id: UUID) -> VoucherBatch:
    """Let nobody redeem what is left of a batch; vouchers that were granted stay. Once more changes nothing.

    Raises:
        NotFound: there is no such batch.
    """
    batch = await VoucherBatch.select_for_update().get_or_none(id=batch_id)
    if batch is None:
        raise NotFound(what="voucher batch", path=("batchId",))
    if batch.withdrawn_at is None:
        batch.withdrawn_at = clock.now()
        await batch.save(update_fields=["withdrawn_at"])
    return batch
