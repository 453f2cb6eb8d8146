-- Which days an upgrade is to be charged for next, and up to which. Read by what closes days, and by what must not
-- forget the usage of days that are still to be closed. Read nothing but their arguments.

CREATE FUNCTION next_day(u upgrade) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(u.billed_through + 1, u.first_billed_day)
$$;

-- The last day that has ended: production accounts are closed ``delay`` after midnight, for the last hour's reports.
CREATE FUNCTION last_ended_day(a account, zone text, at timestamptz, delay interval)
RETURNS date LANGUAGE sql STABLE AS $$
    SELECT ((at + make_interval(secs => a.clock_offset_seconds)
        - CASE WHEN a.sandbox THEN interval '0' ELSE delay END) AT TIME ZONE zone)::date - 1
$$;
