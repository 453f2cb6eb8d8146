"""What a Launcher keeps on its machine, in a folder of the user's choice: readable files, each replaced whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from app.errors import BillingError
from app.protocol.documents import Receipt, RevocationList, read_receipt, read_revocations
from app.protocol.jws import read_jwks


class NotSetUp(Exception):
    """The folder lacks what is needed; the message says what to run."""


@dataclass(frozen=True)
class Folder:
    """The files: config.json, license.txt, receipt.txt, jwks.json, revocations.txt, and usage not reported yet."""

    path: Path

    def write(self, name: str, text: str) -> None:
        """Replace a file, readable by its owner alone."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.path / f".{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / name)

    def read(self, name: str, missing: str) -> str:
        """A file's text.

        Raises:
            NotSetUp: there is none; ``missing`` says what to do.
        """
        try:
            return (self.path / name).read_text()
        except FileNotFoundError:
            raise NotSetUp(f"no {name} in {self.path}: {missing}") from None

    def config(self) -> dict[str, Any]:
        """Address, fingerprint, gateway; empty before the first command."""
        path = self.path / "config.json"
        return dict(orjson.loads(path.read_bytes())) if path.exists() else {}

    def configure(self, **values: Any) -> dict[str, Any]:
        """Add to the configuration what is not ``None``; the fingerprint is made up once."""
        config = {"fingerprint": f"deployment-{secrets.token_hex(12)}", **self.config()}
        config |= {name: value for name, value in values.items() if value is not None}
        self.write("config.json", orjson.dumps(config, option=orjson.OPT_INDENT_2).decode() + "\n")
        return config

    def public_keys(self) -> dict[str, bytes]:
        """The published keys as they were fetched or carried in.

        Raises:
            NotSetUp: there are none.
        """
        return read_jwks(self.read("jwks.json", "activate online, or carry it in with --keys").encode())

    def receipt(self) -> Receipt | None:
        """The receipt, verified; ``None`` before the first activation.

        Raises:
            InvalidDocument: the file was changed, or is another deployment's.
        """
        if not (self.path / "receipt.txt").exists():
            return None
        text = self.read("receipt.txt", "activate")
        return read_receipt(text, self.public_keys(), self.config().get("fingerprint", ""))

    def accept_receipt(self, text: str) -> Receipt:
        """Keep a receipt that verifies.

        Raises:
            InvalidDocument: it does not.
        """
        receipt = read_receipt(text, self.public_keys(), self.config().get("fingerprint", ""))
        self.write("receipt.txt", text)
        return receipt

    def revocations(self, now: datetime) -> RevocationList | None:
        """The newest revocation list seen, verified."""
        if not (self.path / "revocations.txt").exists():
            return None
        return read_revocations(self.read("revocations.txt", ""), self.public_keys(), now)

    def accept_revocations(self, text: str, now: datetime) -> RevocationList:
        """Keep a revocation list that verifies and is not older than the one kept.

        Raises:
            InvalidDocument: it does not, or is.
        """
        try:
            seen = self.revocations(now)
        except BillingError:
            seen = None
        found = read_revocations(text, self.public_keys(), now, at_least=seen.version if seen else 0)
        self.write("revocations.txt", text)
        return found

    def keep_usage(self, hour: datetime, data_kits: list[str]) -> None:
        """Note an hour's DataKits until they are reported; notes of one hour are added up."""
        name = f"usage-{hour:%Y%m%dT%H}.json"
        kept = set(data_kits)
        if (self.path / name).exists():
            kept |= set(orjson.loads((self.path / name).read_bytes())["dataKits"])
        self.write(name, orjson.dumps({"hour": hour, "dataKits": sorted(kept)}).decode())

    def pending_usage(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """The hours that are not reported yet, oldest first."""
        for path in sorted(self.path.glob("usage-*.json")):
            yield path, orjson.loads(path.read_bytes())
