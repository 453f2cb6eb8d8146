-- What a day of $2 units costs by the plan $1: the quantity that is billed, and the amount.
-- Reads price_plan.

SELECT priced.billed, priced.amount
FROM price_plan AS p CROSS JOIN LATERAL price_day(p, $2) AS priced WHERE p.id = $1;
