-- No difference to a provider's record is open.
-- Reads reconciliation_case.

SELECT format('channel %s, charge %s: %s (reconciliation case %s is open)', channel, charge_id, kind, id)
FROM reconciliation_case WHERE resolved_at IS NULL;
