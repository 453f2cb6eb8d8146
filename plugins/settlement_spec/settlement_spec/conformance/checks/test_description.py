"""What the channel says of itself, and how it starts."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator

from settlement_spec import IN_CHINESE, Capability, HealthStatus, Outcome, capabilities_of
from settlement_spec.conformance.bench import Bench
from settlement_spec.conformance.checks import ASYNC
from settlement_spec.conformance.loading import load_channel
from settlement_spec.conformance.skipping import does_not_apply

pytestmark = ASYNC


async def test_its_key_names_and_currencies_are_well_formed(idle: Bench) -> None:
    about = idle.about
    assert re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", about.key, re.ASCII), "the key is 1 to 40 of a-z, 0-9, - and _"
    assert about.display_name.get("en", "").strip(), "a name in English"
    assert re.search("[\u4e00-\u9fff]", about.display_name.get("zh", "")), "a name in Chinese"
    assert about.currencies, "a currency"
    for currency in about.currencies:
        assert re.fullmatch("[A-Z]{3}", currency, re.ASCII), f"{currency} is no ISO 4217 code"


async def test_its_configuration_schema_is_json_schema(idle: Bench) -> None:
    schema = dict(idle.about.configuration_schema)
    Draft202012Validator.check_schema(schema)
    assert schema.get("type") == "object", "a binding's configuration is an object"
    for name, one in schema.get("properties", {}).items():
        zh = one.get(IN_CHINESE, {})
        assert one.get("title", "").strip(), f"a title of {name}, in English"
        assert re.search("[\u4e00-\u9fff]", zh.get("title", "")), f"a title of {name} in Chinese, under {IN_CHINESE}"
        assert ("description" in one) == ("description" in zh), f"a description of {name} in both languages"
    assert idle.fits(idle.harness.configuration(0)), "the harness's binding fits"


async def test_its_page_to_buy_is_a_web_page(bench: Bench) -> None:
    page = await bench.call("purchase_url", lambda channel: channel.purchase_url())
    if page is None:
        does_not_apply("customers buy nothing for it")
    assert urlsplit(page).scheme == "https", "customers are sent there: https alone"
    assert urlsplit(page).hostname, "it names a host"


async def test_its_limits_are_possible(idle: Bench) -> None:
    limits = idle.about.limits
    assert limits.batch_size >= 1
    assert limits.push_within is None or limits.push_within > timedelta(0)


async def test_its_capabilities_are_what_it_implements(idle: Bench) -> None:
    assert all(isinstance(capability, Capability) for capability in capabilities_of(idle.channel))


async def test_its_description_never_changes(idle: Bench) -> None:
    assert idle.channel.describe() == idle.about
    await idle.start()
    assert idle.channel.describe() == idle.about
    await idle.channel.stop()
    assert load_channel(idle.name).describe() == idle.about


async def test_its_tables_can_be_found(idle: Bench) -> None:
    tables = idle.about.tortoise_app
    if tables is None:
        does_not_apply("it brings no tables")
    assert tables.label != "app", "the label app is the billing center's"
    import_module(tables.models_module)
    import_module(tables.migrations_module)


async def test_without_settings_it_says_so_and_collects_nothing(idle: Bench) -> None:
    if not idle.harness.needs_settings:
        does_not_apply("it needs no settings")
    idle.services.settings = {}
    await idle.start()
    health = await idle.call("health", lambda channel: channel.health())
    assert health.status == HealthStatus.NOT_CONFIGURED
    assert health.message.strip(), "the message says what to set"
    charge = idle.charge_of_nobody()
    answer = (await idle.hand_over(charge))[charge.id]
    assert answer.outcome in (Outcome.RETRY_LATER, Outcome.UNKNOWN), "its charges wait"
    await idle.channel.stop()


async def test_with_settings_it_is_healthy(bench: Bench) -> None:
    health = await bench.call("health", lambda channel: channel.health())
    assert health.status == HealthStatus.HEALTHY, health.message
