"""A thousand charges, trouble at the provider, workers killed in the middle: each is collected once, and all agree."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain

import pytest
from settlement_aws.models import SubscriptionState

from app.billing.models import ChargeKind
from tests.conformance import around_aliyun, around_aws, around_guance
from tests.settlement.debts import raise_charges
from tests.settlement.dying_workers import NEXT_ATTEMPT_IS_NOW, assert_collected_once, settle_with_workers_that_die
from tests.standins import aliyun, aws

CHARGES = 1_000
CUSTOMERS = 250
INSTANCE_TAKES_A_PUSH = """
UPDATE aliyun_instance SET next_push_at = NULL WHERE id IN (
    SELECT i.id FROM aliyun_instance i WHERE next_push_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM settlement s JOIN channel_binding b ON b.id = s.binding_id
        WHERE b.external_reference = i.id AND s.claimed_until > now())
    FOR UPDATE SKIP LOCKED)
"""
"""A minute has passed for the instances that no worker has in hand."""


@pytest.mark.slow
async def test_the_enterprise_account_collects_each_charge_once(database: str) -> None:
    charges = await raise_charges("guance", [str(n) for n in range(CHARGES)])
    settings = {"BILLING_FALLBACK_CHANNEL": "guance", "BILLING_CHANNEL_TIMEOUT_SECONDS": "2"}
    await settle_with_workers_that_die(database, settings, kills=4)
    owed = [(charge, str(charge.account_id)) for charge in charges]
    await assert_collected_once("guance", owed, await around_guance.collected(), in_units=False)


@pytest.mark.slow
async def test_aws_collects_each_charge_once(database: str) -> None:
    """Four accounts a subscription: AWS takes one record of a customer's hour, so each has records in several hours."""
    async with aws.Aws().serving() as standin:
        now = datetime.now(UTC)
        buyers = [around_aws.subscription(n, now, SubscriptionState.SUBSCRIBED) for n in range(CUSTOMERS)]
        for one in buyers:
            standin.customer(one.customer, one.license_arn)
        owed = await around_aws.raise_charges_of(buyers, CHARGES)
        standin.faults.extend(_faults(aws.MISBEHAVIOURS))
        settings = _settings("AWS", standin.settings() | {"timeout_seconds": "1"})
        await settle_with_workers_that_die(database, settings, kills=3, within=0.5, hurry=[NEXT_ATTEMPT_IS_NOW])
        await assert_collected_once("aws", owed, await around_aws.collected(standin), in_units=True)


@pytest.mark.slow
async def test_aliyun_collects_each_charge_once(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four accounts an instance, with a record each, or one together.

    A record whose answer was lost is sent again, which the seller may choose where the marketplace is known to book
    the same instance and times once, as the stand-in does. By default such a record waits for a person.
    """
    monkeypatch.setattr(aliyun, "EVERY", 0)
    async with aliyun.Standin().serving() as standin:
        for number in range(CUSTOMERS):
            standin.add(f"i-{number}")
        await around_aliyun.create_instances(standin.instances.values(), datetime.now(UTC))
        instances = [f"i-{n % CUSTOMERS}" for n in range(CHARGES)]
        charges = await raise_charges("aliyun", instances, ChargeKind.DAILY)
        standin.faults.extend(_faults(aliyun.FAULTS))
        settings = _settings("ALIYUN", standin.settings() | {"call_seconds": "1", "after_lost_answer": "resend"})
        hurry = [INSTANCE_TAKES_A_PUSH, NEXT_ATTEMPT_IS_NOW]
        await settle_with_workers_that_die(database, settings, kills=3, within=0.5, hurry=hurry)
        owed = list(zip(charges, instances, strict=True))
        await assert_collected_once("aliyun", owed, await around_aliyun.collected(standin), in_units=True)


def _faults(kinds: Sequence[str]) -> list[str]:
    """For the next requests: half of them are troubled, by every kind of fault in turn, in random order."""
    decks = [[*kinds, *[""] * len(kinds)] for _ in range(100)]
    return list(chain.from_iterable(random.sample(deck, len(deck)) for deck in decks))


def _settings(channel: str, settings: Mapping[str, str]) -> dict[str, str]:
    named = {f"BILLING_CHANNEL_{channel}_{name.upper()}": value for name, value in settings.items()}
    return {"BILLING_FALLBACK_CHANNEL": "guance", **named}
