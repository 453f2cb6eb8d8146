"""Reference channels with one fault each, and the check that is to find it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from settlement_guance.channel import EnterpriseAccount
from settlement_guance.models import Wallet
from settlement_spec import (
    NEWEST,
    AccountBalance,
    BalancePart,
    BindingEnd,
    BindRequest,
    BindResult,
    ChannelDescription,
    ChannelRefusal,
    Charge,
    ChargeBatch,
    ChargeKind,
    Health,
    HealthStatus,
    HostServices,
    Money,
    Movement,
    Outcome,
    Owing,
    ProviderRecord,
    Refund,
    SettlementResult,
    Source,
    TopUp,
    TopUpState,
    Window,
)
from settlement_spec.conformance import Misbehaviour
from starlette.requests import Request
from tortoise.exceptions import IntegrityError

from tests.conformance.reference import PROVIDER, Entry, Plugin, Reference, log

NUMBERS = count()
FINDS: dict[type[Reference], str] = {}


def found_by(check: str):  # type: ignore[no-untyped-def]
    """The check that is to fail for the mutant."""

    def note(mutant: type[Reference]) -> type[Reference]:
        mutant.key = mutant.__name__.lower()
        FINDS[mutant] = check
        return mutant

    return note


@found_by("test_the_same_call_again_answers_the_same_and_collects_nothing")
class CollectsAgain(Reference):
    """Gives the provider another key at every call."""

    def entry(self, charge: Charge, now: datetime) -> Entry:
        return replace(super().entry(charge, now), key=f"{charge.id}/{next(NUMBERS)}")


@found_by("test_a_time_out_after_collecting_collects_once")
class CollectsAgainAfterATimeOut(Reference):
    """Takes silence for a failure, and tries with another key."""

    lost: set[UUID] = set()

    def unknown(self, charge: Charge) -> SettlementResult:
        self.lost.add(charge.id)
        return super().unknown(charge)

    def entry(self, charge: Charge, now: datetime) -> Entry:
        entry = super().entry(charge, now)
        return replace(entry, key=f"{charge.id}/again") if charge.id in self.lost else entry


@found_by("test_a_restart_in_between_collects_nothing_again")
class RemembersInMemory(Reference):
    """Recognizes a repeated call by what the process remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.run = next(NUMBERS)

    def entry(self, charge: Charge, now: datetime) -> Entry:
        return replace(super().entry(charge, now), key=f"{charge.id}/{self.run}")


@found_by("test_the_same_charges_at_once_from_two_processes_are_collected_once")
class LooksBeforeItCollects(Reference):
    """Asks whether a charge was collected, then collects it, with nothing to hold the two together."""

    async def push(self, charges: Sequence[Charge], now: datetime) -> list[SettlementResult]:
        known = {entry.key.partition("/")[0] for entry in PROVIDER.book}
        unseen = [charge for charge in charges if str(charge.id) not in known]
        return [self.settled(one) for one in charges if one not in unseen] + await super().push(unseen, now)

    def entry(self, charge: Charge, now: datetime) -> Entry:
        return replace(super().entry(charge, now), key=f"{charge.id}/{next(NUMBERS)}")


@found_by("test_every_charge_of_a_batch_gets_one_result")
class ForgetsTheLast(Reference):
    """Says nothing of the last charge of a batch."""

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        return list(await super().settle(batch))[: max(1, len(batch.charges) - 1)]


@found_by("test_a_charge_in_another_batch_and_order_is_collected_once")
class NumbersByPlace(Reference):
    """Makes the key of the charge's place in the batch."""

    async def push(self, charges: Sequence[Charge], now: datetime) -> list[SettlementResult]:
        self.places = {charge.id: place for place, charge in enumerate(charges)}
        return await super().push(charges, now)

    def entry(self, charge: Charge, now: datetime) -> Entry:
        return replace(super().entry(charge, now), key=f"{charge.id}/{self.places[charge.id]}")


@found_by("test_no_secret_is_revealed")
class LogsItsKey(Reference):
    """Writes its settings to the log when the provider is silent."""

    def unknown(self, charge: Charge) -> SettlementResult:
        log.debug("no answer, settings were %s", dict(self.settings))
        return super().unknown(charge)


@found_by("test_no_secret_is_revealed")
class ShowsItsKey(Reference):
    """Shows its settings to whoever prints it."""

    def __repr__(self) -> str:
        return f"ShowsItsKey({dict(self.settings)})"


@found_by("test_a_forged_callback_is_refused_and_changes_nothing")
class BelievesAnybody(Reference):
    """Wants a signature, and does not check it."""

    def genuine(self, request: Request, body: bytes) -> bool:
        return "x-signature" in request.headers


@found_by("test_a_replayed_callback_has_no_second_effect")
class ObeysTwice(Reference):
    """Hurries the account's charges at every repetition."""

    def replayed(self, number: str) -> bool:
        return False

    async def ended(self, account: UUID) -> None:
        if self.host:
            until = datetime.now().astimezone() + timedelta(microseconds=next(NUMBERS))
            await self.host.settle_soon(account, PROVIDER.payers[account], until)


@found_by("test_what_it_says_of_a_link_names_the_link")
class EndsWhateverThereIs(Reference):
    """Does not say which link has ended."""

    async def ended(self, account: UUID) -> None:
        if self.host:
            await self.host.binding_ended(account, None, BindingEnd.UNSUBSCRIBED, "unsubscribed")


@found_by("test_charges_of_two_accounts_are_never_mixed")
class ConfirmsAnother(Reference):
    """Confirms a link by another name than that of its beginning."""

    async def bind(self, request: BindRequest) -> BindResult:
        return replace(await super().bind(request), external_reference=f"P-{request.account_id}")


@found_by("test_a_replayed_end_does_not_end_a_new_link")
class EndsTwice(Reference):
    """Ends a new link for an old notification."""

    def replayed(self, number: str) -> bool:
        return False


@found_by("test_a_downward_adjustment_is_paid_back_or_rejected")
class ForgetsTheSign(Reference):
    """Collects what is to be paid back."""

    def entry(self, charge: Charge, now: datetime) -> Entry:
        return replace(super().entry(charge, now), amount=Money(abs(charge.amount.minor), "CNY"))


@found_by("test_a_full_batch_and_the_next_are_collected_within_the_providers_limits")
class SendsAllAtOnce(Reference):
    """Hands the provider more than it takes in a call."""

    def portion(self) -> int:
        return 100


@found_by("test_charges_of_two_accounts_are_never_mixed")
class MixesUpPayers(Reference):
    """Lets one account pay for all."""

    async def push(self, charges: Sequence[Charge], now: datetime) -> list[SettlementResult]:
        return await super().push([replace(one, external_reference="P-0") for one in charges], now)


@found_by("test_a_zero_charge_is_settled")
class DividesByTheAmount(Reference):
    """Raises when there is nothing to collect."""

    def entry(self, charge: Charge, now: datetime) -> Entry:
        return replace(super().entry(charge, now), at=now + timedelta(microseconds=1 // charge.amount.minor))


@found_by("test_the_next_batch_after_trouble_is_collected")
class GivesUpForEver(Reference):
    """Rejects everything after one failure."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = False

    def unknown(self, charge: Charge) -> SettlementResult:
        self.broken = True
        return super().unknown(charge)

    def refuse(self, charge: Charge) -> SettlementResult | None:
        return SettlementResult(charge.id, Outcome.REJECTED, reason="broken") if self.broken else super().refuse(charge)


@found_by("test_trouble_neither_loses_nor_doubles_a_charge")
class TakesSilenceForYes(Reference):
    """Believes that the provider collected when it said nothing."""

    def unknown(self, charge: Charge) -> SettlementResult:
        return self.settled(charge)


@found_by("test_a_partial_failure_touches_only_its_charges")
class AllOrNothing(Reference):
    """Takes the failure of some for the failure of all."""

    async def push(self, charges: Sequence[Charge], now: datetime) -> list[SettlementResult]:
        results = await super().push(charges, now)
        if all(result.outcome == Outcome.SETTLED for result in results):
            return results
        return [self.later(charge, now) for charge in charges]


@found_by("test_of_a_batch_that_was_not_collected_a_part_is_collected_alone")
class SendsTheOldBatch(Reference):
    """Sends a batch that was throttled again as it was, whichever of its charges comes again."""

    throttled: dict[UUID, Sequence[Charge]] = {}

    async def push(self, charges: Sequence[Charge], now: datetime) -> list[SettlementResult]:
        batch = list({one.id: one for charge in charges for one in self.throttled.get(charge.id, [charge])}.values())
        if PROVIDER.trouble == Misbehaviour.THROTTLE:
            self.throttled.update({charge.id: batch for charge in batch})
        asked = {charge.id for charge in charges}
        return [result for result in await super().push(batch, now) if result.charge_id in asked]


@found_by("test_when_to_retry_is_ahead")
class RetriesInThePast(Reference):
    """Wants to be asked again before now."""

    def later(self, charge: Charge, now: datetime) -> SettlementResult:
        return replace(super().later(charge, now), retry_at=now - timedelta(minutes=1))


@found_by("test_a_currency_that_it_does_not_take_is_rejected")
class TakesAnyCurrency(Reference):
    """Collects a foreign amount as if it were yuan."""

    def refuse(self, charge: Charge) -> SettlementResult | None:
        return None


@found_by("test_a_sandbox_accounts_charges_are_collected_from_nobody")
class TakesPlayMoney(Reference):
    """Collects a sandbox account's charges as if they were meant."""

    def refuse(self, charge: Charge) -> SettlementResult | None:
        return super().refuse(replace(charge, sandbox=False))


@found_by("test_a_sandbox_accounts_charges_are_collected_from_nobody")
class MentionsPlayMoney(Reference):
    """Asks the real provider what it thinks of a sandbox account's charges."""

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        if any(charge.sandbox for charge in batch.charges):
            with suppress(OSError):
                await asyncio.get_running_loop().getaddrinfo("provider.invalid", 443)
        return await super().settle(batch)


@found_by("test_an_amount_without_units_is_collected_whole_or_rejected")
class CountsUnits(Reference):
    """Collects what the units cost, by a price of its own."""

    def entry(self, charge: Charge, now: datetime) -> Entry:
        return replace(super().entry(charge, now), amount=Money(500 * charge.units, "CNY"))


@found_by("test_an_upward_adjustment_is_collected_besides")
class OnceADay(Reference):
    """Knows a charge by its account and day."""

    async def push(self, charges: Sequence[Charge], now: datetime) -> list[SettlementResult]:
        days = {entry.payer for entry in PROVIDER.book}
        known = [charge for charge in charges if charge.external_reference in days]
        return [self.settled(one) for one in known] + await super().push(
            [charge for charge in charges if charge not in known], now
        )


@found_by("test_reconcile_agrees_with_what_was_collected")
class ReconcilesFromHope(Reference):
    """Leaves the newest record out."""

    async def reconcile(self, since: datetime, until: datetime) -> Sequence[ProviderRecord]:
        return list(await super().reconcile(since, until))[:-1]


@found_by("test_reconcile_keeps_to_the_span_that_was_asked_for")
class ReconcilesEverything(Reference):
    """Answers with all that there ever was."""

    async def reconcile(self, since: datetime, until: datetime) -> Sequence[ProviderRecord]:
        return await super().reconcile(datetime.min.replace(tzinfo=since.tzinfo), until)


@found_by("test_a_balance_moves_by_exactly_what_is_collected")
class RoundsItsBalance(Reference):
    """Shows whole hundreds of yuan, and a service fee."""

    async def balance(self, account_id: UUID) -> Money:
        exact = await super().balance(account_id)
        return Money(exact.minor - 1 if exact.minor else 0, "CNY")


@found_by("test_what_paid_a_charge_adds_up_to_it_and_the_movements_to_the_balance")
class KeepsTheChange(Reference):
    """Shows a fen less than was paid for each charge."""

    async def paid_from(self, charge_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[BalancePart]]:
        parts = await super().paid_from(charge_ids)
        fen = BalancePart(Source.CASH, Money(1, "CNY"))
        return {charge_id: [*paid, fen] for charge_id, paid in parts.items()}


@found_by("test_a_charge_is_taken_from_the_balance_that_is_to_pay_it")
class TakesFromWhoeverIsCharged(Reference):
    """Does not look whose balance is to pay."""

    def entry(self, charge: Charge, now: datetime) -> Entry:
        return super().entry(replace(charge, paid_by=None), now)


@found_by("test_what_paid_a_charge_adds_up_to_it_and_the_movements_to_the_balance")
class ForgetsAMovement(Reference):
    """Leaves the first change of the balance out."""

    async def movements(self, account_id: UUID, *asked: Any, **more: Any) -> Sequence[Movement]:
        return list(await super().movements(account_id, *asked, **more))[:-1]


@found_by("test_who_has_a_negative_balance_owes_it_and_nobody_else_does")
class ForgivesDebts(Reference):
    """Says that nobody owes anything."""

    async def owing(self, account_id: UUID | None = None) -> Sequence[Owing]:
        return ()


@found_by("test_a_fallback_is_bound_without_the_network")
class BindsAtItsProvider(Reference):
    """Opens the account at a provider on this machine before it answers."""

    async def bind(self, request: BindRequest) -> BindResult:
        with suppress(OSError):
            await asyncio.open_connection("127.0.0.1", 9)
        return await super().bind(request)


@found_by("test_a_fallback_is_bound_without_the_network")
class LooksUpItsProvider(Reference):
    """Asks the network where its provider is before it answers."""

    async def bind(self, request: BindRequest) -> BindResult:
        with suppress(OSError):
            await asyncio.get_running_loop().getaddrinfo("provider.invalid", 443)
        return await super().bind(request)


@found_by("test_a_top_up_is_credited_once")
class CreditsAgain(Reference):
    """Credits what arrived at every confirmation."""

    async def confirm_top_up(self, top_up_id: UUID, *asked: Any) -> TopUp:
        known = PROVIDER.top_ups[top_up_id]
        if known.state == TopUpState.CONFIRMED:
            again = replace(known, id=uuid4(), bank_reference=None)
            PROVIDER.top_ups[again.id] = again
        return await super().confirm_top_up(top_up_id, *asked)


@found_by("test_a_credit_goes_back_to_what_paid_its_charge")
class GivesBackHalf(Reference):
    """Keeps half of what staff give back."""

    def entry(self, charge: Charge, now: datetime) -> Entry:
        made = super().entry(charge, now)
        if charge.kind != ChargeKind.CREDIT_NOTE:
            return made
        return replace(made, amount=Money(charge.amount.minor // 2, charge.amount.currency))


@found_by("test_what_everybody_has_is_listed_with_what_it_was_made_of")
class ListsTheFirstPage(Reference):
    """Leaves out who does not fit on a page."""

    async def balances(self, after: UUID | None = None, limit: int = 1000) -> Sequence[AccountBalance]:
        return [] if after else await super().balances(after, limit)


@found_by("test_what_it_lists_is_counted_and_cut_into_windows")
class ListsTheNewestOnly(Reference):
    """Leaves out which part of the list was asked for."""

    async def top_ups(self, *asked: Any, **more: Any) -> Sequence[TopUp]:
        return await super().top_ups(*asked, **{**more, "window": Window(more.get("window", NEWEST).limit)})


@found_by("test_what_it_lists_is_counted_and_cut_into_windows")
class CountsAPage(Reference):
    """Counts what it would show."""

    async def count_movements(self, *asked: Any, **more: Any) -> int:
        return min(2, await super().count_movements(*asked, **more))


@found_by("test_what_it_lists_is_counted_and_cut_into_windows")
class ListsPlayMoney(Reference):
    """Does not tell play money from money."""

    async def request_top_up(self, account_id: UUID, amount: Money, sandbox: bool, now: datetime) -> TopUp:
        return await super().request_top_up(account_id, amount, False, now)


@found_by("test_a_refund_is_taken_once")
class RefundsAgain(Reference):
    """Takes a refund at every call."""

    async def refund_top_up(self, top_up_id: UUID, amount: Money, reference: str, *asked: Any) -> Refund:
        return await super().refund_top_up(top_up_id, amount, f"{reference}-{len(PROVIDER.refunds)}", *asked)


@found_by("test_a_cancelled_top_up_is_never_credited")
class CreditsTheCancelled(Reference):
    """Credits a transfer that was withdrawn."""

    async def confirm_top_up(self, top_up_id: UUID, *asked: Any) -> TopUp:
        PROVIDER.top_ups[top_up_id] = replace(PROVIDER.top_ups[top_up_id], state=TopUpState.REQUESTED)
        return await super().confirm_top_up(top_up_id, *asked)


@found_by("test_without_settings_it_says_so_and_collects_nothing")
class RaisesWithoutSettings(Reference):
    """Does not start without its key."""

    async def start(self, host: HostServices) -> None:
        self.key_of_provider = host.settings["api_key"]
        await super().start(host)


@found_by("test_with_settings_it_is_healthy")
class NeverHealthy(Reference):
    """Says that it is not configured whatever is set."""

    async def health(self) -> Health:
        return Health(HealthStatus.NOT_CONFIGURED, "set more")


@found_by("test_every_call_ends_within_the_time_limit")
class WaitsForEver(Reference):
    """Never gives the provider up."""

    async def push(self, charges: Sequence[Charge], now: datetime) -> list[SettlementResult]:
        if PROVIDER.trouble:
            await asyncio.Event().wait()
        return await super().push(charges, now)


@found_by("test_a_wrong_configuration_is_refused_with_its_field_in_both_languages")
class BindsAnybody(Reference):
    """Accepts whatever it is given."""

    async def bind(self, request: BindRequest) -> BindResult:
        return await super().bind(replace(request, configuration={"payer": f"P-{len(PROVIDER.payers)}"}))


@found_by("test_a_right_configuration_is_accepted")
class BindsNobody(Reference):
    """Refuses whatever it is given."""

    async def bind(self, request: BindRequest) -> BindResult:
        raise ChannelRefusal("payer", "payer is wrong.", "payer 有误。")


@found_by("test_binding_again_answers_the_same")
class BindsAnew(Reference):
    """Makes another reference at every binding."""

    async def bind(self, request: BindRequest) -> BindResult:
        return replace(await super().bind(request), external_reference=f"P-{next(NUMBERS)}")


@found_by("test_charges_raised_before_an_unbinding_are_still_collected")
class ForgetsTheUnbound(Reference):
    """Lets a charge wait for ever once its account has left."""

    gone: set[UUID] = set()

    async def unbind(self, account_id: UUID) -> None:
        self.gone.add(account_id)

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        staying = tuple(charge for charge in batch.charges if charge.account_id not in self.gone)
        return await super().settle(replace(batch, charges=staying))


@found_by("test_its_capabilities_are_what_it_implements")
class GrantsOnTheQuiet(Reference):
    """Has vouchers, and no protocol that says so: nobody would ever ask for them."""

    async def void_voucher(self, fund_id: UUID, reason: str, now: datetime) -> None:
        return None


@found_by("test_its_key_names_and_currencies_are_well_formed")
class EnglishOnly(Reference):
    """Has no Chinese name."""

    def describe(self) -> ChannelDescription:
        return replace(super().describe(), display_name={"en": "English", "zh": "English"})


@found_by("test_its_configuration_schema_is_json_schema")
class NoSchema(Reference):
    """Describes its configuration in a language of its own."""

    def describe(self) -> ChannelDescription:
        return replace(super().describe(), configuration_schema={"type": "payer"})


@found_by("test_its_configuration_schema_is_json_schema")
class AsksInEnglish(Reference):
    """Asks customers for something that has no name in Chinese."""

    def describe(self) -> ChannelDescription:
        about = super().describe()
        payer = {"type": "string", "title": "Payer"}
        return replace(about, configuration_schema={**about.configuration_schema, "properties": {"payer": payer}})


@found_by("test_its_page_to_buy_is_a_web_page")
class SellsByScript(Reference):
    """Sends customers where no page is."""

    async def purchase_url(self) -> str | None:
        return "javascript:alert(1)"


@found_by("test_its_limits_are_possible")
class NoBatch(Reference):
    """Must be handed charges before they are due."""

    def describe(self) -> ChannelDescription:
        about = super().describe()
        return replace(about, limits=replace(about.limits, push_within=timedelta(hours=-1)))


@found_by("test_its_description_never_changes")
class ChangesItsMind(Reference):
    """Takes another currency once started."""

    def describe(self) -> ChannelDescription:
        return replace(super().describe(), currencies=frozenset({"CNY", "USD"} if self.host else {"CNY"}))


@found_by("test_a_route_is_never_found_by_chance")
class AnswersAnything(Reference):
    """Answers any path."""

    def routes(self) -> Sequence[object]:
        from starlette.responses import Response
        from starlette.routing import Route

        async def anything(request: Request) -> Response:
            return Response()

        return [*super().routes(), Route("/{anything}", anything)]


class WithTables(Reference):
    """Has tables; what it keeps besides, it keeps in the enterprise account's."""

    def describe(self) -> ChannelDescription:
        return replace(super().describe(), tortoise_app=EnterpriseAccount().describe().tortoise_app)

    async def keep(self, id: UUID) -> None:
        """Keep a row, which may be there already; without a savepoint, that spoils the caller's transaction."""
        with suppress(IntegrityError):
            await Wallet.create(account_id=id, opened_at=datetime.now(UTC))


@found_by("test_unbinding_leaves_the_callers_transaction_usable")
class UnbindsWithoutASavepoint(WithTables):
    """Notes who left, where it noted who came."""

    async def bind(self, request: BindRequest) -> BindResult:
        await self.keep(request.account_id)
        return await super().bind(request)

    async def unbind(self, account_id: UUID) -> None:
        await self.keep(account_id)


@found_by("test_a_fallback_is_bound_in_the_callers_transaction_which_stays_usable")
class BindsWithoutASavepoint(WithTables):
    """Notes who came, whenever somebody comes."""

    async def bind(self, request: BindRequest) -> BindResult:
        await self.keep(request.account_id)
        return await super().bind(request)


@found_by("test_money_is_booked_in_the_callers_transaction_which_stays_usable")
class ConfirmsWithoutASavepoint(WithTables):
    """Notes what was confirmed, whenever it is."""

    async def confirm_top_up(self, top_up_id: UUID, *asked: Any) -> TopUp:
        await self.keep(top_up_id)
        return await super().confirm_top_up(top_up_id, *asked)


@found_by("test_what_is_booked_is_undone_with_the_callers_transaction")
class BooksByItself(WithTables):
    """Keeps what was confirmed where no transaction reaches."""


PLUGINS = {mutant.key: Plugin(mutant) for mutant in FINDS}
globals().update(PLUGINS)
