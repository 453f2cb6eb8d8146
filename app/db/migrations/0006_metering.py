"""Meters, prices as data, usage of any meter, and what closing days in sets needs."""

from tortoise import fields, migrations
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from uuid_utils.compat import uuid7

from app.editions.models import TierMode
from app.usage.models import Aggregation

UUID7 = """
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        int8send(((t / 1000) << 16) | 28672 | ((t % 1000) * 4096 / 1000)) || substr(uuid_send(gen_random_uuid()), 9, 8),
        'hex')::uuid
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS t) AS now
$$
"""
DAY_START = """
CREATE FUNCTION day_start(day date, zone text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT day::timestamp AT TIME ZONE zone - CASE
        WHEN ((day::timestamp AT TIME ZONE zone - interval '1 hour') AT TIME ZONE zone)::date = day
        THEN interval '1 hour' ELSE interval '0' END
$$
"""
PRICE_DAY = """
CREATE FUNCTION price_day(p price_plan, quantity bigint) RETURNS TABLE (billed bigint, amount bigint)
LANGUAGE sql IMMUTABLE AS $$
    SELECT b.billed, CASE WHEN p.tiers = '[]' THEN
        p.base_minor + div(2 * b.billed::numeric * p.unit_price_minor + p.units_per_price, 2 * p.units_per_price)::bigint
    ELSE (
        SELECT p.base_minor + coalesce(sum(t.flat) FILTER (WHERE t.units > 0), 0)::bigint
            + div(2 * coalesce(sum(t.units * t.price), 0) + p.units_per_price, 2 * p.units_per_price)::bigint
        FROM (
            SELECT price, flat, CASE
                WHEN p.tier_mode = 'GRADUATED' THEN greatest(least(b.billed, coalesce(up_to, b.billed)) - begins, 0)
                WHEN b.billed > begins AND b.billed <= coalesce(up_to, b.billed) THEN b.billed
                ELSE 0 END::numeric AS units
            FROM (
                SELECT (tier ->> 'up_to')::bigint AS up_to, (tier ->> 'unit_price_minor')::bigint AS price,
                    coalesce((tier ->> 'flat_minor')::bigint, 0) AS flat,
                    coalesce(lag((tier ->> 'up_to')::bigint) OVER (ORDER BY place), 0) AS begins
                FROM jsonb_array_elements(p.tiers) WITH ORDINALITY AS listed(tier, place)) AS tiers) AS t)
    END
    FROM (SELECT greatest(quantity - p.free_quantity, p.minimum_quantity, 0) AS billed) AS b
$$
"""
COMPRESS = """
DO $$ BEGIN
    IF 'lz4' = ANY ((SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression')::text[]) THEN
        ALTER TABLE usage_hour ALTER COLUMN ids SET COMPRESSION lz4;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("app", "0005_wallets")]

    initial = False

    operations = [
        ops.DeleteModel("UsageHour"),
        ops.CreateModel(
            name="UsageHour",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("account_id", fields.UUIDField()),
                ("deployment_id", fields.UUIDField()),
                ("meter", fields.CharField(max_length=40)),
                ("hour", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ids", ArrayField(element_type="text", null=True)),
                ("quantity", fields.BigIntField()),
            ],
            options={
                "table": "usage_hour",
                "app": "app",
                "unique_together": (("deployment_id", "meter", "hour"),),
                "indexes": [Index(fields=["account_id", "meter", "hour"])],
                "pk_attr": "id",
                "table_description": "What one deployment's meter came to in one hour.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Meter",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("key", fields.CharField(unique=True, max_length=40)),
                ("aggregation", fields.CharEnumField(enum_type=Aggregation, max_length=20)),
                ("name", fields.JSONField()),
            ],
            options={
                "table": "meter",
                "app": "app",
                "pk_attr": "id",
                "table_description": "Something that is measured hourly and may be priced by the day.",
            },
            bases=["Record"],
        ),
        ops.RemoveField("BillingDay", "usage_revision"),
        ops.AddField("BillingDay", "begins_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
        ops.AddField("BillingDay", "ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
        ops.AddField("BillingDay", "late", fields.BooleanField(default=False)),
        ops.AlterField("BillingDay", "quantity", fields.BigIntField()),
        ops.AlterField("Charge", "quantity", fields.BigIntField()),
        ops.AlterField("Charge", "billed_quantity", fields.BigIntField()),
        ops.AlterField("Charge", "units", fields.BigIntField()),
        ops.AddField("PricePlan", "units_per_price", fields.IntField(default=1)),
        ops.AddField("PricePlan", "base_minor", fields.BigIntField(default=0)),
        ops.AddField("PricePlan", "free_quantity", fields.BigIntField(default=0)),
        ops.AddField(
            "PricePlan",
            "tier_mode",
            fields.CharEnumField(enum_type=TierMode, max_length=10, default=TierMode.GRADUATED),
        ),
        ops.AddField("PricePlan", "tiers", fields.JSONField(default=list)),
        ops.RunSQL(
            [
                UUID7,
                DAY_START,
                PRICE_DAY,
                "DROP SEQUENCE usage_revision",
                "ALTER TABLE usage_hour ADD CHECK (quantity >= 0)",
                COMPRESS,
                "ALTER TABLE charge DROP CONSTRAINT charge_check, "
                "ADD CHECK (quantity >= 0 AND billed_quantity >= 0 AND (amount_minor <> 0 OR kind = 'DAILY'))",
                "ALTER TABLE price_plan ADD CHECK (units_per_price > 0 AND base_minor >= 0 AND free_quantity >= 0), "
                "ADD CHECK (time_zone = 'UTC' OR time_zone LIKE '%/%'), "
                "ADD FOREIGN KEY (meter) REFERENCES meter (key)",
                "CREATE INDEX channel_binding_account ON channel_binding (account_id, id)",
                "CREATE INDEX IF NOT EXISTS journal_entry_transaction ON journal_entry (transaction_id)",
                "CREATE INDEX billing_day_late ON billing_day (account_id) WHERE late",
                "CREATE INDEX billing_day_day ON billing_day (day)",
                "CREATE INDEX usage_hour_detail ON usage_hour (hour) WHERE ids IS NOT NULL",
            ],
        ),
        ops.AlterModelOptions(
            name="BillingDay",
            options={
                "table": "billing_day",
                "app": "app",
                "unique_together": (("account", "day"),),
                "pk_attr": "id",
                "table_description": "That an account's day was closed, and what it came to.",
            },
        ),
        ops.AlterModelOptions(
            name="Meter",
            options={
                "table": "meter",
                "app": "app",
                "pk_attr": "id",
                "table_description": "Something that is measured hourly and may be priced by the day. "
                '``name`` is ``{"zh": ..., "en": ...}``.',
            },
        ),
    ]
