-- The price plan that an upgrade's day is priced by.
-- Reads upgrade, plan_of_day.

SELECT plan_of_day(u, $2) AS plan_id FROM upgrade AS u WHERE u.id = $1;
