"""AWS Marketplace's channel: it checks what links an account, and never claims to have collected anything."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator
from settlement_aws.channel import AwsMarketplace
from settlement_spec import (
    BindingRejected,
    BindRequest,
    BindState,
    Capability,
    Charge,
    ChargeBatch,
    ChargeKind,
    HealthStatus,
    Money,
    Outcome,
    SettlementChannel,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ARN = "arn:aws:license-manager::123456789012:license:l-0123456789abcdef"
AWS = {"customerAWSAccountId": "123456789012", "licenseArn": ARN}
CHANNELS = [AwsMarketplace()]


def request(configuration: dict[str, Any]) -> BindRequest:
    return BindRequest(uuid4(), "Acme", configuration, NOW)


@pytest.mark.parametrize("channel", CHANNELS)
def test_they_describe_what_they_can_do(channel: SettlementChannel) -> None:
    about = channel.describe()
    Draft202012Validator.check_schema(dict(about.configuration_schema))
    assert about.capabilities == {Capability.EXTERNAL_SUBSCRIPTION, Capability.METERED_PUSH}
    assert set(about.display_name) == {"zh", "en"}


def test_their_limits_are_the_providers() -> None:
    (aws,) = (channel.describe().limits for channel in CHANNELS)
    assert (aws.batch_size, aws.push_within) == (25, timedelta(hours=6))


@pytest.mark.parametrize("channel", CHANNELS)
async def test_they_say_that_they_are_not_configured_and_collect_nothing(channel: SettlementChannel) -> None:
    assert (await channel.health()).status == HealthStatus.NOT_CONFIGURED
    charges = tuple(
        Charge(uuid4(), uuid4(), None, {}, ChargeKind.DAILY, date(2026, 3, 1), NOW, NOW, 20, Money(minor, "CNY"))
        for minor in (10_000, 0, -1)
    )
    results = await channel.settle(ChargeBatch(charges, NOW))
    assert [result.charge_id for result in results] == [charge.id for charge in charges]
    for result in results:
        assert result.outcome == Outcome.RETRY_LATER
        assert result.retry_at is not None
        assert result.retry_at > NOW
        assert result.reason
        assert result.provider_reference is None


@pytest.mark.parametrize(("channel", "configuration"), [(CHANNELS[0], AWS)])
async def test_a_right_link_waits_for_the_provider(channel: SettlementChannel, configuration: dict[str, Any]) -> None:
    assert Draft202012Validator(channel.describe().configuration_schema).is_valid(configuration)
    assert (await channel.bind(request(configuration))).state == BindState.PENDING


@pytest.mark.parametrize(
    ("channel", "configuration", "field"),
    [
        (CHANNELS[0], {**AWS, "customerAWSAccountId": "12345678901"}, "customerAWSAccountId"),
        (CHANNELS[0], {"licenseArn": ARN}, "customerAWSAccountId"),
        (CHANNELS[0], {}, "customerAWSAccountId"),
        (CHANNELS[0], {**AWS, "licenseArn": "arn:aws:s3:::bucket"}, "licenseArn"),
        (CHANNELS[0], {**AWS, "licenseArn": ARN + "\x00"}, "licenseArn"),
        (CHANNELS[0], {"customerAWSAccountId": "123456789012"}, "licenseArn"),
    ],
)
async def test_a_wrong_link_names_the_field(
    channel: SettlementChannel, configuration: dict[str, Any], field: str
) -> None:
    with pytest.raises(BindingRejected) as refusal:
        await channel.bind(request(configuration))
    assert refusal.value.field == field
    assert field in refusal.value.en
    assert field in refusal.value.zh
