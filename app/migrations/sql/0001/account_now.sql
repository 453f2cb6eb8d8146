-- What time it is for each account: the world's time, and ahead of it for a sandbox account whose clock was advanced.
-- ``ahead``: whether it was. Python's Account.now() says the same. To be joined; the planner sees through it.
-- Reads account.

CREATE FUNCTION account_now(at timestamptz)
RETURNS TABLE (account_id uuid, now timestamptz, sandbox boolean, ahead boolean) LANGUAGE sql STABLE AS $$
    SELECT a.id, at + make_interval(secs => a.clock_offset_seconds), a.sandbox, a.clock_offset_seconds > 0
    FROM account AS a
$$;
