-- Takes deliveries that are due for this worker, the oldest first; by the media that are ready.
-- Writes delivery.

UPDATE delivery SET attempts = attempts + 1, claimed_until = $2
WHERE id IN (
    SELECT id FROM delivery
    WHERE state = 'PENDING' AND (next_attempt_at IS NULL OR next_attempt_at <= $1)
      AND (claimed_until IS NULL OR claimed_until <= $1) AND medium = ANY($4)
    ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING id;
