"""The books: balanced, append-only, checkable; credits, accruals, and dumps that restore to the same."""

from __future__ import annotations

import subprocess
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError

from app.billing import ledger
from app.billing.books import trial_balance
from app.billing.models import Charge
from app.db.connection import credentials, tortoise_config
from app.settlement.host import ChannelHost
from app.statements.aging import accruals
from app.statements.models import StatementCharge
from tests.api.driver import Api
from tests.db.restoring import execute, restore
from tests.serving import BILLING, environment
from tests.statements.conftest import Billed, billed, finance

__all__ = ["billed", "finance"]


@pytest.mark.parametrize("table", ["charge", "journal_entry", "journal_transaction"])
async def test_the_database_refuses_to_change_the_journal_even_for_the_owner(database: str, table: str) -> None:
    for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        for session in ("", "SET session_replication_role = replica; "):
            with pytest.raises(asyncpg.RaiseError, match="never changed"):
                await execute(session + sql)
            await execute("SET session_replication_role = DEFAULT")


async def test_the_database_refuses_entries_that_do_not_sum_to_zero(billed: Billed) -> None:
    account, transaction = billed.key, uuid4()
    await execute(
        "INSERT INTO journal_transaction (id, account_id, kind, reference, at) "
        f"VALUES ('{transaction}', '{account}', 'test', '{transaction}', now())"
    )
    bank, revenue = ledger.BANK, ledger.REVENUE
    for entries in (
        [(bank, 5, "CNY"), (revenue, -4, "CNY")],
        [(bank, 5, "CNY"), (revenue, -5, "USD")],
        [(bank, 5, "CNY")],
    ):
        values = ", ".join(f"(gen_random_uuid(), '{transaction}', '{n}', {m}, '{c}')" for n, m, c in entries)
        with pytest.raises(IntegrityError, match="do not sum to zero"):
            await execute(
                "INSERT INTO journal_entry (id, transaction_id, ledger_account_id, amount_minor, currency) "
                f"VALUES {values}"
            )
    assert await ledger.check() == [f"transaction {transaction} (test) has no entries"]


async def test_the_trial_balance_follows_the_money(billed: Billed, finance: Api) -> None:
    await billed.travel("2026-03-12T12:00:00")
    top_up = await billed.api.call("requestTopUp", "topUp { id }", accountId=billed.account, amount="1000.00")
    for _ in range(2):
        confirmed = await finance.call(
            "confirmTopUp",
            "topUp { state }",
            topUpId=top_up["topUp"]["id"],
            bankReference="B-1",
            receivedAmount="1000.00",
        )
        assert confirmed["topUp"]["state"] == "CONFIRMED"
    await billed.settle()
    await billed.travel("2026-03-13T12:00:00")
    shown = await finance.data(
        "{ trialBalance(sandboxes: true) { kind channel balance { amount } } ledgerDifferences }"
    )
    assert {(line["kind"], line["channel"]): line["balance"]["amount"] for line in shown["trialBalance"]} == {
        ("BANK", None): "1000.00",
        ("PREPAID", "guance"): "-800.00",
        ("RECEIVABLE", None): "100.00",
        ("REVENUE", None): "-300.00",
    }
    assert shown["ledgerDifferences"] == []
    assert [(a.from_days, a.to_days, a.channel, a.amount_minor) for a in await accruals(sandboxes=True)] == [
        (0, 7, "guance", 10000)
    ]
    refused = await billed.api.answer("{ trialBalance { kind } }")
    assert refused["errors"][0]["extensions"]["code"] == "PERMISSION_DENIED"
    flow = await billed.api.account(billed.account, "incomeAndExpense { nodes { kind amount { amount } } }")
    assert [(node["kind"], node["amount"]["amount"]) for node in flow["incomeAndExpense"]["nodes"]] == [
        ("TOP_UP_CONFIRMED", "1000.00"),
        ("CHARGE_SETTLED", "-100.00"),
        ("CHARGE_SETTLED", "-100.00"),
    ]


async def test_a_credit_note_gives_back_at_most_the_charge_and_late_usage_is_priced_as_if_there_were_none(
    billed: Billed, finance: Api
) -> None:
    await billed.travel("2026-03-11T12:00:00")
    await billed.settle()
    charges = (await billed.api.account(billed.account, "charges { nodes { id } }"))["charges"]["nodes"]

    async def credit(amount: str) -> dict[str, object]:
        return dict(
            await finance.call(
                "issueCreditNote",
                "creditNote { reason charge { kind amount { amount } } credits { id } }",
                chargeId=charges[0]["id"],
                amount=amount,
                reason="an outage",
            )
        )

    assert (await credit("60.00"))["creditNote"] == {
        "reason": "an outage",
        "charge": {"kind": "CREDIT_NOTE", "amount": {"amount": "-60.00"}},
        "credits": charges[0],
    }
    over = await credit("40.01")
    assert over["__typename"] == "CreditLimitError"
    assert "40.00 CNY" in str(over["message"])
    assert (await credit("0.00"))["__typename"] == "InvalidInputError"
    await billed.report("2026-03-10T09:00:00", 30)
    await billed.travel("2026-03-11T12:00:01")
    raised = await Charge.filter(account_id=billed.key).order_by("sequence")
    assert [charge.amount_minor for charge in raised] == [10_000, -6_000, 5_000]
    await billed.settle()
    wallet = await billed.api.account(billed.account, "wallet { balance { amount } }")
    assert wallet["wallet"]["balance"]["amount"] == "-90.00"
    assert await ledger.check() == []
    refused = await billed.api.call(
        "issueCreditNote", "creditNote { id }", chargeId=charges[0]["id"], amount="1.00", reason="x"
    )
    assert refused["__typename"] == "PermissionDeniedError"


async def test_a_dump_restores_to_the_same_books(billed: Billed, database: str, tmp_path: Path) -> None:
    await billed.travel("2026-04-03T00:00:00")
    await billed.settle()
    dumped = await _everything()
    march = await billed.download("2026-03", "csv")
    base, _, query = database.partition("?")
    restored = f"{base}_restored" + (f"?{query}" if query else "")
    dump = tmp_path / "billing.sql"
    subprocess.run([BILLING, "db", "dump", dump], env=environment(tmp_path, database), check=True)
    name = f"{credentials(database)['database']}_restored"
    server = await asyncpg.connect(**{**credentials(database), "database": "postgres"})
    try:
        await server.execute(f"CREATE DATABASE {name}")
        restore(dump, restored)
        async with TortoiseContext() as context:
            await context.init(config=tortoise_config(restored, ChannelHost().tortoise_apps()))
            assert await ledger.check() == []
            assert await _everything() == dumped
            assert (await billed.download("2026-03", "csv")).content == march.content
            with pytest.raises(asyncpg.RaiseError, match="never changed"):
                await execute("DELETE FROM charge")
    finally:
        await server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await server.close()


async def _everything() -> list[object]:
    charges = await Charge.all().order_by("id").values()
    stated = await StatementCharge.all().order_by("id").values()
    return [charges, stated, await trial_balance()]
