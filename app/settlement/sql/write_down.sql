-- Writes down what came of orders, from parallel arrays.
-- The rows are to be locked. Writes settlement.

UPDATE settlement s SET state = r.state, next_attempt_at = r.next_attempt_at, reason = r.reason,
    provider_reference = coalesce(r.provider_reference, s.provider_reference), settled_at = r.settled_at,
    uncertain = r.uncertain, claimed_until = NULL
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::timestamptz[], $7::boolean[])
    AS r(id, state, next_attempt_at, reason, provider_reference, settled_at, uncertain)
WHERE s.id = r.id;
