-- What an account ($1) was charged in a currency ($6): in a month, and in the last days before its newest charge
-- (without instalments); by price plans ($7) alone, if these are named.
-- Reads charge.

SELECT
    coalesce(sum(amount_minor) FILTER (WHERE day >= $2 AND day < $3), 0)::bigint AS month,
    coalesce(sum(amount_minor) FILTER (WHERE day > $4::date - $5::int AND sequence >= 0), 0)::bigint AS recent,
    count(DISTINCT day) FILTER (WHERE day > $4::date - $5::int AND sequence >= 0) AS days
FROM charge
WHERE account_id = $1 AND currency = $6 AND ($7::uuid [] IS NULL OR (plan_id = ANY($7) AND sequence >= 0));
