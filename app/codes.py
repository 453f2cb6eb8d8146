"""Codes that people type in, of 80 random bits: only what is made of them here is kept."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: what people take for another character when they type is read as that one."""
READ_AS = str.maketrans("OIL", "011", " -")
LENGTH, GROUP = 16, 4
DIGEST = 64
"""How many characters a digest has."""


def new_code() -> str:
    """A code as it is shown, in groups of four."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def digest(typed: str) -> str:
    """The SHA-256 of a code, in hex; small letters, blanks and hyphens do not matter."""
    return hashlib.sha256(typed.upper().translate(READ_AS).encode()).hexdigest()
