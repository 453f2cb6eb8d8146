"""The keys that licenses, receipts and revocation lists are signed with: made, rotated, retired."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from uuid_utils.compat import uuid7

from app import clock, secretbox
from app.catalog.queries import longest_lease
from app.db.lookup import find
from app.db.sql import statement
from app.errors import InvalidInput, NotFound
from app.licenses.models import SigningKey
from app.protocol.jws import Signer
from app.settings import get_settings

ALIVE = statement(__file__, "alive")
SIGNER_TIMEOUT_SECONDS = 20


class SignerUnavailable(Exception):
    """The external signer did not give a signature that fits its public key."""


@dataclass(frozen=True)
class LocalSigner:
    """A private key in this process, decrypted for it."""

    kid: str
    private: Ed25519PrivateKey

    async def sign(self, message: bytes) -> bytes:
        """See ``Signer``."""
        return self.private.sign(message)


@dataclass(frozen=True)
class CommandSigner:
    """A private key that never comes here: a command signs, in front of an HSM, a KMS, or a file elsewhere.

    The command of the setting ``BILLING_SIGNER_COMMAND`` is started with the key id as its last argument, gets the
    message on standard input, and writes the 64 bytes of the signature to standard output.
    """

    kid: str
    public: bytes
    command: str

    async def sign(self, message: bytes) -> bytes:
        """See ``Signer``.

        Raises:
            SignerUnavailable: the command failed, took over 20 seconds, or gave a signature that does not fit.
        """
        process = await asyncio.create_subprocess_exec(
            *shlex.split(self.command),
            self.kid,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            signature, trouble = await asyncio.wait_for(process.communicate(message), SIGNER_TIMEOUT_SECONDS)
        except TimeoutError:
            process.kill()
            raise SignerUnavailable(f"the signer took over {SIGNER_TIMEOUT_SECONDS} s") from None
        if process.returncode:
            raise SignerUnavailable(f"the signer ended with {process.returncode}: {trouble.decode(errors='replace')}")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            raise SignerUnavailable("the signer's signature does not fit the published key") from None
        return signature


async def current_signer() -> Signer:
    """What signs from now on: the newest key.

    Raises:
        NotFound: there is no key yet.
        SignerUnavailable: the key is with an external signer, and none is set.
    """
    key = await SigningKey.filter(superseded_at=None).order_by("-id").first()
    if key is None:
        raise NotFound(what="signing key")
    if key.private_key_encrypted is not None:
        return _local(key.kid, bytes(key.private_key_encrypted))
    command = get_settings().signer_command
    if command is None:
        raise SignerUnavailable("this key is with an external signer: set BILLING_SIGNER_COMMAND")
    return CommandSigner(key.kid, bytes(key.public_key), command)


async def check_signing_key() -> None:
    """See that the key in use can be unsealed, where it is kept here.

    Raises:
        cryptography.fernet.InvalidToken: it was sealed with another secret key.
    """
    with contextlib.suppress(SignerUnavailable):
        await current_signer()


async def public_keys() -> dict[str, bytes]:
    """The published public keys, raw, by key id: the one that signs, and those that something alive is signed with."""
    return {key.kid: bytes(key.public_key) for key in await SigningKey.filter(retired_at=None).order_by("id")}


async def ensure_signing_key() -> None:
    """Make the first signing key where there is none."""
    if not await SigningKey.exists():
        await _add(None)


async def rotate_key(external_public: bytes | None = None) -> SigningKey:
    """Add a key that signs from now on; the one before stays published. In a transaction of the caller.

    ``external_public`` is the raw public key of an external signer; without it the key pair is made here.

    Raises:
        InvalidInput: that is no Ed25519 public key, or it is published already.
    """
    if external_public is not None:
        if len(external_public) != 32:
            raise InvalidInput(reason_en="an Ed25519 public key has 32 bytes", reason_zh="Ed25519 公钥须为 32 字节")
        if external_public in (await public_keys()).values():
            raise InvalidInput(reason_en="this key is published already", reason_zh="该密钥已发布")
    await SigningKey.filter(superseded_at=None).update(superseded_at=clock.now())
    return await _add(external_public)


async def retire_keys() -> list[str]:
    """Stop publishing superseded keys that nothing alive is signed with: no license, and no receipt by its age."""
    lease = await longest_lease()
    retired = []
    for key in await SigningKey.filter(retired_at=None, superseded_at__lt=clock.now() - lease):
        if await alive(key.kid) == 0:
            await retire_key(key.kid)
            retired.append(key.kid)
    return retired


async def retire_key(kid: str) -> None:
    """Stop publishing a key at once, as for one that leaked: whatever it signed is refused from then on.

    Raises:
        NotFound: no such key is published.
        InvalidInput: it is the key that signs.
    """
    key = await find(SigningKey, {"kid": kid}, retired_at=None)
    if key is None:
        raise NotFound(what="published key", path=("kid",))
    if key.superseded_at is None:
        raise InvalidInput(
            reason_en="this key signs: rotate it first", reason_zh="该密钥正用于签名：请先轮换", path=("kid",)
        )
    key.retired_at = clock.now()
    await key.save(update_fields=["retired_at"])


async def alive(kid: str) -> int:
    """How many licenses signed with a key are neither revoked nor expired."""
    rows = await ALIVE.rows(kid, clock.now())
    return int(rows[0]["alive"])


async def _add(external_public: bytes | None) -> SigningKey:
    private = None if external_public else Ed25519PrivateKey.generate()
    return await SigningKey.create(
        kid=uuid7().hex,
        public_key=external_public or (private.public_key().public_bytes_raw() if private else b""),
        private_key_encrypted=secretbox.encrypt(private.private_bytes_raw()) if private else None,
        created_at=clock.now(),
    )


@lru_cache(maxsize=16)
def _local(kid: str, encrypted: bytes) -> LocalSigner:
    return LocalSigner(kid, Ed25519PrivateKey.from_private_bytes(secretbox.decrypt(encrypted)))
