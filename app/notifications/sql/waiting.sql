-- What production accounts and staff are still to be told, by medium, with the key of the oldest event.
-- Reads delivery.

SELECT medium, count(*) AS deliveries, (array_agg(event_id ORDER BY event_id))[1] AS oldest
FROM delivery WHERE state = 'PENDING' AND NOT sandbox GROUP BY medium;
