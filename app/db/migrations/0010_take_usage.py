"""Taking in usage in one call to the database."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

UNITED = """
CREATE FUNCTION united(these text[], those text[]) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT id COLLATE "C" ORDER BY id COLLATE "C") FROM unnest(these || those) AS d(id)
$$
"""
TAKE_USAGE = """
CREATE FUNCTION take_usage(
    taker uuid, reporter uuid, seen_at timestamptz, access_key uuid, seen_nonce text, nonce_expires_at timestamptz,
    hours timestamptz[], meters text[], begins int[], counts int[], lines text, amounts bigint[]
) RETURNS TABLE (hour timestamptz, quantity bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    reported_ids text[] := string_to_array(lines, E'\n');
BEGIN
    IF seen_nonce IS NOT NULL THEN
        INSERT INTO request_nonce (id, access_key_id, nonce, expires_at)
        VALUES (uuid7(), access_key, seen_nonce, nonce_expires_at);
    END IF;
    PERFORM FROM account WHERE id = taker FOR KEY SHARE;
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
    ON CONFLICT (deployment_id, meter, hour) DO UPDATE SET (ids, quantity) = (
        SELECT m.ids, greatest(kept.quantity, excluded.quantity, cardinality(m.ids))
        FROM (SELECT united(kept.ids, excluded.ids) AS ids) AS m)
    RETURNING kept.hour, kept.quantity;
END $$
"""
NOTIFY = (
    "DROP TRIGGER notify ON event",
    "CREATE OR REPLACE FUNCTION notify_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "PERFORM pg_notify('account_event', account_id::text) FROM (SELECT DISTINCT account_id FROM happened) AS accounts; "
    "RETURN NULL; END $$",
    "CREATE TRIGGER notify AFTER INSERT ON event REFERENCING NEW TABLE AS happened "
    "FOR EACH STATEMENT EXECUTE FUNCTION notify_event()",
)


class Migration(migrations.Migration):
    dependencies = [("app", "0009_applications")]

    initial = False

    operations = [RunSQL([UNITED, TAKE_USAGE, *NOTIFY])]
