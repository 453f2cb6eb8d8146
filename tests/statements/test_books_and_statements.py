"""Whatever happens, statements sum to the charges, the charges to the journal, and the journal to zero."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.accounts.models import Account
from app.api.node import encode_id
from app.billing import ledger
from app.billing.books import trial_balance
from app.billing.models import Charge
from app.bootstrap import Runtime
from app.settlement.models import Settlement, SettlementState
from app.statements.aging import accruals
from app.statements.models import Statement
from app.statements.monthly import of_issued, statement_of
from app.statements.months import Month
from tests.api.driver import Api, activate, license_and_key, upgraded
from tests.conftest import TravellingClock
from tests.statements.conftest import Billed

STEPS = st.one_of(
    st.tuples(st.just("travel"), st.integers(1, 40)),
    st.tuples(st.just("report"), st.integers(1, 45)),
    st.tuples(st.just("settle"), st.just(0)),
    st.tuples(st.just("top up"), st.integers(1, 500_000)),
    st.tuples(st.just("credit"), st.integers(1, 12_000)),
)


async def take(billed: Billed, finance: Api, step: str, number: int) -> None:
    account = await billed.row()
    match step:
        case "travel":
            await billed.travel((account.now() + timedelta(days=number, hours=8)).strftime("%Y-%m-%dT00:00:01"))
        case "report":
            hour = account.now() + timedelta(hours=8) - timedelta(days=number % 20, hours=1)
            await billed.report(hour.strftime("%Y-%m-%dT%H:00:00"), number, f"day{number % 3}")
        case "settle":
            await billed.settle()
        case "top up":
            amount = f"{number // 100}.{number % 100:02}"
            asked = await billed.api.call("requestTopUp", "topUp { id }", accountId=billed.account, amount=amount)
            of = asked["topUp"]["id"]
            await finance.call("confirmTopUp", "__typename", topUpId=of, bankReference=of, receivedAmount=amount)
        case "credit":
            newest = await Charge.filter(account_id=account.id, amount_minor__gt=0).order_by("-id").first()
            if newest is not None:
                amount, of = f"{number // 100}.{number % 100:02}", encode_id("Charge", newest.id)
                await finance.call("issueCreditNote", "__typename", chargeId=of, amount=amount, reason="goodwill")


async def the_books_agree(account: Account) -> None:
    assert await ledger.check() == []
    assert sum(line.balance_minor for line in await trial_balance(sandboxes=True)) == 0
    charges = await Charge.filter(account_id=account.id)
    charged = sum(charge.amount_minor for charge in charges)
    stated: Counter[str] = Counter()
    months = {Month(charge.day.replace(day=1)) for charge in charges}
    for issued in await Statement.filter(account_id=account.id):
        stated.update(await of_issued(account, issued).totals())
        months |= {Month(issued.month), Month(issued.month).next()}
    for month in months:
        seen = await statement_of(account, str(month))
        if seen.issued is None:
            stated.update(await seen.totals())
    assert stated["CNY"] == charged
    balances = await ledger.balances(account.id)
    assert balances.get((ledger.REVENUE, "CNY"), 0) == -charged
    open_ones = Settlement.filter(account_id=account.id).exclude(state=SettlementState.SETTLED)
    owed = sum(row.charge.amount_minor for row in await open_ones.select_related("charge"))
    assert balances.get((ledger.RECEIVABLE, "CNY"), 0) == owed
    lines = await trial_balance(sandboxes=True)
    receivable = sum(line.balance_minor for line in lines if line.ledger_account == ledger.RECEIVABLE)
    assert sum(line.amount_minor for line in await accruals(sandboxes=True)) == receivable


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
async def test_after_any_sequence_the_books_and_the_statements_agree(
    api: Api, travelling_clock: TravellingClock, runtime: Runtime, finance: Api, steps: list[tuple[str, int]]
) -> None:
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk, f"fingerprint-{account}")
    billed = Billed(mine, account, ak, sk, runtime, f"fingerprint-{account}")
    await billed.travel("2026-03-20T00:00:00")
    for step, number in steps:
        await take(billed, finance, step, number)
        await the_books_agree(await billed.row())
