"""Writing money down."""

from __future__ import annotations


def in_major_units(minor: int) -> str:
    """Minor units (fen, cents) in major units, exactly and with two decimals, such as ``-12.05``."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"
