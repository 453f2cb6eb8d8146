"""Settings of one process, read from the environment (prefix ``BILLING_``, and ``DATABASE_URL``)."""

from __future__ import annotations

import ipaddress
import os
import re
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from cryptography.fernet import Fernet
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.constants import REPORTABLE
from app.errors import CannotStart
from app.logs import Form

WEBHOOK_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{32,86}={0,2}")
WEBHOOK_URL = re.compile(r"https?://[^\s@/:]+(:[0-9]{1,5})?(/\S*)?")
PUBLIC_URL = re.compile(r"(https?)://((?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?)/?")
SMTP_URL = re.compile(r"smtps?://(\S*@)?(\[[0-9A-Fa-f:.]+\]|[^\s@/:]+)(:[0-9]{1,5})?/?")


class Introspection(StrEnum):
    """Who may ask the API for its schema."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed_in"
    NOBODY = "nobody"


class Settings(BaseSettings):
    """Every setting has a default that suits ``make run``; docs/operations.md explains each."""

    model_config = SettingsConfigDict(env_prefix="BILLING_", extra="ignore")

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    direct_database_url: str | None = None
    data_dir: Path = Path(".data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65_535)
    public_url: str | None = None
    trusted_proxies: str = "127.0.0.1,::1"
    pool_size: int = Field(default=16, ge=1)
    shutdown_seconds: float = Field(default=20.0, gt=0)
    worker_interval_seconds: float = Field(default=1.0, gt=0)
    close_delay_seconds: int = Field(default=600, ge=0)
    closers: int = Field(default=2, ge=1, le=8)
    usage_correction_days: int = Field(default=31, ge=0, le=REPORTABLE.days)
    usage_retention_days: int = Field(default=400, ge=REPORTABLE.days + 1)
    channel_timeout_seconds: float = Field(default=20.0, gt=0)
    fallback_channel: str | None = None
    locking_channels: str = ""
    funds_first: bool = True
    bulk_uploads: int = Field(default=8, ge=1)
    price_notice_days: int = Field(default=30, ge=0)
    idempotency_days: int = Field(default=30, ge=1)
    session_days: int = Field(default=30, ge=1)
    second_factor: str = ""
    session_idle_days: int = Field(default=14, ge=1)
    sign_in_providers: Path | None = None
    smtp_url: str | None = None
    confirm_addresses: bool = True
    mail_from: str = "Edition Billing <billing@localhost>"
    password_reset_url: str | None = None
    webhook_allow_private: bool = False
    webhook_failing_days: int = Field(default=5, ge=1)
    staff_webhook_secret: str | None = None
    staff_webhook_url: str | None = None
    signer_command: str | None = None
    revocations_days: int = Field(default=7, ge=1)
    invoice_requires_verification: bool = False
    vendor_name: str = "Edition Billing"
    cors_origins: str = ""
    metrics_token: str | None = Field(default=None, min_length=16)
    metrics_port: int | None = Field(default=None, ge=1, le=65_535)
    log_format: Form = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    cost_per_request: int = Field(default=20_000, ge=1_000)
    cost_per_minute: int = Field(default=300_000, ge=1_000)
    query_timeout_seconds: float = Field(default=30.0, gt=0)
    mutation_timeout_seconds: float = Field(default=30.0, gt=0)
    connections_per_caller: int = Field(default=100, ge=1)
    most_connections: int = Field(default=2_000, ge=10)
    introspection: Introspection = Introspection.EVERYONE
    compiled_execution: bool = True
    trusted_documents: Path | None = None
    trusted_documents_only: bool = False
    sandbox: bool = True
    sandboxes_per_user: int = Field(default=10, ge=1)
    sandbox_jump_days: int = Field(default=400, ge=1, le=3_660)
    sandbox_ahead_days: int = Field(default=3_660, ge=1, le=3_660)
    secret: str | None = Field(default=None, validation_alias="BILLING_SECRET_KEY")

    @field_validator("second_factor")
    @classmethod
    def _check_second_factor(cls, who: str) -> str:
        if set(filter(None, who.replace(" ", "").split(","))) - {"staff", "owners"}:
            raise ValueError("must be staff, owners, or both with a comma between them")
        return who

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, url: str | None) -> str | None:
        found = PUBLIC_URL.fullmatch(url) if url is not None else None
        if url is not None and found is None:
            raise ValueError("must be of the form https://billing.example.com, without a path")
        return f"{found[1]}://{found[2].lower()}" if found else None

    @field_validator("trusted_proxies")
    @classmethod
    def _check_trusted_proxies(cls, networks: str) -> str:
        try:
            return ",".join(map(str, _networks(networks)))
        except ValueError as error:
            raise ValueError(f"must be addresses and networks with commas between them: {error}") from None

    @field_validator("smtp_url")
    @classmethod
    def _check_smtp_url(cls, url: str | None) -> str | None:
        if url is not None and not SMTP_URL.fullmatch(url):
            raise ValueError("must be of the form smtp://user:password@host:587 or smtps://host:465")
        return url

    @field_validator("staff_webhook_secret")
    @classmethod
    def _check_webhook_secret(cls, secret: str | None) -> str | None:
        if secret is not None and not WEBHOOK_SECRET.fullmatch(secret):
            raise ValueError("must be whsec_ and the base64 of 24 to 64 random bytes")
        return secret

    @field_validator("staff_webhook_url")
    @classmethod
    def _check_webhook_url(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None:
            return None
        secure = WEBHOOK_URL.match(url) if info.data.get("webhook_allow_private") else url.startswith("https://")
        if not secure or not WEBHOOK_URL.fullmatch(url):
            raise ValueError("must be of the form https://example.com/path")
        if info.data.get("staff_webhook_secret") is None:
            raise ValueError("needs BILLING_STAFF_WEBHOOK_SECRET, which its messages are signed with")
        return url

    @property
    def confirms_addresses(self) -> bool:
        """Whether who registers proves the address with a mailed code, which can be asked for where mails are sent."""
        return self.confirm_addresses and self.smtp_url is not None

    def locking(self) -> list[str]:
        """The keys of the channels after whose end an account is locked."""
        return _listed(self.locking_channels)

    def origins(self) -> list[str]:
        """The origins whose pages may call the API from a browser, beside the service's own."""
        return _listed(self.cors_origins)

    @property
    def base_url(self) -> str:
        """Where a server with these settings is reached from its own machine."""
        return f"http://{self.host}:{self.port}"

    @property
    def address(self) -> str:
        """Where everybody reaches it, without a slash at the end."""
        return self.public_url or self.base_url

    def is_proxy(self, address: str) -> bool:
        """Whether a connection from this address is a trusted proxy's, which says for whom it asks."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in _networks(self.trusted_proxies))

    def keep_no_secret(self) -> None:
        """Have a secret key for this process alone, if there is none: what only looks makes none."""
        if self.secret is None and not self.secret_file.exists():
            self.secret = Fernet.generate_key().decode()

    @property
    def secret_key(self) -> bytes:
        """The newest of the secret keys."""
        return self.secret_keys[0]

    @property
    def secret_file(self) -> Path:
        """Where the secret keys are, a line each, unless ``BILLING_SECRET_KEY`` names them."""
        return self.data_dir / "secret.key"

    @cached_property
    def secret_keys(self) -> tuple[bytes, ...]:
        """The keys that encrypt secrets at rest, each 32 bytes in URL-safe base64: the first seals, each opens.

        ``BILLING_SECRET_KEY`` names them, with commas between; otherwise one is made in the data folder, readable by
        the owner alone.
        """
        if self.secret:
            return tuple(key.strip().encode() for key in self.secret.split(","))
        path = self.secret_file
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            draft = self._draft_of_keys(Fernet.generate_key())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return tuple(path.read_bytes().split())

    def keep_secret_keys(self, *keys: bytes) -> None:
        """Have these keys in the file, the newest first: all of it is there, whenever a crash comes, or what was."""
        self._draft_of_keys(*keys).replace(self.secret_file)

    def _draft_of_keys(self, *keys: bytes) -> Path:
        draft = self.secret_file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"\n".join(keys))
            file.flush()
            os.fsync(file.fileno())
        return draft


@lru_cache
def _networks(listed: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(one) for one in _listed(listed)]


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def unknown_settings() -> list[str]:
    """What the environment has of ``BILLING_…`` that is no setting, each with the one that may be meant.

    Channels have settings of their own, BILLING_CHANNEL_….
    """
    known = [f"BILLING_{name}".upper() for name in Settings.model_fields if name not in {"secret", "database_url"}]
    known += ["BILLING_SECRET_KEY", "DATABASE_URL"]
    found = []
    others = ("BILLING_CHANNEL_", "BILLING_TEST_")
    for name in sorted(os.environ):
        if name.startswith("BILLING_") and name not in known and not name.startswith(others):
            near = get_close_matches(name, known, n=1)
            found.append(f"{name} is no setting" + (f"; {near[0]} is" if near else ""))
    return found


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        CannotStart: some are not what they may be; the message names each, and never its value, which may be secret.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise CannotStart("; ".join(map(_problem, error.errors()))) from None


def _problem(found: ErrorDetails) -> str:
    (named,) = found["loc"]
    variable = f"BILLING_{named}".upper() if named in Settings.model_fields else named
    return f"{variable} {found['msg'].removeprefix('Value error, ').replace('Input should', 'must')}"
