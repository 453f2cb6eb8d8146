-- Opens a case; no row when one is open for the charge, or when somebody resolved one of the same difference: that
-- stays resolved until a record changes.
-- Writes reconciliation_case.

INSERT INTO reconciliation_case (id, channel, charge_id, kind, details, opened_at, sandbox)
SELECT $1::uuid, $2::text, $3::uuid, $4::text, $5::jsonb, $6::timestamptz, $7::boolean WHERE NOT EXISTS (
    SELECT FROM reconciliation_case AS resolved
    WHERE resolved.channel = $2::text AND resolved.charge_id = $3::uuid AND resolved.kind = $4::text
        AND resolved.resolved_by <> 'billing'
        AND resolved.details #- '{ours,state}' = $5::jsonb #- '{ours,state}')
ON CONFLICT (channel, charge_id) WHERE resolved_at IS NULL DO NOTHING RETURNING id;
