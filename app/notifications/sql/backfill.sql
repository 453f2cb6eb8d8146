-- Notes deliveries to an endpoint ($1) of its account's events since an instant ($2) that it was never to be told of, the
-- oldest $3 of them; how many those are.
-- Reads webhook_endpoint, account, event; writes delivery.

WITH added AS (
    INSERT INTO delivery (id, account_id, event_id, medium, endpoint_id, state, attempts, sandbox, to_staff)
    SELECT uuid7(), e.account_id, e.id, 'webhook', w.id, 'PENDING', 0, a.sandbox, false
    FROM webhook_endpoint AS w JOIN account AS a ON a.id = w.account_id JOIN event AS e ON e.account_id = w.account_id
    WHERE w.id = $1 AND e.at >= $2 AND (w.event_types = '{}' OR e.type = ANY (w.event_types))
        AND NOT EXISTS (SELECT FROM delivery AS d WHERE d.endpoint_id = w.id AND d.event_id = e.id)
    ORDER BY e.id LIMIT $3
    RETURNING id
) SELECT count(*) AS deliveries FROM added;
