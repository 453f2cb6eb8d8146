-- Raises one charge; its key. The account is to be locked. Writes charge (raise_charges).

SELECT raise_charges(ARRAY[($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10)::charge_due]) AS id;
