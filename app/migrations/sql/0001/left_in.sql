-- What is left in a bucket that holds so many tries and empties evenly in so many seconds.
-- Reads nothing but its arguments.

CREATE FUNCTION left_in(bucket throttle, most int, seconds float8, now timestamptz)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT greatest(0, bucket.level - greatest(0, extract(epoch FROM now - bucket.at)) * most / seconds)
$$;
