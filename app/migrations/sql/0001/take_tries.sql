-- Counts a try in each bucket, from parallel arrays: its key, how many tries it holds, and in how many seconds it
-- empties; or, where one is full, in none. Answers how many seconds to wait until all have room; 0 if they had.
-- Buckets are locked in the order of their keys. Reads and writes throttle.

CREATE FUNCTION take_tries(keys text[], most int[], seconds float8[], now timestamptz)
RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    wait float8;
BEGIN
    INSERT INTO throttle (id, key, level, at)
    SELECT uuid7(), asked.key, 0, now FROM unnest(keys) AS asked(key) ORDER BY asked.key
    ON CONFLICT (key) DO NOTHING;
    PERFORM FROM throttle AS t WHERE t.key = ANY(keys) ORDER BY t.key FOR UPDATE;
    SELECT max((left_in(t, asked.most, asked.seconds, now) + 1 - asked.most) * asked.seconds / asked.most) INTO wait
    FROM throttle AS t JOIN unnest(keys, most, seconds) AS asked(key, most, seconds) ON asked.key = t.key;
    IF wait > 0 THEN
        RETURN wait;
    END IF;
    UPDATE throttle AS t SET level = left_in(t, asked.most, asked.seconds, now) + 1, at = now
    FROM unnest(keys, most, seconds) AS asked(key, most, seconds) WHERE asked.key = t.key;
    RETURN 0;
END $$;
