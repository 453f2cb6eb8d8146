-- Open orders of a channel whose deadline passed: the provider's own, or $3 after they became due; none of a sandbox
-- account, whose time jumps, by the latter. Of sandbox accounts, or ($4) of the others. Not those that a worker has in
-- hand.
-- Reads settlement.

SELECT s.id, s.account_id FROM settlement AS s
WHERE s.state = 'PENDING' AND s.channel = $1 AND s.sandbox = $4 AND (s.claimed_until IS NULL OR s.claimed_until <= $2)
  AND (s.deadline <= $2 OR (NOT s.sandbox AND s.due_from + $3::interval <= $2))
ORDER BY s.id LIMIT 500;
