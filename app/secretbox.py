"""Encryption at rest of secrets that must be read back: Fernet (AES-128-CBC, HMAC-SHA256), keyed by the settings.

The newest of the settings' keys seals, and each of them opens, so that keys can be changed while everything runs.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.settings import get_settings


def encrypt(secret: bytes) -> bytes:
    """``secret``, unreadable without the key."""
    return _box(get_settings().secret_keys).encrypt(secret)


def decrypt(sealed: bytes) -> bytes:
    """What ``encrypt`` was given.

    Raises:
        cryptography.fernet.InvalidToken: sealed with another key, or changed.
    """
    return _decrypt(get_settings().secret_keys, bytes(sealed))


def resealed(sealed: bytes) -> bytes | None:
    """The same secret sealed with the newest key; ``None`` where it is already.

    Raises:
        cryptography.fernet.InvalidToken: sealed with none of the keys, or changed.
    """
    keys = get_settings().secret_keys
    try:
        _box(keys[:1]).decrypt(sealed)
    except InvalidToken:
        return _box(keys).rotate(sealed)
    return None


@lru_cache(4_096)
def _decrypt(keys: tuple[bytes, ...], sealed: bytes) -> bytes:
    return _box(keys).decrypt(sealed)


@lru_cache(2)
def _box(keys: tuple[bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
