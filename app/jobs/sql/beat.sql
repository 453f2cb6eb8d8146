-- Notes that a worker is there, and forgets those that were not for a day.
-- Writes worker.

WITH gone AS (DELETE FROM worker WHERE seen_at < $4::timestamptz - interval '1 day')
INSERT INTO worker (id, host, started_at, seen_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at;
