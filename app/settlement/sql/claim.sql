-- Takes orders of a channel that are due for this worker, those that fell due first; answers which of them were
-- uncertain before. Passes over those that another has.
-- A prepaid balance ($6) pays an account's charges in turn: none while another worker has an earlier one in hand, and a
-- correction once what it corrects is settled.
-- Writes settlement.

WITH due AS MATERIALIZED (
    SELECT s.id, s.uncertain FROM settlement AS s
    WHERE s.state IN ('PENDING', 'ACCEPTED') AND s.channel = $3 AND s.next_attempt_at <= $5
      AND (s.claimed_until IS NULL OR s.claimed_until <= $1)
      AND NOT ($6 AND EXISTS (
          SELECT FROM settlement AS earlier
          WHERE earlier.account_id = s.account_id AND earlier.channel = s.channel AND earlier.claimed_until > $1
            AND earlier.state IN ('PENDING', 'ACCEPTED')
            AND (earlier.due_from, earlier.charge_id) < (s.due_from, s.charge_id)))
      AND NOT ($6 AND gives_back_early(s.charge_id))
    ORDER BY s.due_from, s.charge_id LIMIT $4 FOR UPDATE OF s SKIP LOCKED)
UPDATE settlement AS s SET attempts = attempts + 1, claimed_until = $2, handed_over_at = $1, uncertain = true
FROM due WHERE s.id = due.id
RETURNING s.id, due.uncertain;
