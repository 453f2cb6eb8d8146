-- Takes deliveries that are due for this worker, by the media that are ready; of sandbox accounts alone, or of none of
-- them, where $5 says.
-- Accounts take turns, the oldest first, and none has more than $6 in hand: who does not answer holds up nobody else.
-- Writes delivery.

WITH in_hand AS (
    SELECT account_id, count(*) AS deliveries FROM delivery
    WHERE state = 'PENDING' AND claimed_until > $1 GROUP BY account_id
), waiting AS (
    SELECT id, account_id, row_number() OVER (PARTITION BY account_id ORDER BY id) AS turn FROM delivery
    WHERE state = 'PENDING' AND sandbox = coalesce($5, sandbox) AND (next_attempt_at IS NULL OR next_attempt_at <= $1)
        AND (claimed_until IS NULL OR claimed_until <= $1) AND medium = ANY($4)
), due AS MATERIALIZED (
    SELECT d.id FROM waiting AS w JOIN delivery AS d ON d.id = w.id
    LEFT JOIN in_hand AS h ON h.account_id IS NOT DISTINCT FROM w.account_id
    WHERE w.turn + coalesce(h.deliveries, 0) <= $6
        AND d.state = 'PENDING' AND (d.claimed_until IS NULL OR d.claimed_until <= $1)
    ORDER BY w.turn, w.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED
)
UPDATE delivery AS d SET attempts = attempts + 1, claimed_until = $2
FROM due WHERE d.id = due.id
RETURNING d.id;
