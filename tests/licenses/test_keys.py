"""An external signer: the private key stays where it is, and a wrong signature never leaves."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from app.licenses.keys import CommandSigner, SignerUnavailable
from app.protocol.documents import read_license
from app.protocol.jws import Kind, sign
from tests.protocol.examples import LICENSE, NOW

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")


def key_of(folder: Path) -> tuple[bytes, str]:
    """A key that openssl made: its public half, and a command that signs with it."""
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", "key.pem"], cwd=folder, check=True)
    public = subprocess.run(
        ["openssl", "pkey", "-in", "key.pem", "-pubout"], cwd=folder, check=True, capture_output=True
    ).stdout
    script = folder / "sign.sh"
    script.write_text(
        f"cd {shlex.quote(str(folder))} && cat > message && "
        "openssl pkeyutl -sign -inkey key.pem -rawin -in message -out /dev/stdout"
    )
    return load_pem_public_key(public).public_bytes_raw(), f"sh {shlex.quote(str(script))}"  # type: ignore[union-attr]


async def test_openssl_signs_in_its_own_process(tmp_path: Path) -> None:
    public, command = key_of(tmp_path)
    text = await sign(Kind.LICENSE, LICENSE.claims(), CommandSigner("external", public, command))
    assert read_license(text, {"external": public}, NOW) == LICENSE


async def test_a_signature_of_another_key_is_not_given_out(tmp_path: Path) -> None:
    _, command = key_of(tmp_path)
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(SignerUnavailable, match="does not fit"):
        await CommandSigner("external", other, command).sign(b"message")


async def test_a_signer_that_fails_says_so() -> None:
    failing = shlex.join([sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit('the HSM is locked')"])
    with pytest.raises(SignerUnavailable, match="the HSM is locked"):
        await CommandSigner("external", bytes(32), failing).sign(b"message")
