"""What is in the settings stays in the settings."""

from __future__ import annotations

import logging

import pytest

from settlement_spec.conformance.bench import Bench
from settlement_spec.conformance.checks import ASYNC
from settlement_spec.conformance.harness import Misbehaviour
from settlement_spec.conformance.skipping import does_not_apply

pytestmark = ASYNC


async def test_no_secret_is_revealed(idle: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench, public = idle, idle.harness.public_settings
    secrets = {name: value for name, value in bench.services.settings.items() if name not in public and value}
    if not secrets:
        does_not_apply("it has no secret settings")
    with caplog.at_level(logging.DEBUG):
        said = await everything(bench)
    for name, secret in secrets.items():
        assert secret not in caplog.text, f"the log reveals {name}"
        assert not any(secret in text for text in said), f"repr, health, a refusal or a result reveals {name}"


async def everything(bench: Bench) -> list[str]:
    """Use the channel in every way there is; what it said."""
    said: list[str] = []
    await bench.start()
    account = await bench.account()
    charge = bench.charge(account)
    for how in (None, *Misbehaviour):
        if how in bench.harness.misbehaviours:
            await bench.harness.misbehave(how)
        said.append(repr(await bench.hand_over(charge)))
        said.append(repr(await bench.call("health", lambda channel: channel.health())))
        await bench.harness.recover()
    said.append(repr(await bench.settle(charge)))
    for configuration in bench.harness.wrong_configurations:
        refusal = await bench.refusal(configuration)
        said += [refusal.en, refusal.zh] if refusal else []
    for callback in [
        *await bench.harness.forged_callbacks(account),
        *await bench.harness.genuine_callbacks(account),
    ]:
        await bench.send(callback)
    await bench.call("tick", lambda channel: channel.tick(bench.now))
    said += [repr(bench.channel), str(bench.channel), repr(bench.about)]
    await bench.channel.stop()
    return said
