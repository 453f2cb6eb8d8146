-- Reserves a key for this transaction; no row when it is taken. Waits for a transaction that has it.
-- Writes idempotency_key.

INSERT INTO idempotency_key (id, scope, key, operation, input_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (scope, key) DO NOTHING RETURNING id;
