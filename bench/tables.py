"""Tables for the terminal, and the same for the documentation."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table


class Tables:
    """Shows tables as they come; ``save`` writes them as Markdown."""

    def __init__(self) -> None:
        self._console = Console(width=180)
        self._markdown: list[str] = []

    def show(self, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Show a table; all but its first column are figures."""
        shown = Table(title=title)
        for number, heading in enumerate(headings):
            shown.add_column(heading, justify="right" if number else "left")
        lines = [_line(headings), _line(["---", *["---:"] * (len(headings) - 1)])]
        for row in rows:
            shown.add_row(*row)
            lines.append(_line(row))
        self._console.print(shown)
        self._markdown.append("\n".join([f"**{title}**", "", *lines]))

    def say(self, text: str) -> None:
        """Show a line."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._markdown.append(text)

    def save(self, file: Path) -> None:
        """Write all that was shown."""
        file.write_text("\n\n".join(self._markdown) + "\n")


def middle(values: Sequence[float], digits: int = 0) -> str:
    """Their median."""
    return f"{statistics.median(values):,.{digits}f}" if values else "–"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
