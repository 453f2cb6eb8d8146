"""Accepting an offer: a contract with its instalments comes of it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from app import clock
from app.applications.handling import close, lock_application
from app.applications.models import ApplicationState, Offer
from app.applications.queries import newest_offer
from app.catalog.publishing import negotiated_plan
from app.contracts.models import Contract, ContractState, Instalment
from app.contracts.queries import refuse_overlap, zone_ahead
from app.errors import ApplicationConflict, NotFound
from app.events.recording import Actor
from app.journey.contracts import advance
from app.journey.ways import by_offers, refuse
from app.settlement.arrears import refuse_in_arrears
from app.settlement.carrying import instalments, uncarried
from app.settlement.host import ChannelHost
from app.settlement.queries import bound_channel
from app.steps import NextAction
from app.upgrades.ending import bill_up_to


async def accept_offer(host: ChannelHost, offer_id: UUID, actor: Actor) -> Contract:
    """Accept an offer; accepting it again answers the same contract.

    It takes effect with the first day of ``starts_on``, or at once. Who accepts later than that has a contract from
    today on, and what was due before is due today: days that were charged otherwise stay as they are.

    Raises:
        NotFound: there is no such offer.
        ApplicationConflict: it lapsed, was replaced or withdrawn, a contract runs then, or the channel that pays for
            the account cannot collect it.
        StepOutOfOrder: the agreement is not accepted, no channel is bound, or something is owed.
    """
    found = await Offer.get_or_none(id=offer_id)
    if found is None:
        raise NotFound(what="offer", path=("offerId",))
    application = await lock_application(found.application_id, ("offerId",))
    account = application.account
    if made := await Contract.get_or_none(offer_id=found.id):
        return made
    offer = await newest_offer(application.id)
    if application.state != ApplicationState.OFFERED or offer.id != found.id:
        newer = application.state == ApplicationState.OFFERED
        raise ApplicationConflict(
            reason_en="another offer took its place" if newer else f"the application is {application.state.en}",
            reason_zh="已有新的报价" if newer else f"申请状态为“{application.state.zh}”",
            path=("offerId",),
        )
    await refuse_in_arrears(account)
    refuse((await by_offers(account, [offer])).missing(before=NextAction.ACCEPT_OFFER))
    if offer.price_minor > 0:
        await _check_channel(host, offer)
    zone = await zone_ahead(account.id)
    today = clock.local_day(account.now(), zone)
    starts_on = max(offer.starts_on, today)
    await refuse_overlap(account.id, starts_on, offer.ends_on)
    contract = Contract(
        account_id=account.id,
        offer_id=offer.id,
        plan=await negotiated_plan(account.id, application.edition, offer.currency, zone, account.now(), actor.label),
        edition=application.edition,
        state=ContractState.SCHEDULED,
        dk_limit=offer.dk_limit,
        starts_on=starts_on,
        ends_on=offer.ends_on,
        perpetual=offer.product_version is not None,
        product_version=offer.product_version,
        accepted_at=account.now(),
    )
    parts = [
        Instalment(
            contract_id=contract.id,
            account_id=account.id,
            position=position,
            due_on=max(date.fromisoformat(part["due_on"]), today),
            amount_minor=part["amount_minor"],
        )
        for position, part in enumerate(offer.schedule)
    ]
    await contract.save(force_create=True)
    await Instalment.bulk_create(parts)
    await close(application, ApplicationState.ACCEPTED, actor)
    await bill_up_to(account, starts_on - timedelta(days=1))
    await advance(account)
    return await Contract.get(id=contract.id)


async def _check_channel(host: ChannelHost, offer: Offer) -> None:
    binding = await bound_channel(offer.account_id)
    if binding and (left := uncarried(host, binding.channel, instalments(offer.currency))):
        raise ApplicationConflict(
            reason_en=f"{binding.channel} cannot collect {left.en}: choose another channel",
            reason_zh=f"{binding.channel} 无法收取{left.zh}：请选择其他结算方式",
            path=("offerId",),
        )
