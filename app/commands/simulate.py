"""``billing launcher simulate``: deployments in numbers, on a sandbox clock (docs/simulation.md)."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands.running import console

Url = Annotated[str | None, typer.Option(help="The billing center; by default that of BILLING_HOST and BILLING_PORT.")]


def simulate(
    url: Url = None,
    deployments: Annotated[int, typer.Option(min=1, help="How many deployments report.")] = 10,
    data_kits: Annotated[
        int, typer.Option("--datakits", min=1, max=5000, help="How many DataKits each of them has at the most.")
    ] = 50,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many billing days are played.")] = 3,
    accounts: Annotated[
        int | None,
        typer.Option(min=1, help="Over how many accounts the deployments are spread; by default 100 to each."),
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=100, help="How many calls are under way at once.")] = 8,
    late: Annotated[float, typer.Option(min=0, max=1, help="The share of hours reported 1 to 36 hours late.")] = 0.05,
    repeated: Annotated[float, typer.Option(min=0, max=1, help="The share of hours reported twice.")] = 0.05,
    seed: Annotated[int, typer.Option(help="The same seed gives the same usage.")] = 1,
) -> None:
    """Play deployments for some billing days, and hold what the server charged against what they reported.

    Registers sandbox accounts of its own, whose clock it moves. Exit codes: 0 every day was charged as it should be, 1
    the server refused something or stayed away, 2 a day was charged otherwise.
    """
    import httpx

    from app.launcher.client import Refused, reach
    from app.launcher.display import verdict, watched
    from app.launcher.fleet import Fleet
    from app.launcher.simulation import DEPLOYMENTS_OF_AN_ACCOUNT, Simulation
    from app.settings import get_settings

    spread = accounts or -(-deployments // DEPLOYMENTS_OF_AN_ACCOUNT)
    if spread > deployments:
        raise typer.BadParameter("there are more accounts than deployments", param_hint="--accounts")
    fleet = Fleet(seed, deployments, data_kits, late, repeated)
    try:
        with (
            Simulation(reach(url or get_settings().base_url), fleet, days, spread, concurrency) as simulation,
            watched(simulation, console) as day_ended,
        ):
            checks = simulation.run(day_ended)
    except (Refused, httpx.HTTPError) as error:
        console.print(f"[red]stopped:[/] {error}", highlight=False)
        raise typer.Exit(1) from None
    console.print(verdict(checks))
    wrong = sum(1 for check in checks if check.difference) + simulation.tally["miscounted"]
    if wrong:
        console.print(f"[red]{wrong} differences[/] between what was reported and what was counted or charged")
        raise typer.Exit(2)
    console.print(f"[green]every day was charged as it should be[/]: {len(checks)} of {len(checks)}")
