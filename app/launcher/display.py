"""A simulation as it is watched: live on a terminal, a line for each day elsewhere, and the verdict at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import groupby

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from app.launcher.customer import DayCheck
from app.launcher.simulation import Simulation

DAYS_SHOWN = 7


@contextmanager
def watched(simulation: Simulation, console: Console) -> Iterator[Callable[[], None]]:
    """Show a simulation while it runs; what is given is to be called when a day ended."""
    if not console.is_terminal:
        yield lambda: console.print(_line(simulation), soft_wrap=True)
        return
    with Live(get_renderable=lambda: _panel(simulation), console=console, refresh_per_second=4):
        yield lambda: None


def verdict(checks: Sequence[DayCheck]) -> Table:
    """Each day over all accounts: what its reports come to, and what was charged."""
    table = Table("day", title="What was reported, and what was charged", title_justify="left")
    for heading in ("DataKits", "expected", "charged", "corrections", "difference"):
        table.add_column(heading, justify="right")
    for day in _by_day(checks):
        wrong = sum((abs(check.difference) for check in day), Decimal(0))
        table.add_row(
            str(day[0].day),
            f"{sum(check.data_kits for check in day):,}",
            f"{_total(day, 'expected'):,}",
            f"{_total(day, 'charged'):,}",
            str(sum(check.corrections for check in day)),
            f"[red]{wrong:,}[/]" if wrong else "0",
        )
    return table


def _panel(simulation: Simulation) -> Group:
    tally, hours = simulation.tally, 24 * simulation.days
    figures = Table.grid(padding=(0, 3))
    figures.add_row(
        f"day [bold]{min(simulation.hour // 24 + 1, simulation.days)}[/] of {simulation.days}, hour {simulation.hour}",
        f"[bold]{tally['calls']:,}[/] calls, {tally.per_second('calls'):,.0f}/s",
        f"[bold]{tally['data_kits']:,}[/] DataKits, {tally.per_second('data_kits'):,.0f}/s",
        f"{tally['late']:,} hours late, {tally['repeated']:,} repeated",
        f"[{'yellow' if tally['retried'] else 'dim'}]{tally['retried']:,} calls repeated after errors[/]",
    )
    ended = [day for day in _by_day(simulation.latest) if day[0].corrections or day[0].charged]
    days = Table("day", "DataKits", "charged", "corrections", box=None)
    for day in ended[-DAYS_SHOWN:]:
        kits, corrections = sum(check.data_kits for check in day), sum(check.corrections for check in day)
        days.add_row(str(day[0].day), f"{kits:,}", f"{_total(day, 'charged'):,}", str(corrections))
    return Group(ProgressBar(total=hours, completed=simulation.hour, width=80), figures, days)


def _line(simulation: Simulation) -> str:
    tally = simulation.tally
    charged = _total(simulation.latest, "charged")
    return (
        f"day {simulation.hour // 24} of {simulation.days}: "
        f"{tally['calls']:,} calls ({tally.per_second('calls'):,.0f}/s), "
        f"{tally['data_kits']:,} DataKits ({tally.per_second('data_kits'):,.0f}/s), {charged:,} charged, "
        f"{tally['retried']} calls repeated after errors"
    )


def _by_day(checks: Sequence[DayCheck]) -> list[list[DayCheck]]:
    ordered = sorted(checks, key=lambda check: check.day)
    return [list(day) for _, day in groupby(ordered, key=lambda check: check.day)]


def _total(checks: Sequence[DayCheck], what: str) -> Decimal:
    return sum((getattr(check, what) for check in checks), Decimal(0))
