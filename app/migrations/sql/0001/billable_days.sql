-- Which days an upgrade is to be charged for next, and up to which. For what closes days, and for what must not forget
-- the usage of days that are still to be closed. They read nothing but their arguments.

CREATE FUNCTION next_day(u upgrade) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(u.billed_through + 1, u.first_billed_day)
$$;

-- The last day to be charged for, no day after ``until``. Production accounts are closed ``delay`` after midnight, for
-- the last hour's reports.
CREATE FUNCTION last_day(u upgrade, a account, zone text, at timestamptz, delay interval, until date)
RETURNS date LANGUAGE sql STABLE AS $$
    SELECT least(
        ((account_now(a, at) - CASE WHEN a.sandbox THEN interval '0' ELSE delay END) AT TIME ZONE zone)::date - 1,
        until, u.last_billed_day)
$$;

-- Whether the free period of an upgrade ended without an activation. Python's Upgrade.has_lapsed() says the same.
CREATE FUNCTION has_lapsed(u upgrade, now timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT u.state = 'FREE_PERIOD' AND u.free_period_ends_at <= now
$$;
