-- Forgets the ids of at most $2 hours before $1, but of no day that is still to be closed or adjusted.
-- Passes over hours that somebody has locked. Reads upgrade, price_plan, billing_day; writes usage_hour.

UPDATE usage_hour SET ids = NULL WHERE id IN (
    SELECT h.id FROM usage_hour h
    WHERE h.ids IS NOT NULL AND h.hour < $1 AND NOT EXISTS (
        SELECT FROM upgrade u JOIN price_plan p ON p.id = u.plan_id
        WHERE u.account_id = h.account_id AND u.state = 'ACTIVE'
          AND h.hour >= day_start(next_day(u), p.time_zone))
      AND NOT EXISTS (SELECT FROM billing_day d WHERE d.account_id = h.account_id AND d.late
          AND h.hour >= d.begins_at AND h.hour < d.ends_at)
    LIMIT $2 FOR UPDATE OF h SKIP LOCKED)
RETURNING id;
