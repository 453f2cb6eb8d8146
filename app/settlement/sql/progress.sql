-- How the charges of production accounts that were raised since the key $1 are getting on, by channel: how many there
-- are, and how many of them are settled.
-- Reads settlement.

SELECT channel, count(*) AS raised, count(*) FILTER (WHERE state = 'SETTLED') AS settled
FROM settlement WHERE id >= $1 AND NOT sandbox GROUP BY channel;
