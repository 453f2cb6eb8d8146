"""``billing license``: inspect and verify licenses offline; rotate and retire the keys that sign them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Column

from app.commands.running import console, looking, stop, table, with_runtime
from app.commands.times import IN_ZONE, instant
from app.errors import BillingError
from app.refusals import RefusalReason

if TYPE_CHECKING:
    from app.bootstrap import Runtime

license = typer.Typer(no_args_is_help=True, help="Licenses: verify them offline; the keys that sign them.")
revocations = typer.Typer(no_args_is_help=True, help="The signed list of revoked licenses.")
license.add_typer(revocations, name="revocations")

NOT_A_LICENSE, FORGED, OUT_OF_TIME, REVOKED = 3, 4, 5, 6
EXIT_CODES = {
    RefusalReason.WRONG_ALGORITHM: FORGED,
    RefusalReason.UNKNOWN_KEY: FORGED,
    RefusalReason.BAD_SIGNATURE: FORGED,
    RefusalReason.NOT_YET_VALID: OUT_OF_TIME,
    RefusalReason.EXPIRED: OUT_OF_TIME,
    RefusalReason.REVOKED: REVOKED,
}
TIMES = frozenset({"iat", "nbf", "exp", "validUntil", "licenseExp", "maintenanceUntil", "nextUpdate"})
LAST_SECOND = 253_402_300_800
Text = Annotated[str, typer.Argument(help="The license's text as it was copied; - reads it from standard input.")]


@license.command("inspect")
def inspect(text: Text) -> None:
    """Show what a license, receipt or any compact JWS says, WITHOUT verifying it. Needs nothing but the text."""
    from app.protocol.jws import peek

    try:
        header, claims = peek(_given(text))
    except BillingError as refused:
        stop(refused.message("en"), NOT_A_LICENSE)
    _show({**header, **claims})
    console.print("[yellow]not verified[/]: billing license verify TEXT --keys jwks.json")


@license.command("verify")
def verify(
    text: Text,
    keys: Annotated[Path, typer.Option(help="The published keys: /.well-known/jwks.json, saved as a file.")],
    revocation_list: Annotated[
        Path | None,
        typer.Option("--revocations", help="The revocation list: /.well-known/license-revocations, saved as a file."),
    ] = None,
    at: Annotated[str | None, typer.Option(help=f"Verify as of this instant, {IN_ZONE}. By default now.")] = None,
) -> None:
    """Verify a license with public keys alone: no server, no database, no network.

    Exit codes: 0 valid, 1 a file cannot be read, 3 no license text, 4 forged, changed or signed with an unknown key,
    5 not yet valid or expired, 6 revoked.
    """
    from app.protocol.documents import read_license, read_revocations
    from app.protocol.jws import read_jwks
    from app.protocol.pasted import decoded

    now = instant(at, "--at") or datetime.now(UTC)
    try:
        public = read_jwks(keys.read_bytes())
        carried = decoded(revocation_list.read_bytes()) if revocation_list else None
    except (OSError, ValueError) as error:
        stop(f"cannot read: {error}")
    try:
        revoked = read_revocations(carried, public, now) if carried else None
        found = read_license(_given(text), public, now, revoked)
    except BillingError as refused:
        stop(refused.message("en"), EXIT_CODES.get(refused.params["reason"], NOT_A_LICENSE))
    _show(found.claims())
    if revoked is None:
        console.print("revocations were not checked: give --revocations FILE to check them too")
    elif now > revoked.next_update_at:
        console.print(f"[yellow]the revocation list is old[/]: a newer one was due {revoked.next_update_at:%Y-%m-%d}")
    console.print("[green]valid[/]")


@license.command("keys")
def keys_list() -> None:
    """List the published keys, and how many live licenses each has signed."""

    async def show(runtime: Runtime) -> None:
        from app.licenses.keys import alive
        from app.licenses.models import SigningKey

        shown = table(Column("kid", no_wrap=True), "since", "signs", "private half", "live licenses")
        for key in await SigningKey.filter(retired_at=None).order_by("id"):
            shown.add_row(
                key.kid,
                f"{key.created_at:%Y-%m-%d}",
                "yes" if key.superseded_at is None else "no",
                "external signer" if key.private_key_encrypted is None else "in the database, encrypted",
                str(await alive(key.kid)),
            )
        console.print(shown)

    looking(show)


@license.command("rotate-key")
def rotate_key(
    external: Annotated[
        Path | None,
        typer.Option(help="PEM file of an external signer's Ed25519 public key; BILLING_SIGNER_COMMAND signs with it."),
    ] = None,
) -> None:
    """Add a key and sign with it from now on; the old one stays published while anything it signed is alive."""

    async def rotate(runtime: Runtime) -> None:
        from tortoise.transactions import in_transaction

        from app.licenses import keys

        public = _public_key(external) if external else None
        try:
            async with in_transaction():
                made = await keys.rotate_key(public)
                await (await keys.current_signer()).sign(b"does it sign?")
        except keys.SignerUnavailable as refused:
            stop(str(refused))
        console.print(f"signing with {made.kid} from now on; deployments need the newest jwks.json to verify it")

    with_runtime(rotate)


@license.command("retire-key")
def retire_key(
    kid: Annotated[str, typer.Argument(help="The key id (billing license keys).")],
    force: Annotated[
        bool, typer.Option(help="Although live licenses are signed with it: they become invalid.")
    ] = False,
) -> None:
    """Stop publishing a key at once, such as one that leaked. The worker retires dead keys by itself."""

    async def retire(runtime: Runtime) -> None:
        from app.licenses import keys

        if (count := await keys.alive(kid)) and not force:
            stop(f"{count} live license(s) are signed with it: rotate those first, or use --force")
        await keys.retire_key(kid)
        console.print(f"{kid} is not published any more")

    with_runtime(retire)


@revocations.command("export")
def export(
    out: Annotated[Path | None, typer.Option(help="The file to write; standard output by default.")] = None,
) -> None:
    """Write the newest revocation list, to carry to deployments without a network."""

    async def write(runtime: Runtime) -> None:
        from app.licenses.revocations import current_revocations

        newest = await current_revocations()
        if out is None:
            typer.echo(newest.text)
        else:
            out.write_text(newest.text + "\n")
            console.print(
                f"version {newest.version}, {newest.revoked} revoked, next by {newest.next_update_at:%Y-%m-%d}"
            )

    with_runtime(write)


def _public_key(path: Path) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        stop(f"cannot read {path}: {error}")
    if not isinstance(key, Ed25519PublicKey):
        stop(f"{path} is not an Ed25519 public key: openssl pkey -pubout writes one")
    return key.public_bytes_raw()


def _given(text: str) -> str:
    from app.protocol.pasted import decoded

    try:
        return decoded(sys.stdin.buffer.read()) if text == "-" else text
    except UnicodeDecodeError:
        stop("this is no text", NOT_A_LICENSE)


def _show(claims: dict[str, object]) -> None:
    shown = table("claim", "value")
    for name, value in claims.items():
        said = str(value)[:2000]
        if name in TIMES and isinstance(value, int) and 0 <= value < LAST_SECOND:
            said = f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC"
        shown.add_row(escape(name), escape(said))
    console.print(shown)
