-- The charges that stand on no statement yet.
-- Reads charge, statement_charge.

CREATE VIEW unstated_charge AS
SELECT c.* FROM charge AS c WHERE NOT EXISTS (SELECT FROM statement_charge AS s WHERE s.charge_id = c.id);
