"""Figures of the rules that more than one room goes by, and that texts name."""

from __future__ import annotations

from datetime import timedelta

DEFAULT_ZONE = "Asia/Shanghai"
"""The time zone of days where no price plan says one, and of times on the command line that have no offset."""

REPORTABLE = timedelta(days=93)
"""For how long usage may still be reported, for an hour or by a file; a closed day is adjusted by it."""

ARREARS_AFTER = timedelta(days=15)
"""How long an account is suspended before it is in arrears. Source: the vendor's service agreement."""

LOCKED_FOR = timedelta(days=14)
"""How long an account whose cloud subscription ended is locked before its service may end. Source: the vendor."""

MOST_DATA_KITS = 10_000_000
"""How many DataKits an account may expect, and a contract may allow."""

MOST_IDS = 5_000
"""How many ids and numbers a call may report."""

LONGEST_REMARK = 5_000
"""How many characters a remark on an application may have."""

NO_LIMIT = -1
"""What stands for any number of DataKits, in licenses and contracts."""
