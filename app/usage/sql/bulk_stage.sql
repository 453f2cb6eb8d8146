-- Where lines of bulk usage are copied to, for the rest of the transaction.

CREATE TEMP TABLE usage_stage (
    line bigint, deployment text, meter text, hour timestamptz, entry text COLLATE "C", value bigint) ON COMMIT DROP;
