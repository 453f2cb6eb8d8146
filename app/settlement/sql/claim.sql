-- Takes orders of a channel that are due for this worker; answers which of them were uncertain before.
-- Passes over those that another has. Writes settlement.

WITH due AS MATERIALIZED (
    SELECT id, uncertain FROM settlement
    WHERE state IN ('PENDING', 'ACCEPTED') AND channel = $3 AND next_attempt_at <= $5
      AND (claimed_until IS NULL OR claimed_until <= $1)
    ORDER BY next_attempt_at LIMIT $4 FOR UPDATE SKIP LOCKED)
UPDATE settlement s SET attempts = attempts + 1, claimed_until = $2, handed_over_at = $1, uncertain = true
FROM due WHERE s.id = due.id
RETURNING s.id, due.uncertain;
