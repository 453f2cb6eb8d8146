-- What time it is for an account: the world's time, and ahead of it for a sandbox account whose clock was advanced.
-- Python's Account.now() says the same.

-- For a row of account. Reads nothing but its arguments.
CREATE FUNCTION account_now(a account, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT at + make_interval(secs => a.clock_offset_seconds)
$$;

-- For every account, to be joined; the planner sees through it. ``ahead``: whether its clock was advanced.
-- Reads account.
CREATE FUNCTION account_now(at timestamptz)
RETURNS TABLE (account_id uuid, now timestamptz, sandbox boolean, ahead boolean) LANGUAGE sql STABLE AS $$
    SELECT a.id, account_now(a, at), a.sandbox, a.clock_offset_seconds > 0 FROM account AS a
$$;
