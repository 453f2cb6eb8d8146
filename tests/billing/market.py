"""Customers, providers, staff and workers on one real database: what each of them can do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint, entry_points
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import httpx
from settlement_spec import BindingEnd, Money

from app.accounts.models import StaffAssignment, StaffRole, User
from app.api.node import decode_id, encode_id
from app.billing.models import Charge
from app.bootstrap import Runtime
from app.catalog.models import PriceGroup
from app.closing.days import close_due
from app.db.connection import connected, tortoise_config
from app.journey.callbacks import Callbacks
from app.main import create_app
from app.settings import get_settings
from app.settlement import settling
from app.settlement.host import ENTRY_POINT_GROUP, ChannelHost
from app.settlement.models import Settlement, SettlementState
from app.settlement.settling import settle_due
from tests.api.driver import PAY_AS_YOU_GO, Api, activate, advance, agreed, registered
from tests.billing.factory import plan_of
from tests.billing.moody import Died, Moody
from tests.billing.oracle import DAY, HOMES, HOUR, Customer, Cut, Home, Price, Step, first_price, second_price
from tests.conftest import TravellingClock

TIERS = [
    {"up_to": 30, "unit_price_minor": 500, "flat_minor": 0},
    {"up_to": None, "unit_price_minor": 400, "flat_minor": 0},
]


class Market:
    """Everybody, and the clock that they share; ``by_hand`` is what staff settled outside every channel's books."""

    def __init__(self, runtime: Runtime, http: httpx.AsyncClient, clock: TravellingClock) -> None:
        self.runtime, self.api, self.clock = runtime, Api(http), clock
        self.customers: list[Customer] = []
        self.price: Price = first_price
        self.by_hand: dict[object, int] = {}
        self.deployments: dict[str, str] = {}
        self.staff: Api

    @property
    def moody(self) -> Moody:
        channel = self.runtime.host.channel("moody")
        assert isinstance(channel, Moody)
        return channel

    def now(self, of: Customer) -> datetime:
        """The time on a customer's clock."""
        return self.clock.at + of.offset

    async def open(self) -> None:
        """Staff are there."""
        self.staff, _ = await registered(self.api)
        user = await User.all().first()
        assert user is not None
        for role in StaffRole:
            await StaffAssignment.create(user_id=user.id, role=role)
        for home in HOMES:
            if home.group:
                group = await PriceGroup.create(key=home.group, name={"zh": home.group, "en": home.group})
                price: dict[str, Any] = {"currency": home.currency, "time_zone": home.zone, "minimum_quantity": 20}
                await plan_of(1, group_id=group.id, **price)

    async def arrive(self, sandbox: bool, home: Home) -> Customer:
        """A new customer with a key for its deployments, and the prices of its home."""
        api, account = await registered(self.api, sandbox)
        made = await api.call("createAccessKey", "accessKey { ak } sk", accountId=account, label="x")
        key = (made["accessKey"]["ak"], made["sk"])
        if home.group:
            moved = await self.staff.call("setPriceGroup", "priceGroup { key }", accountId=account, group=home.group)
            assert moved["__typename"] == "SetPriceGroupSuccess", moved
        self.customers.append(Customer(api, account, decode_id(account, "Account", "id"), sandbox, key, home))
        return self.customers[-1]

    def price_for(self, of: Customer) -> Price:
        """The price of who chooses an edition now."""
        return first_price if of.home.group else self.price

    async def raise_prices(self) -> None:
        """Whoever chooses an edition from now on has another price."""
        if self.price is first_price:
            await plan_of(2, minimum_quantity=20, tiers=TIERS, tier_mode="VOLUME")
            self.price = second_price

    async def go_on(self, of: Customer, channel: str) -> None:
        """Take the next step of the journey."""
        match of.step:
            case Step.COMMUNITY:
                chosen = await of.api.call("upgradeEdition", "__typename", accountId=of.account, edition=PAY_AS_YOU_GO)
                if chosen["__typename"] == "StepOutOfOrderError":
                    return
                assert chosen["__typename"] == "UpgradeEditionSuccess", chosen
                of.step, of.price = Step.CHOSEN, self.price_for(of)
            case Step.CHOSEN:
                await agreed(of.api, of.account)
                of.step = Step.AGREED
            case Step.AGREED:
                await self.choose(of, channel)
            case _ if of.spare is None or self.now(of) > of.spare[1]:
                made = await of.api.call("createLicense", "license { text expiresAt }", accountId=of.account, label="x")
                assert made["__typename"] == "CreateLicenseSuccess", made
                of.spare = (made["license"]["text"], datetime.fromisoformat(made["license"]["expiresAt"]))
            case _:
                await self.activate(of, of.spare[0])

    async def activate(self, of: Customer, text: str) -> None:
        """A license becomes active on a new deployment."""
        fingerprint = f"deployment-{len(of.deployments)}-of-{of.id}"
        done = await activate(of.api, text, *of.key, fingerprint)
        if of.home.group and of.channel == "guance" and done["__typename"] == "StepOutOfOrderError":
            assert "choose settlement channel" in done["message"], done
            return
        assert done["__typename"] == "ActivateLicenseSuccess", done
        of.activates(self.now(of), self.price_for(of))
        of.deployments.append(fingerprint)
        self.deployments[fingerprint] = done["deployment"]["id"]
        of.spare = None
        assert done["account"]["upgrade"]["firstBilledDay"] == of.periods[-1].first.isoformat()

    async def choose(self, of: Customer, channel: str) -> None:
        """Choose who pays, the only one who can abroad; staff allow it where it was changed already in this month."""
        channel = "moody" if of.home.group else channel
        for _ in range(2):
            chosen = await of.api.call(
                "chooseSettlementChannel", "binding { state }", accountId=of.account, channel=channel
            )
            if chosen["__typename"] != "ChannelChangeTooSoonError":
                break
            await self.staff.call("allowChannelChange", "__typename", accountId=of.account)
        assert chosen["__typename"] == "ChooseSettlementChannelSuccess", chosen
        if chosen["binding"]["state"] == "BOUND":
            of.pending, of.channel = of.pending and of.channel == channel, channel
            of.takes_effect(self.now(of))
        else:
            of.pending = True

    async def provider_confirms(self, of: Customer) -> None:
        """The provider of the moody channel confirms a link."""
        assert self.moody.host is not None
        await self.moody.host.binding_confirmed(of.id, str(of.id))
        if of.pending:
            of.channel, of.pending = "moody", False
            of.takes_effect(self.now(of))

    async def leave_provider(self, of: Customer) -> None:
        """The customer unsubscribes at the provider of the moody channel."""
        assert self.moody.host is not None
        self.moody.left.add(of.id)
        await self.moody.host.binding_ended(of.id, str(of.id), BindingEnd.UNSUBSCRIBED, "unsubscribed")
        of.pending = False
        if of.channel == "moody":
            of.channel = "guance"

    async def report(self, of: Customer, deployment: int, hours_ago: int, first: int, count: int) -> None:
        """A deployment reports an hour."""
        fingerprint = of.deployments[deployment % len(of.deployments)]
        hour = self.now(of).replace(minute=0, second=0, microsecond=0) - hours_ago * HOUR
        ids = {f"dk-{n}" for n in range(first, first + count)}
        sent = await self.api.call(
            "reportUsage",
            "accepted { count }",
            of.key,
            fingerprint=fingerprint,
            reports=[{"hour": hour.isoformat(), "dataKits": sorted(ids)}],
        )
        known = of.usage[hour][fingerprint]
        if (hour, fingerprint) not in of.corrected:
            known |= ids
        assert sent["accepted"] == [{"count": len(known)}], sent

    async def correct(self, of: Customer, which: int, first: int, count: int) -> None:
        """Staff replace what a deployment reported of one of its newest hours."""
        newest = max(of.usage) - 93 * DAY
        hours = sorted((hour, name) for hour in of.usage if hour > newest for name in of.usage[hour])
        hour, fingerprint = hours[which % len(hours)]
        ids = {f"dk-{n}" for n in range(first, first + count)}
        done = await self.staff.call(
            "correctUsage",
            "corrections { quantityBefore quantityAfter }",
            deploymentId=self.deployments[fingerprint],
            reports=[{"hour": hour.isoformat(), "dataKits": sorted(ids)}],
            reason="counted twice",
        )
        if hour < self.now(of) - 93 * DAY:
            assert done["__typename"] == "InvalidInputError", done
            return
        before = len(of.usage[hour][fingerprint])
        assert done["corrections"] == [{"quantityBefore": before, "quantityAfter": count}], done
        of.usage[hour][fingerprint] = ids
        of.corrected.add((hour, fingerprint))

    async def discount(self, of: Customer, percent: int | None, minor: int, days: int | None) -> None:
        """Staff give a discount."""
        amount = f'amountOff: "{of.home.shown(minor)}", currency: "{of.home.currency}"'
        off = f"percentOff: {percent}" if percent else amount
        answer = "... on CreateCouponSuccess { coupon { id } }"
        made = f'createCoupon(name: "x", {off}, days: {days or "null"}) {{ {answer} }}'
        coupon = (await self.staff.data(f"mutation {{ {made} }}"))["createCoupon"]["coupon"]["id"]
        given = await self.staff.call("applyCoupon", "discount { id }", accountId=of.account, couponId=coupon)
        if of.home.group and of.channel == "guance" and given["__typename"] == "CouponRefusedError":
            return
        assert given["__typename"] == "ApplyCouponSuccess", given
        of.gets_cut(Cut(given["discount"]["id"], percent, minor, days, of.home.day(self.now(of))))

    async def end_discount(self, of: Customer, which: int) -> None:
        """Staff end a discount."""
        cut = of.cuts[which % len(of.cuts)]
        ended = await self.staff.call("endDiscount", "__typename", discountId=cut.id, reason="over")
        assert ended["__typename"] == "EndDiscountSuccess", ended
        cut.last = min(cut.last, of.home.day(self.now(of)) - DAY)

    async def travel(self, of: Customer, delta: timedelta) -> None:
        """A sandbox account's clock goes ahead."""
        await advance(of.api, of.account, int(delta.total_seconds()))
        of.offset += delta
        of.notices(self.now(of))

    async def top_up(self, of: Customer, minor: int) -> None:
        """A transfer is announced, and confirmed twice."""
        asked = await of.api.call("requestTopUp", "topUp { id }", accountId=of.account, amount=of.home.shown(minor))
        if asked["__typename"] == "StepOutOfOrderError":
            assert of.channel is None
            return
        reference = f"bank-{uuid4()}"
        for _ in range(2):
            done = await self.staff.call(
                "confirmTopUp",
                "topUp { state }",
                topUpId=asked["topUp"]["id"],
                bankReference=reference,
                receivedAmount=of.home.shown(minor),
            )
            assert done["topUp"]["state"] == "CONFIRMED"
        of.topped_up += minor

    async def grant(self, of: Customer, minor: int, days: int) -> None:
        """Staff grant a voucher."""
        ends = self.now(of) + days * DAY
        terms: dict[str, Any] = {"amount": of.home.shown(minor), "expiresAt": ends.isoformat(), "note": "welcome"}
        made = await self.staff.call("issueVoucher", "voucher { id }", accountId=of.account, **terms)
        if made["__typename"] == "StepOutOfOrderError":
            assert of.channel is None
            return
        assert made["__typename"] == "IssueVoucherSuccess", made
        of.vouchers.append((minor, ends))

    async def let_in(self, owner: Customer, member: Customer) -> None:
        """A customer's balance pays for another from now on, where it may."""
        offer = await owner.api.call("inviteToWallet", "invitationCode", accountId=owner.account)
        if offer["__typename"] != "InviteToWalletSuccess":
            assert owner.owner or owner.channel != "guance", offer
            return
        joined = await member.api.call(
            "joinWallet", "share { id }", accountId=member.account, code=offer["invitationCode"]
        )
        members = {one.owner for one in self.customers}
        if owner.sandbox != member.sandbox or owner.owner or member.owner or member.id in members:
            assert joined["__typename"] == "WalletShareConflictError", joined
        else:
            assert joined["__typename"] == "JoinWalletSuccess", joined
            member.owner, member.share = owner.id, joined["share"]["id"]

    async def part(self, member: Customer) -> None:
        """A customer pays for itself again."""
        ended = await member.api.call("endWalletShare", "share { state }", shareId=member.share)
        assert ended["share"]["state"] == "ENDED", ended
        member.owner = member.share = None

    async def note_payers(self) -> None:
        """Who is to pay is known as a charge is raised, or moved to the prepaid channel."""
        for one in await Settlement.all():
            customer = next(customer for customer in self.customers if customer.id == one.account_id)
            if one.channel != "guance":
                customer.payers.pop(one.charge_id, None)
            elif one.charge_id not in customer.payers:
                customer.payers[one.charge_id] = customer.pays()

    async def credit(self, of: Customer, which: int, minor: int) -> None:
        """Finance gives a charge back in part, and never more than it was, or than its day costs."""
        charges = await Charge.filter(account_id=of.id, amount_minor__gt=0).order_by("id")
        if not charges:
            return
        charge = charges[which % len(charges)]
        left = sum(one.amount_minor for one in await Charge.filter(account_id=of.id, day=charge.day))
        given = await self.staff.call(
            "issueCreditNote",
            "__typename",
            chargeId=encode_id("Charge", charge.id),
            amount=of.home.shown(minor),
            reason="goodwill",
        )
        if minor > min(charge.amount_minor - of.credited[charge.id], left):
            assert given["__typename"] == "CreditLimitError", given
        else:
            assert given["__typename"] == "IssueCreditNoteSuccess", given
            of.credited[charge.id] += minor
            of.credited_on[charge.day] += minor

    async def end_service(self, of: Customer) -> None:
        """Staff end the service of a customer in arrears."""
        await self.staff.call("sendFinalNotice", "__typename", accountId=of.account, reason="owes")
        ended = await self.staff.call("endService", "__typename", accountId=of.account, reason="owes")
        if ended["__typename"] == "EndServiceSuccess":
            of.loses_service(self.now(of))

    async def close(self) -> None:
        """Days are closed for everybody."""
        summary = await close_due()
        assert summary.failed == 0
        for customer in self.customers:
            customer.notices(self.now(customer))

    async def settle(self) -> None:
        """A worker settles until nothing is due; it may die of it."""
        try:
            while await settle_due(self.runtime.host):
                pass
        except Died:
            pass

    async def die_settling(self) -> None:
        """A worker dies after the channels did their work, and before it could write that down."""

        async def dies(*_: object, **__: object) -> None:
            raise Died

        with patch.object(settling, "_write_down", dies):
            await self.settle()

    async def rush(self, reporting: list[Customer], count: int) -> None:
        """Everything at once."""
        reports = (self.report(of, 0, ago, 0, count) for of in reporting for ago in (1, 30))
        await asyncio.gather(close_due(), self.settle(), *reports, close_due(), self.settle())
        for customer in self.customers:
            customer.notices(self.now(customer))

    async def attend(self) -> None:
        """Finance look into what needs attention: at the provider's book first, then for somebody else who pays."""
        for one in await Settlement.filter(state=SettlementState.NEEDS_ATTENTION).select_related("charge"):
            id = encode_id("Settlement", one.id)
            if one.charge_id in self.moody.book:
                await self._by_hand(id)
                continue
            moved = await self.staff.call(
                "moveSettlement", "__typename", settlementId=id, confirmUncollected=True, reason="looked it up"
            )
            if moved["__typename"] == "MoveSettlementSuccess":
                continue
            if one.charge.amount_minor > 0 and one.attempts < 3 and "deadline" not in (one.reason or ""):
                await self.staff.call("retrySettlement", "__typename", settlementId=id)
            elif one.charge.amount_minor < 0 and one.channel == "moody":
                self.moody.gives_back(
                    one.charge_id, one.charge.units, Money(one.charge.amount_minor, one.charge.currency)
                )
                await self._by_hand(id)
            else:
                await self._by_hand(id)
                self.by_hand[one.charge_id] = one.charge.amount_minor

    async def _by_hand(self, settlement: str) -> None:
        done = await self.staff.call(
            "settleByHand", "__typename", settlementId=settlement, providerReference="r", reason="found"
        )
        assert done["__typename"] == "SettleByHandSuccess", done


@asynccontextmanager
async def market(url: str, clock: TravellingClock) -> AsyncIterator[Market]:
    """A market on an empty database."""
    points = [*entry_points(group=ENTRY_POINT_GROUP), EntryPoint("moody", "tests.billing.moody", ENTRY_POINT_GROUP)]
    host = ChannelHost(points)
    config = tortoise_config(url, host.tortoise_apps())
    async with connected(config):
        await host.start(lambda key: Callbacks(host, key))
        runtime = Runtime(get_settings(), url, config, host)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=create_app(runtime))) as http:
            made = Market(runtime, http, clock)
            await made.open()
            yield made
        await host.stop()
