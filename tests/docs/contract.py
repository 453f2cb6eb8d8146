"""The table of the contract's methods at the top of the specification."""

from __future__ import annotations

import settlement_spec


def table() -> str:
    """Its rows, the heads of the columns first."""
    return str(settlement_spec.__doc__).partition("\n| ")[2].partition("\n\n")[0]
