"""Settings of one process, read from the environment (prefix ``BILLING_``, and ``DATABASE_URL``)."""

from __future__ import annotations

import os
from functools import cached_property, lru_cache
from pathlib import Path

from cryptography.fernet import Fernet
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting has a default that suits ``make run``; docs/operations.md explains each."""

    model_config = SettingsConfigDict(env_prefix="BILLING_", extra="ignore")

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    data_dir: Path = Path(".data")
    host: str = "127.0.0.1"
    port: int = 8000
    pool_size: int = 10
    worker_interval_seconds: float = 1.0
    close_delay_seconds: int = 600
    closers: int = Field(default=2, ge=1, le=8)
    usage_retention_days: int = Field(default=400, ge=94)
    channel_timeout_seconds: float = 20.0
    fallback_channel: str | None = None
    bulk_uploads: int = Field(default=8, ge=1)
    session_days: int = 30
    smtp_url: str | None = None
    mail_from: str = "Edition Billing <billing@localhost>"
    webhook_allow_private: bool = False
    signer_command: str | None = None
    revocations_days: int = 7
    vendor_name: str = "Edition Billing"
    secret: str | None = Field(default=None, validation_alias="BILLING_SECRET_KEY")

    @cached_property
    def secret_key(self) -> bytes:
        """The key that encrypts secrets at rest: 32 bytes, URL-safe base64.

        ``BILLING_SECRET_KEY`` names it; otherwise it is made once in the data folder, readable by the owner alone.
        """
        if self.secret:
            return self.secret.encode()
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_bytes()


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
