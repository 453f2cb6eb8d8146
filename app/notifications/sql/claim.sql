-- Takes deliveries that are due for this worker, by the media that are ready; of sandbox accounts alone, or of none of
-- them, where $5 says.
-- Each receiver (an endpoint, a member) has a lane of its own: one in hand, the oldest first. Accounts take turns, and
-- none has more than $6 in hand: who does not answer holds up nobody else. An endpoint that is paused gets nothing, and
-- those that failed the last time come last.
-- Reads webhook_endpoint; writes delivery.

WITH in_hand AS MATERIALIZED (
    SELECT account_id, coalesce(endpoint_id, user_id) AS receiver FROM delivery
    WHERE state = 'PENDING' AND claimed_until > $1
), busy AS (
    SELECT account_id, count(*) AS deliveries FROM in_hand GROUP BY account_id
), heads AS (
    SELECT DISTINCT ON (coalesce(d.endpoint_id, d.user_id)) d.id, d.account_id, coalesce(e.failures, 0) > 0 AS failing
    FROM delivery AS d LEFT JOIN webhook_endpoint AS e ON e.id = d.endpoint_id
    WHERE d.state = 'PENDING' AND d.sandbox = coalesce($5, d.sandbox)
        AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= $1)
        AND (d.claimed_until IS NULL OR d.claimed_until <= $1) AND d.medium = ANY($4)
        AND (e.paused_until IS NULL OR e.paused_until <= $1)
        AND NOT EXISTS (SELECT FROM in_hand AS i WHERE i.receiver = coalesce(d.endpoint_id, d.user_id))
    ORDER BY coalesce(d.endpoint_id, d.user_id), d.id
), waiting AS (
    SELECT id, account_id, failing, row_number() OVER (PARTITION BY account_id ORDER BY failing, id) AS turn FROM heads
), due AS MATERIALIZED (
    SELECT d.id FROM waiting AS w JOIN delivery AS d ON d.id = w.id
    LEFT JOIN busy AS b ON b.account_id IS NOT DISTINCT FROM w.account_id
    WHERE w.turn + coalesce(b.deliveries, 0) <= $6
        AND d.state = 'PENDING' AND (d.claimed_until IS NULL OR d.claimed_until <= $1)
    ORDER BY w.failing, w.turn, w.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED
)
UPDATE delivery AS d SET attempts = attempts + 1, claimed_until = $2, attempted_at = $1
FROM due WHERE d.id = due.id
RETURNING d.id;
