"""Passwords are slow to hash: that holds up whoever sends one, and nobody else."""

from __future__ import annotations

import asyncio
import secrets
import threading

import httpx
import pytest
from argon2 import PasswordHasher

from app.accounts import passwords
from app.api.lanes import MOST_WAITING
from app.settings import get_settings
from tests.accounts.people import PASSWORD
from tests.api.driver import Api, registered


class Slow:
    """A hasher that hashes when it is told to."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    def hash(self, password: str) -> str:
        self.go_on.wait(30)
        return self._hasher.hash(password)

    def verify(self, known: str, password: str) -> bool:
        self.go_on.wait(30)
        return self._hasher.verify(known, password)


async def test_a_flood_of_passwords_leaves_connections_and_threads_to_everything_else(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, account = await registered(api)
    slow = Slow()
    monkeypatch.setattr(passwords, "_hasher", slow)

    async def sign_in(key: str | None) -> str:
        signed_in = await api.call(
            "signIn", "token", email=f"{secrets.token_hex(4)}@example.com", password=PASSWORD, idempotencyKey=key
        )
        return str(signed_in["code"])

    keys = [secrets.token_hex(4) if number % 2 else None for number in range(get_settings().pool_size * 5 // 8)]
    strangers = [
        *(asyncio.create_task(sign_in(key)) for key in keys),
        *(asyncio.create_task(registered(api)) for _ in keys),
    ]
    transport = api.http._transport
    assert isinstance(transport, httpx.ASGITransport)
    lane = transport.app.state.lanes.passwords  # type: ignore[attr-defined]
    async with asyncio.timeout(60):
        while lane._room > MOST_WAITING - len(strangers) + get_settings().pool_size // 5:
            await asyncio.sleep(0.01)
    beyond = [asyncio.create_task(sign_in(key)) for key in keys]
    try:
        async with asyncio.timeout(10):
            assert (await mine.account(account, "name"))["name"]
            await asyncio.to_thread(lambda: None)
    finally:
        slow.go_on.set()
    answers = await asyncio.gather(*strangers)
    assert set(answers[: len(keys)]) == {"INVALID_CREDENTIALS"}
    assert set(await asyncio.gather(*beyond)) == {"INVALID_CREDENTIALS", "OVERLOADED"}
