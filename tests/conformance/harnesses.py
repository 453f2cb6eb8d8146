"""The built-in channels' surroundings, for the conformance kit."""

from __future__ import annotations

from importlib import import_module

from settlement_spec.conformance import Harness

HARNESSES = {
    "guance": "around_guance:EnterpriseAccountHarness",
    "aws": "around_aws:AwsHarness",
    "aliyun": "around_aliyun:AliyunHarness",
}


def pytest_settlement_channel_harness(name: str) -> Harness | None:
    """The harness of a built-in channel; what it stands on is imported only then."""
    if name not in HARNESSES:
        return None
    module, _, kind = HARNESSES[name].partition(":")
    made: Harness = getattr(import_module(f"tests.conformance.{module}"), kind)()
    return made
