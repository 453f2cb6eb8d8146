"""Paying in online: begun at the payment provider, and credited when the provider itself says that it was paid."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from settlement_spec import ChannelRefusal, HostServices, Money, PaymentIssue, TopUp, TopUpState
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from settlement_guance import top_ups
from settlement_guance.models import PaymentRow
from settlement_guance.payments import (
    NotFromProvider,
    PageChanged,
    Payment,
    PaymentProvider,
    PaymentReversed,
    PaymentState,
    ProviderSilent,
)

log = logging.getLogger(__name__)
MOST_OPEN = 10
FIRST_ASKED = timedelta(minutes=1)
PAGE_CLOSED = timedelta(days=1)
# After 1, 1, 2, 4, ... minutes, then every hour, the longest due first. A payment whose amount is wrong, or that the
# provider does not know any more, is with finance staff.
TO_ASK_SQL = """
UPDATE guance_payment SET asked = asked + 1,
    ask_at = $1::timestamptz + least(make_interval(mins => (2 ^ least(asked, 6))::int), interval '1 hour')
WHERE top_up_id IN (
    SELECT p.top_up_id FROM guance_payment p JOIN guance_top_up t ON t.id = p.top_up_id
    WHERE t.state = 'REQUESTED' AND p.given_up_at IS NULL AND (p.ask_at IS NULL OR p.ask_at <= $1)
      AND (p.received_minor IS NULL OR p.received_minor = t.amount_minor)
    ORDER BY p.ask_at NULLS LAST LIMIT 20 FOR UPDATE OF p SKIP LOCKED)
RETURNING session_id
"""


class OnlineTopUps:
    """Top-ups by one payment provider."""

    def __init__(self, provider: PaymentProvider, host: HostServices) -> None:
        self._provider = provider
        self._host = host

    async def start(self, account_id: UUID, amount: Money, sandbox: bool, now: datetime) -> TopUp:
        """Begin a payment.

        Raises:
            ChannelRefusal: the amount is not allowed; or, with no field, the account is a sandbox, or has too many open
                payments, or the provider does not answer.
        """
        if sandbox and not self._provider.takes_play_money:
            raise ChannelRefusal(
                None,
                "a sandbox account has play money, which no payment provider takes",
                "沙箱账户使用模拟资金，无法在线支付",
            )
        if await _open(account_id) >= MOST_OPEN:
            raise ChannelRefusal(
                None,
                f"{MOST_OPEN} online payments of the account are open already; pay or cancel one of them first",
                f"该账户已有 {MOST_OPEN} 笔在线支付待完成，请先支付或取消其中一笔",
            )
        drafted = top_ups.draft(account_id, amount, sandbox, now)
        try:
            page = await self._provider.begin(drafted.id, drafted.reference, amount)
        except ProviderSilent as error:
            log.warning("a payment cannot be begun: %s", error)
            raise ChannelRefusal(
                None, "the payment provider does not answer; try again later", "支付服务商未响应，可稍后再试"
            ) from None
        drafted.pay_url = page.url
        async with in_transaction():
            await drafted.save()
            ask_at = None if sandbox else now + FIRST_ASKED
            await PaymentRow.create(top_up_id=drafted.id, session_id=page.session_id, ask_at=ask_at)
        return top_ups.value(drafted)

    async def close(self, row: PaymentRow) -> None:
        """Let nobody pay at a page any more; nobody can at one that was given up, unless the provider knows it again.

        Raises:
            ChannelRefusal: somebody paid, or is paying, or the provider does not answer.
        """
        try:
            payment = await self._provider.close(row.session_id)
        except ProviderSilent as error:
            log.warning("a payment cannot be withdrawn: %s", error)
            raise ChannelRefusal(
                "topUpId", "the payment provider does not answer; try again later", "支付服务商未响应，可稍后再试"
            ) from None
        over = row.given_up_at is not None if payment is None else payment.state == PaymentState.LAPSED
        if not over:
            raise ChannelRefusal(
                "topUpId",
                "it may have been paid online, and is credited as soon as that is certain",
                "该笔充值可能已在线支付，确认后将立即入账",
            )

    async def ask(self, now: datetime) -> None:
        """Ask the provider about payments that it announced nothing of."""
        for row in await get_connection("default").execute_query_dict(TO_ASK_SQL, [now]):
            try:
                if not await self._look_into(row["session_id"]):
                    await self._unknown(row["session_id"], now)
            except ProviderSilent as error:
                log.warning("payments are asked about later: %s", error)
                return
            except Exception:
                log.exception("payment session %s is looked into later", row["session_id"])

    def routes(self) -> Sequence[Route]:
        """Where the provider announces what happened."""
        return [Route("/payments", self.announced, methods=["POST"])]

    async def announced(self, request: Request) -> Response:
        """An announcement. 400: it is not to be trusted; 503 lets the provider announce it again."""
        try:
            announcement = await self._provider.read(await request.body(), request.headers)
            if isinstance(announcement, PageChanged):
                await self._look_into(announcement.session_id)
            elif isinstance(announcement, PaymentReversed):
                await self._host.payment_issue(
                    announcement.top_up_id,
                    PaymentIssue.PAYMENT_REVERSED,
                    announcement.reference,
                    announcement.details,
                )
        except NotFromProvider as error:
            log.warning("an announcement of a payment was refused: %s", error)
            return JSONResponse({"message": str(error)}, 400)
        except ProviderSilent as error:
            log.warning("an announcement of a payment could not be followed: %s", error)
            return JSONResponse({"message": "the payment provider does not answer"}, 503)
        except Exception:
            log.exception("an announcement of a payment could not be followed")
            return JSONResponse({"message": "try again later"}, 503)
        return Response(status_code=200)

    async def _look_into(self, session_id: str) -> bool:
        """Do what became of a page: the provider is asked, whatever it announced, and in whatever order.

        Answers whether the provider knows the page.
        """
        payment = await self._provider.find(session_id)
        row = await PaymentRow.get_or_none(session_id=session_id).select_related("top_up")
        if payment is None:
            return False
        if payment.state == PaymentState.LAPSED:
            if row is not None and row.top_up.state == TopUpState.REQUESTED:
                await self._host.top_up_lapsed(row.top_up_id)
        elif payment.state == PaymentState.PAID:
            if row is None:
                await self._not_credited(payment, "no top-up here waits for it")
            elif row.top_up.state != TopUpState.CONFIRMED:
                await self._paid(payment, row)
        return True

    async def _unknown(self, session_id: str, now: datetime) -> None:
        """Leave to finance staff what may have been paid, but not any more, at a page that the provider forgot."""
        row = await PaymentRow.get(session_id=session_id).select_related("top_up")
        if now < row.top_up.requested_at + PAGE_CLOSED:
            return
        details = {
            "reason": "the payment provider does not know the page any more, where it may have been paid",
            "session": session_id,
            "amount": row.top_up.amount_minor,
            "currency": row.top_up.currency,
        }
        issue = PaymentIssue.PAYMENT_NOT_CREDITED
        await self._host.payment_issue(row.top_up_id, issue, f"session {session_id}", details)
        row.given_up_at = now
        await row.save(update_fields=["given_up_at"])

    async def _paid(self, payment: Payment, row: PaymentRow) -> None:
        expected = Money(row.top_up.amount_minor, row.top_up.currency)
        received = payment.received or Money(0, expected.currency)
        row.reference = payment.reference
        row.received_minor = received.minor if received.currency == expected.currency else 0
        await row.save(update_fields=["reference", "received_minor"])
        if received != expected:
            await self._not_credited(payment, f"{expected.minor} {expected.currency} (minor units) were asked for")
            return
        try:
            await self._host.top_up_paid(row.top_up_id, payment.reference, received)
        except ChannelRefusal as refusal:
            await self._not_credited(payment, str(refusal))

    async def _not_credited(self, payment: Payment, why: str) -> None:
        received = payment.received
        details = {
            "reason": why,
            "bankReference": payment.reference,
            "amount": received.minor if received else None,
            "currency": received.currency if received else None,
        }
        reference = f"payment {payment.reference}"
        await self._host.payment_issue(payment.top_up_id, PaymentIssue.PAYMENT_NOT_CREDITED, reference, details)


async def _open(account_id: UUID) -> int:
    """How many payments of the account somebody can still make or withdraw."""
    begun = PaymentRow.filter(top_up__account_id=account_id, top_up__state=TopUpState.REQUESTED)
    return await begun.filter(received_minor__isnull=True).count()
