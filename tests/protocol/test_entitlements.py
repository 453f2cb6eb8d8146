"""What a deployment may do, by its receipt and the time alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.protocol.entitlements import Level, Why, entitlements, upgrade_allowed
from tests.protocol.examples import NOW, RECEIPT, REVOCATIONS

DAY = 86_400


@pytest.mark.parametrize(
    ("seconds", "level", "reason"),
    [
        (-301, Level.COMMUNITY, Why.CLOCK_BEHIND),
        (-300, Level.FULL, Why.LEASE_VALID),
        (14 * DAY + 299, Level.FULL, Why.LEASE_VALID),
        (14 * DAY + 300, Level.WARNING, Why.RENEWAL_DUE),
        (28 * DAY + 299, Level.WARNING, Why.RENEWAL_DUE),
        (28 * DAY + 300, Level.COMMUNITY, Why.LEASE_ENDED),
        (365 * DAY + 300, Level.COMMUNITY, Why.LICENSE_EXPIRED),
    ],
)
def test_a_lease_ends_by_steps(seconds: int, level: Level, reason: Why) -> None:
    found = entitlements(RECEIPT, NOW + timedelta(seconds=seconds))
    assert (found.level, found.reason) == (level, reason)


def test_the_license_may_end_before_the_lease() -> None:
    short = replace(RECEIPT, license_expires_at=NOW + timedelta(days=2))
    assert entitlements(short, NOW).until == NOW + timedelta(days=2)
    assert entitlements(short, NOW + timedelta(days=3)).reason == Why.LICENSE_EXPIRED


def test_a_revocation_ends_it_at_once() -> None:
    assert entitlements(RECEIPT, NOW, REVOCATIONS).reason == Why.LICENSE_REVOKED
    assert entitlements(RECEIPT, NOW, replace(REVOCATIONS, revoked={})).level == Level.FULL


def test_without_a_receipt_it_is_the_community_edition() -> None:
    assert entitlements(None, NOW).reason == Why.NOT_ACTIVATED


@given(st.integers(0, 400 * DAY), st.integers(0, 400 * DAY))
def test_time_alone_never_gives_more(first: int, then: int) -> None:
    order = list(Level)
    early, late = sorted((first, then))
    levels = [entitlements(RECEIPT, NOW + timedelta(seconds=at)).level for at in (early, late)]
    assert order.index(levels[0]) <= order.index(levels[1])


@pytest.mark.parametrize(("limit", "connected", "allowed"), [(-1, 10**6, True), (100, 100, True), (100, 101, False)])
def test_an_upgrade_is_refused_above_the_limit(limit: int, connected: int, allowed: bool) -> None:
    assert upgrade_allowed(limit, connected) is allowed
