-- The instant at which a calendar day begins in a zone: the first of the two midnights where clocks are set back at
-- midnight. Python's app.clock.day_start says the same; a test compares them.
-- Reads and writes nothing.

CREATE FUNCTION day_start(day date, zone text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT day::timestamp AT TIME ZONE zone - CASE
        WHEN ((day::timestamp AT TIME ZONE zone - interval '1 hour') AT TIME ZONE zone)::date = day
        THEN interval '1 hour' ELSE interval '0' END
$$;

-- The calendar day that an instant is in, in a zone. Python's app.clock.local_day says the same.
-- Reads and writes nothing.

CREATE FUNCTION local_day(at timestamptz, zone text) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (at AT TIME ZONE zone)::date
$$;
