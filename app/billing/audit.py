"""What to ask of the books: every figure against what it is made of. An answer is a sentence naming a difference."""

from __future__ import annotations

from app.db.sql import statement

QUESTIONS = {
    name: statement(__file__, f"audit/{name}")
    for name in (
        "transactions_sum_to_zero",
        "transactions_have_entries",
        "charges_are_posted",
        "postings_equal_charges",
        "discounts_equal_lines",
        "deferred_equals_unrecognized",
        "charges_have_orders",
        "settlements_equal_postings",
        "shared_charges_are_paid_once",
        "receivables_equal_open_charges",
        "credits_within_charges",
        "credits_have_notes",
        "statements_are_of_their_account",
        "invoices_equal_entries",
        "providers_agree",
    )
}
"""Each question by its name, which says what holds where it has no answer."""
