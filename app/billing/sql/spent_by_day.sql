-- What an account ($1) was charged in a currency ($2) for each day since one ($3); without instalments, by price plans
-- ($4) alone, if these are named.
-- Reads charge.

SELECT day, sum(amount_minor)::bigint AS minor
FROM charge
WHERE account_id = $1 AND currency = $2 AND day >= $3 AND ($4::uuid [] IS NULL OR (plan_id = ANY($4) AND sequence >= 0))
GROUP BY day ORDER BY day;
