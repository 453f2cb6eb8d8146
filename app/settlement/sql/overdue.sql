-- Open orders of a channel whose deadline passed: the provider's own, or $3 after they became due; none of a sandbox
-- account, whose time jumps, by the latter. Not those that a worker has in hand.
-- Reads settlement, account_now.

SELECT s.id, s.account_id FROM settlement AS s JOIN account_now($2) AS a ON a.account_id = s.account_id
WHERE s.state = 'PENDING' AND s.channel = $1 AND (s.claimed_until IS NULL OR s.claimed_until <= $2)
  AND (s.deadline <= $2 OR (NOT a.sandbox AND s.due_from + $3::interval <= $2))
ORDER BY s.id LIMIT 500;
