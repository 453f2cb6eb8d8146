-- The charges that stand on no statement yet, with the month of the statement that they are to stand on: that of their
-- day, or the one after the newest that was issued to the account.
-- Reads charge, statement, statement_charge.

CREATE VIEW unstated_charge AS
SELECT c.id, c.account_id, c.plan_id, greatest(
        date_trunc('month', c.day::timestamp),
        (SELECT max(s.month) FROM statement AS s WHERE s.account_id = c.account_id) + interval '1 month')::date AS month
FROM charge AS c WHERE NOT EXISTS (SELECT FROM statement_charge AS s WHERE s.charge_id = c.id);
