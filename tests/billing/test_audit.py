"""Every question of the books finds what it is asked for, and none answers while they are right."""

from __future__ import annotations

import pytest

from app.billing import ledger
from app.billing.audit import QUESTIONS
from app.billing.models import Charge
from app.statements.issuing import issue_due
from tests.conftest import TravellingClock
from tests.db.restoring import execute
from tests.statements.conftest import Billed, billed

__all__ = ["billed"]

TABLES = ("charge", "credit_note", "journal_entry", "journal_transaction", "statement", "statement_charge")
RAISED = "(SELECT id FROM journal_transaction WHERE kind = 'charge.raised' AND reference = '{first}')"

CORRUPTIONS = {
    "transactions_sum_to_zero": "UPDATE journal_entry SET amount_minor = amount_minor + 1 WHERE id = "
    f"(SELECT id FROM journal_entry WHERE transaction_id = {RAISED} ORDER BY id LIMIT 1)",
    "transactions_have_entries": f"DELETE FROM journal_entry WHERE transaction_id = {RAISED}",
    "charges_are_posted": f"UPDATE journal_transaction SET reference = gen_random_uuid() WHERE id = {RAISED}",
    "postings_equal_charges": "UPDATE journal_entry SET amount_minor = amount_minor * 2 "
    f"WHERE transaction_id = {RAISED}",
    "discounts_equal_lines": "UPDATE journal_entry SET ledger_account_id = 'discounts' "
    f"WHERE transaction_id = {RAISED} AND ledger_account_id = 'revenue'",
    "deferred_equals_unrecognized": "UPDATE journal_entry SET ledger_account_id = 'deferred' "
    f"WHERE transaction_id = {RAISED} AND ledger_account_id = 'revenue'",
    "charges_have_orders": "DELETE FROM settlement WHERE charge_id = '{first}'",
    "settlements_equal_postings": "UPDATE settlement SET state = 'SETTLED' WHERE charge_id = '{first}'",
    "shared_charges_are_paid_once": "UPDATE settlement SET state = 'SETTLED', payer_id = gen_random_uuid() "
    "WHERE charge_id = '{first}'",
    "receivables_equal_open_charges": "UPDATE settlement SET state = 'SETTLED' WHERE charge_id = '{first}'",
    "credits_within_charges": "UPDATE charge SET kind = 'CREDIT_NOTE', corrects_id = '{second}' WHERE id = '{first}'",
    "credits_have_notes": "UPDATE charge SET kind = 'CREDIT_NOTE', corrects_id = '{second}' WHERE id = '{first}'",
    "statements_are_of_their_account": "UPDATE statement SET account_id = (SELECT id FROM account "
    "WHERE id <> '{account}' LIMIT 1)",
    "invoices_equal_entries": "INSERT INTO invoice (id, account_id, state, type, medium, title_kind, title, country, "
    "email, amount_minor, currency, requested_by, requested_at) VALUES (gen_random_uuid(), '{account}', 'REQUESTED', "
    "'GENERAL_VAT', 'ELECTRONIC', 'PERSONAL', 'x', 'CN', 'x', 1, 'CNY', 'x', now())",
    "providers_agree": "INSERT INTO reconciliation_case (id, channel, charge_id, kind, details, opened_at, sandbox) "
    "VALUES (gen_random_uuid(), 'guance', '{first}', 'AMOUNT_DIFFERS', '{{}}', now(), false)",
}
"""What makes each question answer; as a fault, or somebody with the database's password, might."""


def test_every_question_is_made_to_answer() -> None:
    assert set(CORRUPTIONS) == set(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_finds_what_it_is_asked_for(
    billed: Billed, travelling_clock: TravellingClock, question: str
) -> None:
    await execute("INSERT INTO account SELECT gen_random_uuid(), name, edition, sandbox, 0, created_at FROM account")
    await billed.travel("2026-04-03T00:00:00")
    travelling_clock.forward(minutes=16)  # no statement waits any more for what is not settled
    await issue_due()
    first, second = (await Charge.filter(account_id=billed.key).order_by("day").limit(2))[:2]
    assert await ledger.check() == []
    for table in TABLES:
        await execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    await execute(CORRUPTIONS[question].format(first=first.id, second=second.id, account=billed.key))
    answers = [str(*row.values()) for row in await QUESTIONS[question].rows()]
    assert len(answers) >= 1
    assert set(answers) <= set(await ledger.check())
