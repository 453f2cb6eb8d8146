-- What an account was charged in a currency for the days of each month since one.
-- Reads charge.

SELECT to_char(day, 'YYYY-MM') AS month, sum(amount_minor)::bigint AS minor
FROM charge WHERE account_id = $1 AND currency = $2 AND day >= $3 GROUP BY 1 ORDER BY 1;
