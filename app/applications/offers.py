"""An offer is made: what a contract would cost, and when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app import clock
from app.applications.handling import refuse_closed
from app.applications.models import Application, ApplicationState, Offer
from app.catalog.models import Edition
from app.catalog.queries import edition_at
from app.catalog.terms import check_version
from app.constants import MOST_DATA_KITS, NO_LIMIT
from app.contracts.queries import refuse_overlap, zone_ahead
from app.errors import ApplicationConflict, InvalidInput
from app.events.recording import Actor, record
from app.inputs import above_zero, day_between, not_before

MOST_INSTALMENTS = 120
MOST_MONTHS = 120
LONGEST = timedelta(days=3660)


@dataclass(frozen=True)
class ScheduledPayment:
    """An instalment: minor units due on a day."""

    due_on: date
    amount_minor: int


@dataclass(frozen=True)
class OfferTerms:
    """What is offered; the words are those of ``Offer``."""

    price_minor: int
    currency: str
    dk_limit: int
    starts_on: date
    ends_on: date
    schedule: Sequence[ScheduledPayment]
    valid_until: datetime
    product_version: str | None = None


async def make_offer(application: Application, terms: OfferTerms, actor: Actor) -> Offer:
    """Offer terms for an application under review; they replace those offered before.

    Raises:
        ApplicationConflict: nobody took the application, it is closed, or a contract runs then.
        InvalidInput: the terms contradict each other or the edition, or lie in the past.
    """
    refuse_closed(application)
    if application.manager_id is None:
        raise ApplicationConflict(
            reason_en="take the application first",
            reason_zh="请先领取该申请",
            operations=("takeApplication",),
            path=("applicationId",),
        )
    account = application.account
    _check(terms, account.now(), await zone_ahead(account.id))
    _check_edition(terms, await edition_at(application.edition, account.now()))
    await refuse_overlap(account.id, terms.starts_on, terms.ends_on)
    offer = await Offer.create(
        application_id=application.id,
        account_id=account.id,
        price_minor=terms.price_minor,
        currency=terms.currency,
        dk_limit=terms.dk_limit,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        product_version=terms.product_version,
        schedule=[
            {"due_on": payment.due_on.isoformat(), "amount_minor": payment.amount_minor} for payment in terms.schedule
        ],
        valid_until=terms.valid_until,
        made_at=account.now(),
    )
    application.state, application.lapses_at = ApplicationState.OFFERED, terms.valid_until
    await application.save(update_fields=["state", "lapses_at"])
    after = {
        "application": str(application.id),
        "offer": str(offer.id),
        "priceMinor": offer.price_minor,
        "currency": offer.currency,
        "validUntil": offer.valid_until.isoformat(),
    }
    await record(account.id, account.now(), "application.offered", actor, after=after)
    return offer


def _check_edition(terms: OfferTerms, edition: Edition) -> None:
    least, step = edition.least_term_months, edition.term_step_months
    months = range(least, MOST_MONTHS + 1, step) if step else range(least, least + 1)
    ends = [clock.add_months(terms.starts_on, count) - timedelta(days=1) for count in months]
    if least and terms.ends_on not in ends and (step or terms.ends_on < ends[0]):
        raise InvalidInput(
            reason_en=f"the {edition.key.en} edition is for {least} months at the least"
            + (f", and {step} more each" if step else "")
            + f": its last day is one such as {ends[0]}",
            reason_zh=f"{edition.key.zh}最短 {least} 个月"
            + (f"，按 {step} 个月递增" if step else "")
            + f"：结束日期例如 {ends[0]}",
            path=("endsOn",),
        )
    if edition.perpetual != (terms.product_version is not None):
        raise InvalidInput(
            reason_en=f"the {edition.key.en} edition is for the perpetual use of a version: name it"
            if edition.perpetual
            else f"the {edition.key.en} edition is not for the use of one version: name none",
            reason_zh=f"{edition.key.zh}授权永久使用某一版本：请填写"
            if edition.perpetual
            else f"{edition.key.zh}不限定版本：请勿填写",
            path=("productVersion",),
        )
    if terms.product_version is not None:
        check_version(terms.product_version, ("productVersion",))


def _check(terms: OfferTerms, now: datetime, zone: str) -> None:
    today = clock.local_day(now, zone)
    if terms.dk_limit != NO_LIMIT and not 1 <= terms.dk_limit <= MOST_DATA_KITS:
        raise InvalidInput(
            reason_en=f"dkLimit must be -1 (none) or 1 to {MOST_DATA_KITS}",
            reason_zh=f"dkLimit 须为 -1（不限）或 1 到 {MOST_DATA_KITS}",
            path=("dkLimit",),
        )
    not_before(terms.starts_on, today, "startsOn")
    if not terms.starts_on <= terms.ends_on <= today + LONGEST:
        raise InvalidInput(
            reason_en="endsOn must be startsOn or later, within ten years",
            reason_zh="endsOn 不得早于 startsOn，且须在十年之内",
            path=("endsOn",),
        )
    if terms.valid_until.tzinfo is None or not now < terms.valid_until <= clock.day_end(terms.ends_on, zone):
        raise InvalidInput(
            reason_en="validUntil must be with its offset, after now, and not after the end of endsOn",
            reason_zh="validUntil 须带时区偏移，晚于当前时间，且不晚于 endsOn 当日结束",
            path=("validUntil",),
        )
    if terms.price_minor < 0 or sum(payment.amount_minor for payment in terms.schedule) != terms.price_minor:
        raise InvalidInput(
            reason_en="the amounts of the schedule must sum up to the price",
            reason_zh="schedule 各期金额之和必须等于价格",
            path=("schedule",),
        )
    if len(terms.schedule) > MOST_INSTALMENTS:
        raise InvalidInput(
            reason_en=f"at most {MOST_INSTALMENTS} instalments",
            reason_zh=f"最多 {MOST_INSTALMENTS} 期",
            path=("schedule",),
        )
    for index, payment in enumerate(terms.schedule):
        path = ("schedule", str(index))
        above_zero(payment.amount_minor, (*path, "amount"))
        day_between(payment.due_on, today, terms.ends_on, (*path, "dueOn"))
