"""``billing license`` without a server, and the Launcher's folder with the server away."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import InvalidDocument
from app.launcher.folder import Folder
from app.protocol.carried import read_challenge, read_usage
from app.protocol.jws import public_jwk
from app.refusals import hint
from tests.licenses.commands import run
from tests.protocol.examples import AK, FINGERPRINT, KEYS, LICENSE, NOW, RECEIPT, REVOCATIONS, SK, signed

AT = f"{NOW:%Y-%m-%dT%H:%M:%S}Z"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [public_jwk(kid, key) for kid, key in KEYS.items()]}))
    return tmp_path


def _now() -> datetime:
    return datetime.now(UTC)


def changed(text: str) -> str:
    return text[:-10] + ("A" if text[-10] != "A" else "B") + text[-9:]


async def test_exit_codes_tell_why(files: Path) -> None:
    text = await signed(LICENSE)
    (files / "revocations").write_text(await signed(REVOCATIONS))
    verify = ("license", "verify", "--keys", files / "jwks.json")
    code, said = run(*verify, text, "--at", AT)
    assert code == 0
    assert "valid" in said
    assert "revocations were not checked" in said
    assert run(*verify, "-", "--at", AT, stdin=text + "\n")[0] == 0
    assert run(*verify, "hello", "--at", AT)[0] == 3
    assert run(*verify, await signed(RECEIPT), "--at", AT)[0] == 3
    assert run(*verify, changed(text), "--at", AT)[0] == 4
    assert run(*verify, text, "--at", "2028-01-01")[0] == 5
    assert run(*verify, text, "--at", AT, "--revocations", files / "revocations")[0] == 6
    assert run("license", "verify", text, "--keys", files / "missing.json")[0] == 1


async def test_a_text_is_taken_as_it_was_pasted_or_saved(files: Path) -> None:
    text = await signed(LICENSE)
    verify = ("license", "verify", "--keys", files / "jwks.json", "--at", AT)
    (files / "revocations").write_text(f"\ufeff{await signed(replace(REVOCATIONS, revoked={}))}\n", "utf-16-le")
    pasted = f"> “{text[:90]}\n> {text[90:]}”"
    assert run(*verify, pasted, "--revocations", files / "revocations")[0] == 0
    assert run(*verify, "-", stdin=pasted.encode("utf-16"))[0] == 0
    assert run(*verify, "-", stdin=b"\xff\xfe\xfd")[0] == 3
    assert run("license", "inspect", pasted)[0] == 0


def test_a_challenge_carries_the_license_as_one_line(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_AK", AK)
    monkeypatch.setenv("BILLING_SK", SK)
    (files / "license.txt").write_text("\ufeff「aaa.\r\nbbb.ccc」", "utf-16-le")
    out = files / "challenge.txt"
    where = ("--license", files / "license.txt", "--folder", files / "here", "--gateway", "https://g.example?token={}")
    assert run("launcher", "challenge", "--out", out, *where)[0] == 0
    assert read_challenge(out.read_text(), SK.encode(), _now()).license == "aaa.bbb.ccc"
    assert (files / "here" / "license.txt").read_text() == "aaa.bbb.ccc"


async def test_inspect_needs_nothing_and_says_so() -> None:
    code, said = run("license", "inspect", await signed(LICENSE))
    assert code == 0
    assert "2027-03-02 10:30:00 UTC" in said
    assert "not verified" in said
    assert run("license", "inspect", "a.b.c")[0] == 3


async def test_verifying_loads_nothing_of_the_server(files: Path) -> None:
    script = (
        "import sys; from app.cli import app\n"
        f"try: app(['license', 'verify', {await signed(LICENSE)!r}, '--keys', 'jwks.json', '--at', '{AT}'])\n"
        "except SystemExit as end: assert end.code == 0, end\n"
        "loaded = {'tortoise', 'asyncpg', 'strawberry', 'starlette', 'httpx', 'settlement_spec'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=files, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


async def test_the_server_may_be_away_for_days(files: Path) -> None:
    here = ("--folder", files / "launcher")
    (files / "license.txt").write_text(await signed(LICENSE))
    (files / "key").write_text(f"{AK}\n{SK}\n")
    (files / "kits").write_text("dk-1\ndk-2\ndk-1\n")
    assert run("launcher", "status", *here)[0] == 4
    code, said = run(
        "launcher", "challenge", "--out", files / "challenge", "--license", files / "license.txt",
        "--gateway", "https://gateway.example.com?token={}", "--fingerprint", FINGERPRINT,
        "--key-file", files / "key", *here,
    )  # fmt: skip
    assert code == 0, said
    asked = read_challenge((files / "challenge").read_text(), SK.encode(), _now())
    assert (asked.fingerprint, asked.license) == (FINGERPRINT, await signed(LICENSE))
    (files / "receipt").write_text(await signed(RECEIPT) + "\n")
    code, said = run("launcher", "accept-receipt", files / "receipt", "--keys", files / "jwks.json", *here)
    assert code == 0, said
    for days, expected in ((0, 0), (13, 0), (15, 3), (29, 4)):
        at = f"{NOW + timedelta(days=days):%Y-%m-%dT%H:%M:%S}Z"
        assert run("launcher", "status", "--at", at, *here)[0] == expected, days
    assert "101 DataKits: refused" in run("launcher", "status", "--at", AT, "--data-kits", 101, *here)[1]
    assert "100 DataKits: allowed" in run("launcher", "status", "--at", AT, "--data-kits", 100, *here)[1]
    (files / "revocations").write_text(await signed(REVOCATIONS))
    assert run("launcher", "status", "--at", AT, "--revocations", files / "revocations", *here)[0] == 4
    code, said = run(
        "launcher", "export-usage", files / "kits", "--hour", "2026-03-02T18:00:00", "--out", files / "usage",
        "--key-file", files / "key", *here,
    )  # fmt: skip
    assert code == 0, said
    usage = read_usage((files / "usage").read_text(), SK.encode(), _now())
    assert usage.reports == [(NOW.replace(minute=0), ["dk-1", "dk-2"])]


async def test_usage_that_cannot_be_sent_stays(files: Path) -> None:
    folder = Folder(files / "launcher")
    folder.configure(url="http://127.0.0.1:9", fingerprint=FINGERPRINT)
    (files / "kits").write_text("dk-1\n")
    (files / "key").write_text(f"{AK}\n{SK}\n")
    code, said = run("launcher", "report", files / "kits", "--folder", folder.path, "--key-file", files / "key")
    assert (code, len(list(folder.pending_usage()))) == (1, 1), said


async def test_the_folder_keeps_no_older_revocations_and_no_foreign_receipt(files: Path) -> None:
    folder = Folder(files)
    folder.configure(fingerprint=FINGERPRINT)
    folder.accept_revocations(await signed(REVOCATIONS), NOW)
    with pytest.raises(InvalidDocument, match=hint("OLDER", "en")):
        folder.accept_revocations(await signed(replace(REVOCATIONS, version=2, revoked={})), NOW)
    with pytest.raises(InvalidDocument, match=hint("OTHER_DEPLOYMENT", "en")):
        folder.accept_receipt(await signed(replace(RECEIPT, fingerprint="fingerprint-2")))
    assert folder.receipt() is None


def test_without_ak_and_sk_it_says_how_to_give_them(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BILLING_AK", raising=False)
    (files / "license.txt").write_text("x")
    code, said = run(
        "launcher", "challenge", "--out", files / "c", "--license", files / "license.txt", "--gateway", "x",
        "--folder", files / "launcher",
    )  # fmt: skip
    assert code == 1
    assert "BILLING_AK" in said
