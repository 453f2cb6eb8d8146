-- A credit has its credit note.
-- Reads charge, credit_note.

SELECT format('charge %s is a credit without a credit note', c.id) FROM charge c
WHERE c.kind = 'CREDIT_NOTE' AND NOT EXISTS (SELECT FROM credit_note n WHERE n.charge_id = c.id);
