-- The newest charge of an account ($1): in a currency ($2), or in any; of price plans ($3), if they are named; of days
-- alone ($4), or also of instalments.
-- Reads charge.

SELECT * FROM charge
WHERE account_id = $1 AND ($2::text IS NULL OR currency = $2) AND ($3::uuid [] IS NULL OR plan_id = ANY($3))
    AND (sequence >= 0 OR NOT $4)
ORDER BY day DESC, id DESC LIMIT 1;
