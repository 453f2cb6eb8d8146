"""No secret that was given out or typed in is in the logs or the database; and the key that seals is changed."""

from __future__ import annotations

import logging
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from cryptography.fernet import Fernet, InvalidToken

from app import codes, secretbox
from app.accounts.models import AccessToken, SignInAttempt
from app.bootstrap import Runtime
from app.clock import now
from app.db import resealing
from app.db.resealing import reseal, sealed_columns
from app.deployments.models import AccessKey
from app.idempotency.models import IdempotencyKey
from app.logs import configure
from app.settings import get_settings
from tests.api.driver import Api, Enum, activate, license_and_key, registered, upgraded
from tests.api.tenant import tenant, vendor
from tests.conftest import TravellingClock
from tests.db.rows import everything
from tests.serving import BILLING, environment

PASSWORD = "a long password"
TYPED = "MY-WRONG-SECRET-7391"
FERNET = "gAAAAA"
ROOMS = ("app.accounts", "app.deployments", "app.notifications", "app.settlement", "app.discounts")


@pytest.fixture
def issued(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every secret that the rooms make from now on."""
    made: set[str] = set()

    def noting(make: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            found = make(*arguments)
            if sys._getframe(1).f_globals["__name__"].startswith(ROOMS):
                made.add(found if isinstance(found, str) else found.hex())
            return found

        return noted

    for name in ("token_urlsafe", "token_bytes"):
        monkeypatch.setattr(secrets, name, noting(getattr(secrets, name)))
    monkeypatch.setattr(pyotp, "random_base32", noting(pyotp.random_base32))
    coded = noting(codes.new_code)
    for module in [one for name, one in sys.modules.items() if name.startswith("app.")]:
        if getattr(module, "new_code", None) is codes.new_code and module is not codes:
            monkeypatch.setattr(module, "new_code", coded)
    return made


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Everything that is logged from now on, at the level that says most."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure("json", "DEBUG")
    yield lambda: capsys.readouterr().err
    root.handlers[:] = before
    root.setLevel(level)


def _sealed(text: str) -> bool:
    """Whether a row's text has what ``secretbox`` made; PostgreSQL writes bytes as hex digits."""
    return FERNET in text or FERNET.encode().hex() in text


async def _mistaken(api: Api) -> None:
    """Somebody gives a secret where it is wrong, or in what cannot be executed."""
    mine, account = await registered(api)
    mistakes: dict[str, dict[str, Any]] = {
        "signIn": {"email": "a@example.com", "password": TYPED},
        "resetPassword": {"code": TYPED, "newPassword": TYPED},
        "redeemVoucherCode": {"accountId": account, "code": TYPED},
        "joinWallet": {"accountId": account, "code": TYPED},
        "acceptInvitation": {"code": TYPED},
        "changePassword": {"currentPassword": TYPED, "newPassword": TYPED},
    }
    for mutation, arguments in mistakes.items():
        assert "code" in await mine.call(mutation, "__typename", **arguments)
    for document in (
        f'mutation {{ signIn(email: "a@example.com", password: "{TYPED}", remember: true) {{ __typename }} }}',
        f'mutation {{ signIn(email: "{TYPED}", password: ',
    ):
        assert "errors" in await api.answer(document)


async def _every_secret(api: Api, runtime: Runtime) -> None:
    helpers = await vendor(api)
    owner = await tenant(api, runtime, helpers)
    mine, account = owner.client, owner.account
    begun = await mine.call("beginSecondFactor", "secret")
    await mine.call("confirmSecondFactor", "recoveryCodes", code=pyotp.TOTP(begun["secret"]).now())
    await mine.call("requestPasswordReset", "__typename", email="a@example.com")
    for mutation in ("createAccessKey", "createServiceToken"):
        more: Any = {"name": "x", "role": Enum("VIEWER")} if mutation == "createServiceToken" else {"label": "x"}
        await mine.call(mutation, "__typename", accountId=account, idempotencyKey=f"{mutation}-1", **more)
    endpoint = await mine.account(account, "webhookEndpoints { nodes { id } }")
    attempt: dict[str, Any] = {"state": b"x", "secret": b"x", "person_encrypted": secretbox.encrypt(b"{}")}
    await SignInAttempt.create(provider="company", expires_at=now(), **attempt)
    await mine.call("rotateWebhookSecret", "__typename", endpointId=endpoint["webhookEndpoints"]["nodes"][0]["id"])


async def test_no_secret_is_in_the_logs_or_the_database(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock, issued: set[str], logged: Callable[[], str]
) -> None:
    await _every_secret(api, runtime)
    await _mistaken(api)
    assert len(issued) > 12
    kept, lines = await everything(), logged()
    assert "signIn" in lines
    for secret in {*issued, PASSWORD, TYPED}:
        for form in {secret, secret.replace("-", ""), secret.encode().hex()}:
            assert form not in lines, secret
            assert not [table for table, text in kept.items() if form in text], secret


async def test_what_is_sealed_is_where_rotation_looks(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    await _every_secret(api, runtime)
    sealing = {table._meta.db_table for table in sealed_columns()}
    assert {name for name, text in (await everything()).items() if _sealed(text)} == sealing


async def test_a_change_of_the_key_loses_nothing_and_a_crash_in_it_is_gone_on_with(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, old, new = get_settings(), get_settings().secret_key, Fernet.generate_key()
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    again: dict[str, Any] = {"accountId": account, "label": "y", "idempotencyKey": "key-1"}
    first = await mine.call("createAccessKey", "sk", **again)
    monkeypatch.setattr(resealing, "BATCH", 1)
    monkeypatch.setitem(vars(settings), "secret_keys", (new, old))
    assert await mine.call("createAccessKey", "sk", **again) == first
    sealed = (await AccessKey.get(ak=ak)).sk_encrypted

    stop_after = iter(range(2))
    reseal_one = secretbox.resealed

    def dying(secret: bytes) -> bytes | None:
        next(stop_after)
        return reseal_one(secret)

    monkeypatch.setattr(secretbox, "resealed", dying)
    with pytest.raises(RuntimeError):
        await reseal()
    monkeypatch.setattr(secretbox, "resealed", reseal_one)
    assert secretbox.decrypt((await AccessKey.get(ak=ak)).sk_encrypted) == sk.encode()
    done = await reseal()
    assert 0 < done.changed < done.secrets
    assert (await reseal()).changed == 0

    monkeypatch.setitem(vars(settings), "secret_keys", (new,))
    assert (await activate(mine, text, ak, sk))["__typename"] == "ActivateLicenseSuccess"
    kept = await IdempotencyKey.get(key="key-1")
    assert first["sk"] in secretbox.decrypt(bytes(kept.result_encrypted or b"")).decode()
    with pytest.raises(InvalidToken):
        secretbox.decrypt(sealed)
    assert await AccessToken.exists()


def test_the_key_file_gets_another_key_and_forgets_the_old_one(tmp_path: Path, database_url: str) -> None:
    with_key = environment(tmp_path, database_url)
    old = with_key.pop("BILLING_SECRET_KEY")
    (tmp_path / "secret.key").write_text(old)

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(BILLING), "secret", *arguments], env=with_key, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert "restart every process" in run("new")
    new, kept = (tmp_path / "secret.key").read_text().split()
    assert (kept, (tmp_path / "secret.key").stat().st_mode & 0o777) == (old, 0o600)
    assert "1 of them sealed anew" in run("rotate")
    said = run("rotate", "--forget")
    assert "0 of them sealed anew" in said
    assert (tmp_path / "secret.key").read_text().split() == [new]
    assert not any(key in said for key in (old, new))
    with_key["BILLING_SECRET_KEY"] = new
    Fernet(run("new").split()[-1].encode())
