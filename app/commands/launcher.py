"""``billing launcher``: the self-hosted side, as an example to integrate after (docs/licenses.md)."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.running import console
from app.commands.times import IN_ZONE, instant
from app.errors import BillingError

if TYPE_CHECKING:
    from app.launcher.client import AccessKey
    from app.launcher.folder import Folder

launcher = typer.Typer(no_args_is_help=True, help="The Launcher of a deployment: activate, report, and both by file.")

Where = Annotated[Path, typer.Option("--folder", help="Where the Launcher keeps its files.")]
KeyFile = Annotated[
    Path | None,
    typer.Option(help="File with the AK on its first line and the SK on its second; else BILLING_AK and BILLING_SK."),
]
License = Annotated[Path, typer.Option("--license", help="File with the license's text.")]
Gateway = Annotated[str, typer.Option(help="The data gateway, such as https://gateway.example.com?token={}")]
Dialing = Annotated[bool, typer.Option("--dialing-test", help="Whether dialing tests are on.")]
Fingerprint = Annotated[str | None, typer.Option(help="What this deployment is known by; made up once by default.")]
Hour = Annotated[str | None, typer.Option(help=f"The hour, {IN_ZONE}. By default the present one.")]
HERE = Path("launcher")
WARNING_EXIT, COMMUNITY_EXIT = 3, 4


@launcher.command("activate")
def activate(
    url: Annotated[str, typer.Option(help="The billing center, such as http://127.0.0.1:8000")],
    license_file: License,
    gateway: Gateway,
    folder: Where = HERE,
    key_file: KeyFile = None,
    dialing_test: Dialing = False,
    fingerprint: Fingerprint = None,
) -> None:
    """Activate a license online, and keep the receipt."""

    def work(here: Folder) -> None:
        from app.launcher.client import BillingClient
        from app.launcher.journey import ACTIVATE

        key = _key(key_file)
        config = here.configure(url=url.rstrip("/"), gateway=gateway, dialing=dialing_test, fingerprint=fingerprint)
        _fetch(here, config["url"])
        text = _carried(license_file)
        with BillingClient(f"{config['url']}/graphql") as client:
            done = client.mutate(
                ACTIVATE,
                {
                    "license": text,
                    "ak": key.ak,
                    "sk": key.sk,
                    "gateway": gateway,
                    "fingerprint": config["fingerprint"],
                    "dialing": dialing_test,
                },
            )
        here.write("license.txt", text)
        here.accept_receipt(done["receipt"]["text"])
        console.print(f"[green]active[/] on {config['fingerprint']}: {done['account']['edition']}")

    _in(folder, work)


@launcher.command("status")
def status(
    folder: Where = HERE,
    data_kits: Annotated[
        int | None, typer.Option(help="How many DataKits are connected, to ask for an upgrade.")
    ] = None,
    released: Annotated[
        str | None,
        typer.Option(
            help=f"When the version to upgrade to was released, {IN_ZONE}, for a perpetual license. By default now."
        ),
    ] = None,
    at: Annotated[str | None, typer.Option(help=f"As of this instant, {IN_ZONE}. By default now.")] = None,
    revocations: Annotated[Path | None, typer.Option(help="A revocation list that was carried in.")] = None,
    refresh: Annotated[bool, typer.Option(help="Fetch keys and revocations first.")] = False,
) -> None:
    """Say what this deployment may do, from its files alone. Exit codes: 0 full, 3 warning, 4 community limits."""

    def work(here: Folder) -> None:
        from app.protocol.entitlements import ADVICE, Level, entitlements, maintained, upgrade_allowed

        now = instant(at, "--at") or datetime.now(UTC)
        if refresh:
            _fetch(here, here.config()["url"])
        if revocations:
            here.accept_revocations(_carried(revocations), now)
        found = entitlements(here.receipt(), now, here.revocations(now))
        colour = {Level.FULL: "green", Level.WARNING: "yellow", Level.COMMUNITY: "red"}[found.level]
        until = f" until {found.until:%Y-%m-%d %H:%M} UTC" if found.until else ""
        console.print(f"[{colour}]{found.level}[/]{until}: {ADVICE[found.reason]} ({found.reason})")
        if found.level != Level.COMMUNITY:
            limit = "no limit" if found.dk_limit < 0 else str(found.dk_limit)
            console.print(f"DataKits: {limit}; features: {', '.join(found.features)}")
        if found.maintenance_until is not None:
            end = f"{found.maintenance_until:%Y-%m-%d %H:%M} UTC"
            console.print(f"version {found.product_version}, and those released until {end}")
        if data_kits is not None:
            since = instant(released, "--released") or now
            within = upgrade_allowed(found.dk_limit, data_kits) and maintained(found.maintenance_until, since)
            allowed = found.level != Level.COMMUNITY and within
            console.print(f"version upgrade with {data_kits} DataKits: {'allowed' if allowed else 'refused'}")
        exits = {Level.FULL: 0, Level.WARNING: WARNING_EXIT, Level.COMMUNITY: COMMUNITY_EXIT}
        raise typer.Exit(exits[found.level])

    _in(folder, work)


@launcher.command("report")
def report(
    data_kits: Annotated[
        Path | None, typer.Argument(help="File with a DataKit id on each line; without it, what is pending is sent.")
    ] = None,
    hour: Hour = None,
    folder: Where = HERE,
    key_file: KeyFile = None,
) -> None:
    """Note an hour's DataKits, and report everything pending; what cannot be sent stays pending."""

    def work(here: Folder) -> None:
        from app.launcher.client import BillingClient
        from app.launcher.journey import REPORT

        _note(here, data_kits, hour)
        config, key = here.config(), _key(key_file)
        with BillingClient(f"{config['url']}/graphql") as client:
            for path, usage in here.pending_usage():
                done = client.mutate(REPORT, {"fingerprint": config["fingerprint"], "reports": [usage]}, key)
                path.unlink()
                console.print(f"{usage['hour']}: {done['accepted'][0]['count']} DataKits")
                if done["receipt"] is None:
                    console.print("[yellow]the receipt was not renewed[/]: the license is not active here any more")
                else:
                    here.accept_receipt(done["receipt"]["text"])

    _in(folder, work)


@launcher.command("challenge")
def challenge(
    out: Annotated[Path, typer.Option(help="The file to carry to the billing center's console.")],
    license_file: License,
    gateway: Gateway,
    folder: Where = HERE,
    key_file: KeyFile = None,
    dialing_test: Dialing = False,
    fingerprint: Fingerprint = None,
) -> None:
    """Write a challenge: activation without a network. Upload it with activateOffline, carry the receipt back."""

    def work(here: Folder) -> None:
        from app.protocol.carried import Challenge, new_nonce, write_challenge

        key = _key(key_file)
        config = here.configure(gateway=gateway, dialing=dialing_test, fingerprint=fingerprint)
        text = _carried(license_file)
        asked = Challenge(new_nonce(), datetime.now(UTC), text, config["fingerprint"], gateway, dialing_test)
        out.write_text(write_challenge(asked, key.ak, key.sk) + "\n")
        here.write("license.txt", text)
        console.print(f"carry {out} to the console within 7 days, and bring the receipt and jwks.json back")

    _in(folder, work)


@launcher.command("accept-receipt")
def accept_receipt(
    receipt: Annotated[Path, typer.Argument(help="File with the receipt's text.")],
    keys: Annotated[Path | None, typer.Option(help="The published keys (jwks.json), if they are not here yet.")] = None,
    folder: Where = HERE,
) -> None:
    """Keep a receipt that was carried in."""

    def work(here: Folder) -> None:
        from app.protocol.jws import read_jwks

        if keys:
            read_jwks(keys.read_bytes())
            here.write("jwks.json", keys.read_text())
        found = here.accept_receipt(_carried(receipt))
        console.print(
            f"[green]kept[/]: valid until {found.valid_until:%Y-%m-%d}, a warning until {found.warning_until:%Y-%m-%d}"
        )

    _in(folder, work)


@launcher.command("export-usage")
def export_usage(
    out: Annotated[Path, typer.Option(help="The file to carry to the billing center's console.")],
    data_kits: Annotated[
        Path | None, typer.Argument(help="File with a DataKit id on each line, to note first.")
    ] = None,
    hour: Hour = None,
    folder: Where = HERE,
    key_file: KeyFile = None,
) -> None:
    """Write pending usage as a signed file for importUsageFile; what is in it is kept as exported-….json."""

    def work(here: Folder) -> None:
        from app.protocol.carried import UsageFile, new_nonce, write_usage

        _note(here, data_kits, hour)
        pending = list(here.pending_usage())
        reports = [(datetime.fromisoformat(usage["hour"]), usage["dataKits"]) for _, usage in pending]
        usage = UsageFile(new_nonce(), datetime.now(UTC), here.config()["fingerprint"], reports)
        key = _key(key_file)
        out.write_text(write_usage(usage, key.ak, key.sk) + "\n")
        for path, _ in pending:
            path.rename(path.with_name(f"exported-{path.name}"))
        console.print(f"{len(reports)} hours in {out}")

    _in(folder, work)


def _in(folder: Path, work: Callable[[Folder], None]) -> None:
    import httpx

    from app.launcher.client import Refused
    from app.launcher.folder import Folder, NotSetUp

    try:
        work(Folder(folder))
    except (BillingError, Refused, NotSetUp, OSError, ValueError, httpx.HTTPError) as error:
        console.print(f"[red]refused:[/] {error}", highlight=False)
        raise typer.Exit(1) from None


def _carried(file: Path) -> str:
    """The document in a file, as one line."""
    from app.protocol.pasted import decoded, pasted

    return pasted(decoded(file.read_bytes()))


def _key(file: Path | None) -> AccessKey:
    from app.launcher.client import AccessKey
    from app.launcher.folder import NotSetUp

    ak, sk = file.read_text().split()[:2] if file else (os.environ.get("BILLING_AK"), os.environ.get("BILLING_SK"))
    if not ak or not sk:
        raise NotSetUp("no AK/SK: set BILLING_AK and BILLING_SK, or give --key-file (AK and SK on a line each)")
    return AccessKey(ak, sk)


def _fetch(here: Folder, url: str) -> None:
    import httpx

    keys = httpx.get(f"{url}/.well-known/jwks.json").raise_for_status()
    here.write("jwks.json", keys.text)
    listed = httpx.get(f"{url}/.well-known/license-revocations").raise_for_status()
    here.accept_revocations(listed.text, datetime.now(UTC))


def _note(here: Folder, data_kits: Path | None, hour: str | None) -> None:
    if data_kits is None:
        return
    at = (instant(hour, "--hour") or datetime.now(UTC)).astimezone(UTC)
    ids = [line.strip() for line in data_kits.read_text().splitlines() if line.strip()]
    here.keep_usage(at.replace(minute=0, second=0, microsecond=0), ids)
