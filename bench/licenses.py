"""Verifying licenses offline, next to the bare Ed25519 verification of the same bytes.

Run it with ``python -m bench.licenses``; bench/README.md says what is compared.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.table import Table
from uuid_utils.compat import uuid7

from app.errors import InvalidLicense
from app.licenses.keys import LocalSigner
from app.protocol.documents import LicenseClaims, read_license
from app.protocol.jws import Kind, sign

NOW = datetime.now(UTC)


async def licenses(count: int, signer: LocalSigner) -> list[str]:
    """The texts of ``count`` different licenses."""
    return [
        await sign(
            Kind.LICENSE,
            LicenseClaims(
                license_id=str(uuid7()),
                account_id=str(uuid7()),
                edition="PAY_AS_YOU_GO",
                not_before=NOW,
                expires_at=NOW + timedelta(days=365),
                issued_at=NOW,
                dk_limit=-1,
                features=("metrics", "logs", "traces"),
                fingerprint=None,
                settlement={"plan": 1, "unitPriceMinor": 500, "currency": "CNY", "minimumQuantity": 20},
            ).claims(),
            signer,
        )
        for _ in range(count)
    ]


def check(texts: Sequence[str], keys: dict[str, bytes]) -> None:
    """Every license verifies, and none does with one character changed."""
    for text in texts:
        read_license(text, keys, NOW)
        position = len(text) // 2
        try:
            read_license(text[:position] + ("A" if text[position] != "A" else "B") + text[position + 1 :], keys, NOW)
        except InvalidLicense:
            continue
        raise RuntimeError("a changed license was accepted")


def seconds(work: Callable[[], None]) -> float:
    """The processor time that ``work`` takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    """Check, then time both in interleaved rounds, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.licenses", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="timed rounds of each (default 25)")
    parser.add_argument("--licenses", type=int, default=500, help="licenses in a round (default 500)")
    options = parser.parse_args()
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    keys = {"key": public.public_bytes_raw()}
    texts = asyncio.run(licenses(options.licenses, LocalSigner("key", private)))
    check(texts[:200], keys)
    split = [text.rpartition(".") for text in texts]
    parts = [(base64.urlsafe_b64decode(signature + "=="), message.encode()) for message, _, signature in split]

    def bare() -> None:
        for signature, message in parts:
            public.verify(signature, message)

    def ours() -> None:
        for text in texts:
            read_license(text, keys, NOW)

    times: dict[str, list[float]] = {"bare Ed25519 verify (cryptography)": [], "read_license": []}
    for number in range(options.rounds + 1):
        for name, work in list(zip(times, (bare, ours), strict=True))[:: 1 if number % 2 else -1]:
            taken = seconds(work)
            if number:
                times[name].append(taken / options.licenses)
    limit = statistics.median(times["bare Ed25519 verify (cryptography)"])
    table = Table(title=f"Verifying a license: {options.rounds} rounds of {options.licenses:,}, one core")
    for heading in ("what", "CPU µs each (median)", "a second", "time ratio"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for name, measured in times.items():
        middle = statistics.median(measured)
        table.add_row(name, f"{middle * 1e6:.1f}", f"{1 / middle:,.0f}", f"{middle / limit:.2f}")
    console = Console()
    console.print(table)
    packages = ", ".join(f"{name} {version(name)}" for name in ("cryptography", "joserfc", "orjson"))
    console.print(f"{platform.machine()}, Python {platform.python_version()}, {packages}", highlight=False)


if __name__ == "__main__":
    main()
