-- Takes a try back from each of these buckets.
-- Writes throttle.

UPDATE throttle SET level = greatest(0, level - 1) WHERE id IN (
    SELECT id FROM throttle WHERE key = ANY($1) ORDER BY key FOR UPDATE);
