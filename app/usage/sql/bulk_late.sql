-- Marks the closed days late that the lines are of.
-- The accounts are to be held for usage. Reads usage_stage, usage_from; writes billing_day.

SELECT mark_late(account_id, hours) FROM (
    SELECT f.account_id, array_agg(DISTINCT s.hour) AS hours
    FROM usage_stage AS s JOIN usage_from AS f ON f.fingerprint = s.deployment
    GROUP BY f.account_id ORDER BY f.account_id) AS reported;
