-- Orders the collecting of charges (parallel arrays) through the channel that pays for each account, or did last.
-- Reads account_now, channel_binding, payer_of(); writes settlement.

INSERT INTO settlement (id, charge_id, account_id, payer_id, binding_id, channel, state, attempts, next_attempt_at,
    due_from, reason, sandbox)
SELECT uuid7(), o.charge_id, o.account_id, payer_of(o.charge_id, o.account_id, b.channel), b.id, b.channel,
    CASE b.state WHEN 'BOUND' THEN 'PENDING' ELSE 'NEEDS_ATTENTION' END, 0, $4, o.due_from,
    CASE WHEN b.state <> 'BOUND' THEN 'no settlement channel paid for the account when the charge was raised' END,
    a.sandbox
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) WITH ORDINALITY AS o(charge_id, account_id, due_from, place)
JOIN account_now($4) AS a ON a.account_id = o.account_id
CROSS JOIN LATERAL (
    SELECT id, channel, state FROM channel_binding
    WHERE account_id = o.account_id AND (state = 'BOUND' OR bound_at IS NOT NULL)
    ORDER BY state = 'BOUND' DESC, id DESC LIMIT 1) AS b
ORDER BY o.place
RETURNING id;
