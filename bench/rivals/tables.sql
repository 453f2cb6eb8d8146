DROP SCHEMA IF EXISTS bench_rival CASCADE;
CREATE SCHEMA bench_rival;

CREATE TABLE bench_rival.usage_row (
    deployment_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    datakit text NOT NULL,
    PRIMARY KEY (deployment_id, hour, datakit)
);

-- The statement is that of mercurius.js; PL/pgSQL keeps its plan from call to call.
CREATE FUNCTION bench_rival.report_usage(deployment uuid, hour timestamptz, data_kits text[]) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    written int;
BEGIN
    INSERT INTO bench_rival.usage_row (deployment_id, hour, datakit)
    SELECT report_usage.deployment, report_usage.hour, unnest(report_usage.data_kits)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;

-- PostGraphile's conditions know no ranges; its documentation has a function for them.
CREATE FUNCTION bench_rival.reported_hours(account uuid, since timestamptz, until timestamptz)
RETURNS SETOF public.usage_hour LANGUAGE sql STABLE AS $$
    SELECT h.* FROM public.usage_hour AS h
    WHERE h.account_id = reported_hours.account AND h.meter = 'datakit'
        AND h.hour >= reported_hours.since AND h.hour < reported_hours.until
    ORDER BY h.hour
$$;
