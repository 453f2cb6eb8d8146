-- Marks the closed days late that have one of these hours.
-- The account is to be held for usage. Writes billing_day (mark_late).

SELECT mark_late($1, $2);
