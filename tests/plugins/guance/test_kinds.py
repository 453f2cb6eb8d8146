"""The kinds of vouchers and cards: each has its place, and a rule of its own is all that a new one needs."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from settlement_guance.deduction import Held, deduct
from settlement_guance.kinds import KINDS, Place, PlainVoucher
from settlement_spec import Source

from tests.plugins.guance.books import NOW

EXPIRY = NOW + timedelta(days=1)


def test_the_kinds_pay_in_the_order_that_the_specification_shows() -> None:
    assert [*(kind.source for kind in KINDS), Source.CASH] == list(Source)


def test_every_part_of_a_wallet_is_a_place_in_its_books() -> None:
    assert {*Source} <= {*Place}


def test_a_kind_may_cover_a_share_of_a_charge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlainVoucher, "covers", lambda self, minor: minor // 2)
    funds = [
        Held(Source.VOUCHER, 1_000, UUID(int=1), EXPIRY),
        Held(Source.VOUCHER, 10, UUID(int=2), EXPIRY),
        Held(Source.CARD, 300, UUID(int=3), EXPIRY),
    ]
    parts = deduct(1_000, funds, NOW)
    assert [(part.source, part.minor) for part in parts] == [
        (Source.VOUCHER, 500),
        (Source.VOUCHER, 10),
        (Source.CARD, 300),
        (Source.CASH, 190),
    ]


def test_no_kind_covers_more_than_it_has_or_than_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlainVoucher, "covers", lambda self, minor: minor * 3)
    parts = deduct(100, [Held(Source.VOUCHER, 70, UUID(int=n), EXPIRY) for n in (1, 2, 3)], NOW)
    assert [part.minor for part in parts] == [70, 30]
