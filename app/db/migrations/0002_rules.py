"""What the models cannot say: functions, triggers, checks, partial indexes."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

UUID7 = """
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT (
        overlay(substr(encode(int8send((extract(epoch FROM clock_timestamp()) * 4096000)::bigint), 'hex'), 2)
            PLACING '7' FROM 13 FOR 0)
        || substr(encode(uuid_send(gen_random_uuid()), 'hex'), 17))::uuid
$$
"""

KEY_AFTER = """
CREATE FUNCTION key_after(newest uuid, fresh uuid, place bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN newest IS NULL OR fresh > newest THEN fresh ELSE (
        substr(encode(uuid_send(newest), 'hex'), 1, 16)
        || lpad(to_hex(('x' || substr(encode(uuid_send(newest), 'hex'), 17))::bit(64)::bigint + place), 16, '0'))::uuid
    END
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

REMEMBER_NONCE = """
CREATE FUNCTION remember_nonce(access_key uuid, seen text, until timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO request_nonce (id, access_key_id, nonce, expires_at) VALUES (uuid7(), access_key, seen, until)
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$
"""

USAGE = (
    """
DO $$ BEGIN
    IF 'lz4' = ANY ((SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression')::text[]) THEN
        ALTER TABLE usage_hour ALTER COLUMN ids SET COMPRESSION lz4;
    END IF;
END $$
""",
    """
CREATE FUNCTION merged(kept usage_hour, more usage_hour, OUT ids text[], OUT quantity bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT m.ids, greatest(kept.quantity, more.quantity, cardinality(m.ids)) FROM (
        SELECT array_agg(DISTINCT id COLLATE "C" ORDER BY id COLLATE "C") AS ids
        FROM unnest(kept.ids || more.ids) AS d(id)) AS m
$$
""",
    """
CREATE FUNCTION take_usage(
    taker uuid, reporter uuid, seen_at timestamptz, access_key uuid, seen_nonce text, nonce_expires_at timestamptz,
    hours timestamptz[], meters text[], begins int[], counts int[], lines text, amounts bigint[]
) RETURNS TABLE (hour timestamptz, quantity bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    reported_ids text[] := string_to_array(lines, E'\n');
BEGIN
    PERFORM FROM account WHERE id = taker FOR KEY SHARE;
    IF seen_nonce IS NOT NULL AND NOT remember_nonce(access_key, seen_nonce, nonce_expires_at) THEN
        RETURN;
    END IF;
    UPDATE billing_day d SET late = true
    FROM (SELECT DISTINCT r.hour FROM unnest(hours) AS r(hour)) AS r
    WHERE d.account_id = taker AND NOT d.late AND d.begins_at <= r.hour AND d.ends_at > r.hour
      AND d.day BETWEEN r.hour::date - 1 AND r.hour::date + 1;
    UPDATE deployment SET last_seen_at = seen_at
    WHERE id = reporter AND last_seen_at < seen_at - interval '1 minute';
    RETURN QUERY
    INSERT INTO usage_hour AS kept (id, account_id, deployment_id, meter, hour, ids, quantity)
    SELECT uuid7(), taker, reporter, r.meter, r.hour, reported.ids, coalesce(r.value, cardinality(reported.ids))
    FROM unnest(hours, meters, begins, counts, amounts) AS r(hour, meter, begin, count, value)
    CROSS JOIN LATERAL (
        SELECT array_agg(id ORDER BY id COLLATE "C") AS ids
        FROM unnest(reported_ids[r.begin : r.begin + r.count - 1]) AS d(id)) AS reported
    ORDER BY r.meter, r.hour
    ON CONFLICT (deployment_id, meter, hour)
    DO UPDATE SET (ids, quantity) = (SELECT m.ids, m.quantity FROM merged(kept, excluded) AS m)
    RETURNING kept.hour, kept.quantity;
END $$
""",
)

APPEND_ONLY = (
    "acceptance",
    "agreement_version",
    "application_note",
    "charge",
    "credit_note",
    "event",
    "journal_entry",
    "journal_transaction",
    "offer",
    "price_plan",
    "revocation_issue",
    "statement",
    "statement_charge",
)
REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$
"""
GUARDED = tuple(
    statement
    for table in APPEND_ONLY
    for statement in (
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        # Always: for replicas and for whoever sets session_replication_role, too.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only",
    )
)

BALANCED = (
    """
CREATE FUNCTION check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong uuid;
BEGIN
    SELECT transaction_id INTO wrong FROM inserted GROUP BY transaction_id, currency
    HAVING sum(amount_minor) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the entries of journal transaction % do not sum to zero', wrong
            USING ERRCODE = 'check_violation', HINT = 'insert all entries of a transaction in one statement';
    END IF;
    RETURN NULL;
END $$
""",
    "CREATE TRIGGER balanced AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS inserted "
    "FOR EACH STATEMENT EXECUTE FUNCTION check_balanced()",
)

TOLD = (
    """
CREATE FUNCTION notify_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_notify('account_event', account_id::text) FROM (SELECT DISTINCT account_id FROM happened) AS accounts;
    RETURN NULL;
END $$
""",
    "CREATE TRIGGER notify AFTER INSERT ON event REFERENCING NEW TABLE AS happened "
    "FOR EACH STATEMENT EXECUTE FUNCTION notify_event()",
    """
CREATE FUNCTION tell_of_events() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO delivery (id, account_id, event_id, endpoint_id, user_id, state, attempts)
    SELECT uuid7(), e.account_id, e.id, w.id, NULL, 'PENDING', 0 FROM happened e
    JOIN webhook_endpoint w ON w.account_id = e.account_id AND w.enabled
        AND (w.event_types = '{}' OR e.type = ANY (w.event_types))
    UNION ALL SELECT uuid7(), e.account_id, e.id, NULL, m.user_id, 'PENDING', 0 FROM happened e
    JOIN notice n ON n.type = e.type JOIN account a ON a.id = e.account_id AND NOT a.sandbox
    JOIN membership m ON m.account_id = e.account_id AND m.role IN ('OWNER', 'ADMIN');
    RETURN NULL;
END $$
""",
    "CREATE TRIGGER tell AFTER INSERT ON event REFERENCING NEW TABLE AS happened "
    "FOR EACH STATEMENT EXECUTE FUNCTION tell_of_events()",
)

CHECKS = (
    "ALTER TABLE charge ADD CHECK (quantity >= 0 AND billed_quantity >= 0 AND (amount_minor <> 0 OR kind = 'DAILY'))",
    "ALTER TABLE instalment ADD CHECK (amount_minor > 0)",
    "ALTER TABLE invoice ADD CHECK (amount_minor > 0), ADD CHECK ((state = 'ISSUED') = (number IS NOT NULL)), "
    "ADD CHECK (state <> 'REJECTED' OR reason IS NOT NULL)",
    "ALTER TABLE offer ADD CHECK (price_minor >= 0 AND dk_limit >= -1 AND ends_on >= starts_on)",
    "ALTER TABLE price_plan ADD CHECK (unit_price_minor >= 0 AND minimum_quantity >= 0), "
    "ADD CHECK (units_per_price > 0 AND base_minor >= 0 AND free_quantity >= 0), "
    "ADD CHECK (time_zone = 'UTC' OR time_zone LIKE '%/%'), ADD FOREIGN KEY (meter) REFERENCES meter (key)",
    "ALTER TABLE statement ADD CHECK (extract(day FROM month) = 1)",
    "ALTER TABLE usage_hour ADD CHECK (quantity >= 0)",
)

ONLY_ONE = (
    "CREATE UNIQUE INDEX access_token_hash ON access_token (token_hash)",
    "CREATE UNIQUE INDEX application_open ON application (account_id, edition) "
    "WHERE state IN ('SUBMITTED', 'IN_REVIEW', 'OFFERED')",
    "CREATE UNIQUE INDEX channel_binding_bound ON channel_binding (account_id) WHERE state = 'BOUND'",
    "CREATE UNIQUE INDEX license_replaced_once ON license (replaces_id)",
    "CREATE UNIQUE INDEX password_reset_token ON password_reset (token_hash)",
    "CREATE UNIQUE INDEX reconciliation_case_open ON reconciliation_case (channel, charge_id) "
    "WHERE resolved_at IS NULL",
    "CREATE UNIQUE INDEX signing_key_current ON signing_key ((superseded_at IS NULL)) WHERE superseded_at IS NULL",
    "CREATE UNIQUE INDEX upgrade_in_progress ON upgrade (account_id) "
    "WHERE state IN ('AGREEMENT_PENDING', 'CHANNEL_PENDING', 'FREE_PERIOD', 'ACTIVE')",
)

LOOK_UPS = (
    "CREATE INDEX access_token_user ON access_token (user_id, id) WHERE revoked_at IS NULL",
    "CREATE INDEX account_travelled ON account (id) WHERE clock_offset_seconds > 0",
    "CREATE INDEX application_lapsing ON application (lapses_at) WHERE state = 'OFFERED'",
    "CREATE INDEX application_note_application ON application_note (application_id, id)",
    "CREATE INDEX application_queue ON application (state, id)",
    "CREATE INDEX billing_day_day ON billing_day (day)",
    "CREATE INDEX billing_day_late ON billing_day (account_id) WHERE late",
    "CREATE INDEX channel_binding_account ON channel_binding (account_id, id)",
    "CREATE INDEX charge_account ON charge (account_id, id)",
    "CREATE INDEX contract_account ON contract (account_id, id)",
    "CREATE INDEX contract_attention ON contract (attention_at)",
    "CREATE INDEX delivery_due ON delivery (id) WHERE state = 'PENDING'",
    "CREATE INDEX event_account ON event (account_id, id)",
    "CREATE INDEX journal_entry_transaction ON journal_entry (transaction_id)",
    "CREATE INDEX journal_transaction_account ON journal_transaction (account_id, at)",
    "CREATE INDEX license_attention ON license (attention_at)",
    "CREATE INDEX license_deployment ON license (deployment_id)",
    "CREATE INDEX license_limited ON license (deployment_id) WHERE dk_limit >= 0 AND state = 'ACTIVE'",
    "CREATE INDEX license_unlisted ON license (id) WHERE state = 'REVOKED' AND revocation_version IS NULL",
    "CREATE INDEX offer_application ON offer (application_id, id)",
    "CREATE INDEX password_reset_due ON password_reset (mail_at)",
    "CREATE INDEX settlement_due ON settlement (next_attempt_at) WHERE state IN ('PENDING', 'ACCEPTED')",
    "CREATE INDEX standing_poor ON standing (account_id) WHERE state <> 'GOOD'",
    "CREATE INDEX upgrade_account ON upgrade (account_id, id)",
    "CREATE INDEX usage_hour_detail ON usage_hour (hour) WHERE ids IS NOT NULL",
    "CREATE INDEX webhook_endpoint_account ON webhook_endpoint (account_id) WHERE enabled",
)


class Migration(migrations.Migration):
    dependencies = [("app", "0001_initial")]

    initial = False

    operations = [
        RunSQL(
            [
                "CREATE SEQUENCE statement_number",
                UUID7,
                KEY_AFTER,
                DAY_START,
                PRICE_DAY,
                REMEMBER_NONCE,
                *USAGE,
                REFUSE_CHANGE,
                *GUARDED,
                *BALANCED,
                *TOLD,
                *CHECKS,
                *ONLY_ONE,
                *LOOK_UPS,
            ]
        )
    ]
