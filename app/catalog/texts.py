"""What a price plan says in words, in Chinese and English: the catalog, announcements and agreements are made of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from app.catalog.models import Edition, Meter, PricePlan, TierMode
from app.money import major

PRICE = "{price}"
"""In a line of what an edition includes, the price, a sentence a line."""
FREE_PERIOD = "{free_period}"
"""In a line of what an edition includes, how long the free period is; without one, the line is left out."""
UNITS = ((86_400, "天", "day"), (3_600, "小时", "hour"), (60, "分钟", "minute"), (1, "秒", "second"))


def price_texts(plan: PricePlan, meter: Meter) -> dict[str, list[str]]:
    """What a billing day costs, a sentence a line, by language: all of the plan but its free period."""
    zh, en = zip(*_sentences(plan, meter), strict=True)
    return {"zh": list(zh), "en": list(en)}


def included(edition: Edition, plan: PricePlan | None, meter: Meter | None, language: str) -> list[str]:
    """What an edition includes at the terms of ``plan``, whose meter is ``meter``; what a plan that is not there would
    fill in is left out."""
    prices = price_texts(plan, meter)[language] if plan and meter else []
    free = free_period(plan.free_period_seconds)[language] if plan and plan.free_period_seconds else None
    lines: list[str] = []
    for line in edition.included[language]:
        if PRICE in line:
            lines += [line.replace(PRICE, price) for price in prices]
        elif FREE_PERIOD not in line:
            lines.append(line)
        elif free:
            lines.append(line.replace(FREE_PERIOD, free))
    return lines


def free_period(seconds: int) -> dict[str, str]:
    """A length of time in the largest unit that it is a whole number of, by language."""
    size, zh, en = next(unit for unit in UNITS if seconds % unit[0] == 0)
    count = seconds // size
    return {"zh": f"{count} {zh}", "en": f"{count} {en}{'' if count == 1 else 's'}"}


def _sentences(plan: PricePlan, meter: Meter) -> Iterator[tuple[str, str]]:
    unit = meter.unit
    many = "" if plan.units_per_price == 1 else f"{plan.units_per_price:,} "
    per = (f"每 {many}{unit} 每日", f"for {'every' if many else 'each'} {many}{unit} and day")
    if not plan.tiers:
        price = _amount(plan.unit_price_minor, plan)
        yield f"{per[0]} {price}", f"{price} {per[1]}"
    begins = 0
    for tier in plan.tiers:
        yield _tier(plan, tier, begins, per)
        begins = tier.get("up_to") or 0
    if plan.free_quantity:
        yield f"每日前 {plan.free_quantity:,} {unit} 免费", f"the first {plan.free_quantity:,} {unit} of a day are free"
    if plan.minimum_quantity:
        least = f"{plan.minimum_quantity:,} {unit}"
        yield f"每日不足 {least} 按 {least} 计", f"fewer than {least} count as {plan.minimum_quantity:,}"
    if plan.base_minor:
        base = _amount(plan.base_minor, plan)
        yield f"另收每日基础费 {base}", f"a base fee of {base} a day"


def _tier(plan: PricePlan, tier: dict[str, int | None], begins: int, per: tuple[str, str]) -> tuple[str, str]:
    price, flat = _amount(tier["unit_price_minor"] or 0, plan), tier.get("flat_minor") or 0
    bound = tier.get("up_to")
    if plan.tier_mode == TierMode.VOLUME:
        zh = f"每日达 {begins + 1:,} 起" if bound is None else f"每日 {begins + 1:,} 至 {bound:,}"
        en = f"days of {begins + 1:,} or more" if bound is None else f"days of {begins + 1:,} to {bound:,}"
        zh, en = f"{zh}，全部{per[0]} {price}", f"{en}: {price} {per[1]}, for all units"
    else:
        zh = f"第 {begins + 1:,} 起" if bound is None else f"第 {begins + 1:,} 至 {bound:,}"
        en = f"from unit {begins + 1:,} on" if bound is None else f"units {begins + 1:,} to {bound:,}"
        zh, en = f"{zh}，{per[0]} {price}", f"{en}: {price} {per[1]}"
    if flat:
        zh, en = f"{zh}，另加 {_amount(flat, plan)}", f"{en}, and {_amount(flat, plan)} once"
    return zh, en


def _amount(minor: int, plan: PricePlan) -> str:
    amount: Decimal = major(minor, plan.currency)
    return f"{amount:,f} {plan.currency}"
