"""Encryption at rest of secrets that must be read back: Fernet (AES-128-CBC, HMAC-SHA256), keyed by the settings."""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet

from app.settings import get_settings


def encrypt(secret: bytes) -> bytes:
    """``secret``, unreadable without the key."""
    return _box(get_settings().secret_key).encrypt(secret)


def decrypt(sealed: bytes) -> bytes:
    """What ``encrypt`` was given.

    Raises:
        cryptography.fernet.InvalidToken: sealed with another key, or changed.
    """
    return _decrypt(get_settings().secret_key, bytes(sealed))


@lru_cache(4_096)
def _decrypt(key: bytes, sealed: bytes) -> bytes:
    return _box(key).decrypt(sealed)


@lru_cache(1)
def _box(key: bytes) -> Fernet:
    return Fernet(key)
