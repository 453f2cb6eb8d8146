-- A statement has charges of its own account alone.
-- Reads charge, statement, statement_charge.

SELECT format('statement %s has charge %s of another account', s.number, c.id) FROM statement_charge x
JOIN statement s ON s.id = x.statement_id JOIN charge c ON c.id = x.charge_id WHERE s.account_id <> c.account_id;
