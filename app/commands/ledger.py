"""``billing ledger``: the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.running import console, looking, table
from app.commands.times import IN_ZONE, instant

if TYPE_CHECKING:
    from app.bootstrap import Runtime

ledger = typer.Typer(no_args_is_help=True, help="The journal of everything owed and paid.")


@ledger.command("check")
def ledger_check() -> None:
    """Recompute every figure of the books and name each difference; exits with 1 if there is one.

    The journal against charges, settlements, credit notes and statements; top-ups against the channels' own records;
    and the cases that reconciliation left open.
    """

    async def run(runtime: Runtime) -> None:
        from app.settlement.audit import check

        differences = await check(runtime.host)
        for difference in differences:
            console.print(difference, style="red", markup=False, highlight=False)
        if differences:
            raise typer.Exit(1)
        console.print("the books are right")

    looking(run)


@ledger.command("trial-balance")
def ledger_trial_balance(
    until: Annotated[str | None, typer.Option(help=f"Only what was posted before this instant, {IN_ZONE}.")] = None,
    sandboxes: Annotated[bool, typer.Option("--sandboxes", help="Also what is of sandbox accounts.")] = False,
) -> None:
    """Show every ledger account's turnover and balance, and what is owed by age; the balances sum to zero."""

    async def show(runtime: Runtime) -> None:
        from app.billing.books import trial_balance
        from app.money import in_major_units
        from app.statements.aging import accruals

        lines = await trial_balance(instant(until, "--until"), sandboxes)
        balances = table("ledger account", "currency", "debit", "credit", "balance")
        for line in lines:
            minor = (line.debit_minor, line.credit_minor, line.balance_minor)
            balances.add_row(
                line.ledger_account, line.currency, *(in_major_units(part, line.currency) for part in minor)
            )
        console.print(balances)
        owed = table("days", "channel", "currency", "charges", "owed and not collected")
        for age in await accruals(sandboxes):
            days = f"{age.from_days}-{age.to_days}" if age.to_days else f"{age.from_days} and more"
            owed.add_row(
                days, age.channel, age.currency, str(age.charges), in_major_units(age.amount_minor, age.currency)
            )
        console.print(owed)

    looking(show)
