"""Passkeys (WebAuthn, https://www.w3.org/TR/webauthn-3/): a device signs a challenge after it verified its user.

Only with the user verified, by a fingerprint or a PIN, so that a passkey stands for both factors. A challenge is good
once, for five minutes, and for what it was made for; any process takes it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from tortoise.exceptions import IntegrityError
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import options_to_json_dict, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.parse_authentication_credential_json import parse_authentication_credential_json
from webauthn.helpers.parse_registration_credential_json import parse_registration_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app import clock
from app.accounts.models import Passkey, PasskeyChallenge, SecurityChange, User
from app.accounts.security_notices import tell
from app.accounts.tokens import digest
from app.accounts.ways_in import keep_a_way_in
from app.errors import InvalidCredentials, LimitExceeded, NotFound
from app.inputs import text
from app.settings import get_settings

WITHIN = timedelta(minutes=5)
MOST = 20
MOST_BYTES = 16_384
REQUIRED = UserVerificationRequirement.REQUIRED


async def begin_registration(user: User) -> dict[str, Any]:
    """What the browser's ``PublicKeyCredential.parseCreationOptionsFromJSON`` takes, for another passkey of the user.

    Raises:
        LimitExceeded: the user has 20 already.
    """
    kept = await Passkey.filter(user_id=user.id)
    if len(kept) >= MOST:
        raise LimitExceeded(limit=MOST, actual=len(kept) + 1)
    options = generate_registration_options(
        rp_id=_site(),
        rp_name=get_settings().vendor_name,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=await _challenge(user),
        timeout=int(WITHIN.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes(one.credential_id)) for one in kept],
    )
    return options_to_json_dict(options)


async def register(user: User, credential: object, name: str) -> Passkey:
    """Let the user sign in by a passkey that was made for a challenge of ``begin_registration``; in a transaction.

    Raises:
        InvalidCredentials: it was not, or the device did not verify its user.
        InvalidInput: the name is empty or too long.
    """
    name = text(name, "name", 100)
    try:
        given = parse_registration_credential_json(_object(credential))
        made = verify_registration_response(
            credential=given,
            expected_challenge=await _taken(given.response.client_data_json, user.id),
            expected_rp_id=_site(),
            expected_origin=_origins(),
            require_user_verification=True,
        )
        passkey = await Passkey.create(
            user_id=user.id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name,
            created_at=clock.now(),
        )
    except (WebAuthnException, IntegrityError, ValueError, KeyError, TypeError):
        raise _refused() from None
    await tell(user.id, SecurityChange.PASSKEY_ADDED, name)
    return passkey


async def begin_sign_in() -> dict[str, Any]:
    """What the browser's ``PublicKeyCredential.parseRequestOptionsFromJSON`` takes; the device knows its user."""
    options = generate_authentication_options(
        rp_id=_site(),
        challenge=await _challenge(None),
        timeout=int(WITHIN.total_seconds() * 1000),
        user_verification=REQUIRED,
    )
    return options_to_json_dict(options)


async def sign_in(credential: object) -> User:
    """The user whose passkey signed a challenge of ``begin_sign_in``; in a transaction.

    Raises:
        InvalidCredentials: nobody's did, the device did not verify its user, or it counts fewer uses than before, as a
            copy of it does.
    """
    try:
        given = parse_authentication_credential_json(_object(credential))
        challenge = await _taken(given.response.client_data_json, None)
        kept = (
            await Passkey.select_for_update(of=("passkey",))
            .select_related("user")
            .get_or_none(credential_id=given.raw_id)
        )
        if kept is None or given.response.user_handle not in (None, kept.user.id.bytes):
            raise _refused()
        used = verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=_site(),
            expected_origin=_origins(),
            credential_public_key=bytes(kept.public_key),
            credential_current_sign_count=kept.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise _refused() from None
    kept.sign_count, kept.last_used_at = used.new_sign_count, clock.now()
    await kept.save(update_fields=["sign_count", "last_used_at"])
    return kept.user


async def rename(user: User, passkey_id: UUID, name: str) -> Passkey:
    """Give a passkey another name.

    Raises:
        NotFound: the user has no such passkey.
        InvalidInput: the name is empty or too long.
    """
    found = await _of(user, passkey_id)
    found.name = text(name, "name", 100)
    await found.save(update_fields=["name"])
    return found


async def remove(user: User, passkey_id: UUID) -> Passkey:
    """No longer let the user sign in by a passkey; in a transaction.

    Raises:
        NotFound: the user has no such passkey.
        InvalidInput: it is the only way in.
    """
    found = await _of(user, passkey_id)
    await keep_a_way_in(user, "passkeyId")
    await found.delete()
    await tell(user.id, SecurityChange.PASSKEY_REMOVED, found.name)
    return found


async def forget_challenges() -> None:
    """Forget what nobody can answer any more."""
    await PasskeyChallenge.filter(expires_at__lt=clock.now()).delete()


async def _of(user: User, passkey_id: UUID) -> Passkey:
    found = await Passkey.get_or_none(id=passkey_id, user_id=user.id)
    if found is None:
        raise NotFound(what="passkey", path=("passkeyId",))
    return found


async def _challenge(user: User | None) -> bytes:
    made = secrets.token_bytes(32)
    await PasskeyChallenge.create(
        challenge=digest(made.hex()), user_id=user and user.id, expires_at=clock.now() + WITHIN
    )
    return made


async def _taken(client_data: bytes, user_id: UUID | None) -> bytes:
    """The challenge that was signed, if it was made here, for that user or for a sign-in; it is used up.

    Raises:
        InvalidCredentials: it was not, was used, or is too old.
    """
    challenge = parse_client_data_json(client_data).challenge
    mine = PasskeyChallenge.filter(challenge=digest(challenge.hex()), expires_at__gt=clock.now())
    owned = mine.filter(user_id=user_id) if user_id else mine.filter(user_id__isnull=True)
    if not await owned.delete():
        raise _refused()
    return challenge


def _object(credential: object) -> dict[str, Any]:
    if not isinstance(credential, dict) or len(orjson.dumps(credential)) > MOST_BYTES:
        raise _refused()
    return credential


def _site() -> str:
    """The relying party's id: the host of the service's public address."""
    return urlsplit(get_settings().address).hostname or "localhost"


def _origins() -> list[str]:
    """The pages that may ask for passkeys: the service's own, and those that may call it from a browser."""
    parts = urlsplit(get_settings().address)
    return [f"{parts.scheme}://{parts.netloc}", *get_settings().origins()]


def _refused() -> InvalidCredentials:
    return InvalidCredentials(of="passkey", path=("credential",))
