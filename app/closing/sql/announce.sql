-- Records an event for each of these charges.
-- The accounts are to be locked. Reads charge; writes event.

WITH raised AS MATERIALIZED (
    SELECT c.*, row_number() OVER (ORDER BY c.id) AS place FROM charge AS c WHERE c.id = ANY($1)
)
INSERT INTO event (id, account_id, type, actor_kind, actor_label, at, after)
SELECT keyed.id, r.account_id, 'charge.raised', 'SYSTEM', 'billing', r.raised_at,
    jsonb_build_object('charge', r.id, 'day', r.day, 'amountMinor', r.amount_minor, 'currency', r.currency)
FROM raised AS r
JOIN event_keys((SELECT array_agg(account_id ORDER BY place) FROM raised)) AS keyed ON keyed.place = r.place;
