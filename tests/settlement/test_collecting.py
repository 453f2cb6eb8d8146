"""What pays a charge has a place in the books, whatever kind of fund it is."""

from __future__ import annotations

from settlement_spec import Source

from app.settlement.collecting import ACCOUNTS


def test_every_source_of_money_has_its_ledger_account() -> None:
    assert set(ACCOUNTS) == set(Source)
