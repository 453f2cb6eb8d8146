-- The last event before one ($2) that an endpoint ($1) is told of.
-- Reads delivery.

SELECT event_id FROM delivery WHERE endpoint_id = $1 AND event_id < $2 ORDER BY event_id DESC LIMIT 1;
