-- No difference to a provider's record is open, but of play money.
-- Reads reconciliation_case.

SELECT format('channel %s, charge %s: %s (reconciliation case %s is open)', channel, charge_id, kind, id)
FROM reconciliation_case WHERE resolved_at IS NULL AND NOT sandbox;
