-- Takes orders of a channel that are due for this worker, of sandbox accounts or ($7) of the others; answers which of
-- them were uncertain before. Accounts that pay take turns, so that none waits for all that another owes: each one's
-- first, then each one's second, and of a turn those that fell due first. Passes over those that another has.
-- Where vouchers may pay ($8), what an account pays is paid in turn: none while another worker has an earlier one in
-- hand. A prepaid balance ($6) pays a correction once what it corrects is settled.
-- Writes settlement.

WITH waiting AS (
    SELECT id, payer_id, due_from, charge_id,
        row_number() OVER (PARTITION BY payer_id ORDER BY due_from, charge_id) AS turn
    FROM settlement
    WHERE state IN ('PENDING', 'ACCEPTED') AND channel = $3 AND sandbox = $7
        AND next_attempt_at <= CASE attempts WHEN 0 THEN greatest($1, $5::timestamptz) ELSE $5 END
        AND (claimed_until IS NULL OR claimed_until <= $1)
    ORDER BY turn, due_from, charge_id OFFSET 0
), due AS MATERIALIZED (
    SELECT s.id, s.uncertain FROM waiting AS w JOIN settlement AS s ON s.id = w.id
    WHERE s.state IN ('PENDING', 'ACCEPTED') AND (s.claimed_until IS NULL OR s.claimed_until <= $1)
        AND NOT ($8 AND EXISTS (
            SELECT FROM settlement AS earlier
            WHERE earlier.payer_id = w.payer_id AND earlier.channel = $3 AND earlier.claimed_until > $1
                AND earlier.state IN ('PENDING', 'ACCEPTED')
                AND (earlier.due_from, earlier.charge_id) < (w.due_from, w.charge_id)))
        AND NOT ($6 AND gives_back_early(w.charge_id))
    ORDER BY w.turn, w.due_from, w.charge_id LIMIT $4 FOR UPDATE OF s SKIP LOCKED
)
UPDATE settlement AS s SET attempts = attempts + 1, claimed_until = $2, handed_over_at = $1, uncertain = true
FROM due WHERE s.id = due.id
RETURNING s.id, due.uncertain;
