"""The enterprise account's surroundings: it is its own provider, its books are read, and Stripe calls it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack

from settlement_guance.channel import EnterpriseAccount
from settlement_spec import Charge, Money, SettlementChannel
from settlement_spec.conformance import Account, Callback, Collected, Harness
from settlement_spec.conformance.recorder import Recorder
from tortoise.connection import get_connection

from tests.standins.stripe import SECRET_KEY, WEBHOOK_SECRET, Stripe


class EnterpriseAccountHarness(Harness):
    """What the wallets paid to the vendor is what was collected."""

    wrong_configurations = ({"iban": "DE00"},)
    public_settings = frozenset({"stripe_return_url", "stripe_api_base"})
    needs_settings = False

    async def start(self) -> None:
        self.running = AsyncExitStack()
        self.stripe = await self.running.enter_async_context(Stripe().serving())
        self.settings = {
            "stripe_secret_key": SECRET_KEY,
            "stripe_webhook_secret": WEBHOOK_SECRET,
            "stripe_return_url": "https://console.example.com/wallet",
            "stripe_api_base": self.stripe.url,
        }

    async def stop(self) -> None:
        await self.running.aclose()

    async def genuine_callbacks(self, account: Account) -> Sequence[Callback]:
        """A payment, and its refund."""
        self.stripe.misbehave["announce_never"] = 1
        session = await self._session(account)
        payment = await self.stripe.pay(session)
        refund = {"id": "re_1", "object": "refund", "payment_intent": payment, "amount": 100_000, "currency": "cny"}
        return [
            self._event("checkout.session.completed", self.stripe.sessions[session]),
            self._event("refund.created", refund),
        ]

    async def forged_callbacks(self, account: Account) -> Sequence[Callback]:
        genuine, _ = await self.genuine_callbacks(account)
        signature = self.stripe.signature(genuine.content, secret="whsec_of_somebody_else")
        return [
            Callback("payments", content=genuine.content),
            Callback("payments", headers={"stripe-signature": signature}, content=genuine.content),
            Callback("payments", headers=genuine.headers, content=genuine.content + b" "),
        ]

    async def _session(self, account: Account) -> str:
        channel = EnterpriseAccount()
        await channel.start(Recorder(self.settings))
        top_up = await channel.start_online_top_up(account.id, Money(100_000, "CNY"), False, self.now())
        await channel.stop()
        return str(top_up.pay_url).rpartition("/")[2]

    def _event(self, kind: str, about: object) -> Callback:
        body = json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": about}}).encode()
        return Callback("payments", headers={"stripe-signature": self.stripe.signature(body)}, content=body)

    async def collected(self, channel: SettlementChannel, charges: Sequence[Charge]) -> Iterable[Collected]:
        """What the wallets paid to the vendor."""
        return await collected()


async def collected() -> list[Collected]:
    """What each account's wallet paid to the vendor."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT t.reference, e.amount_minor, e.account_id FROM guance_entry e "
        "JOIN guance_transaction t ON t.id = e.transaction_id "
        "WHERE upper(t.kind) = 'CHARGE' AND upper(e.place) = 'VENDOR'"
    )
    return [Collected(row["reference"], row["amount_minor"], str(row["account_id"])) for row in rows]
