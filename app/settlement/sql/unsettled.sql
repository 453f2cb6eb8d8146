-- The charges of production accounts that are not settled, by channel and state, and since when the oldest is due.
-- Reads settlement.

SELECT channel, state, count(*) AS charges, min(due_from) AS oldest FROM settlement
WHERE state IN ('PENDING', 'ACCEPTED') AND NOT sandbox GROUP BY channel, state
UNION ALL
SELECT channel, state, count(*), min(due_from) FROM settlement
WHERE state = 'NEEDS_ATTENTION' AND NOT sandbox GROUP BY channel, state;
