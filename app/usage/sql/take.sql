-- Takes in what one deployment reported, all that it writes in one round trip (see the function).
-- Locks the account for key share. Writes request_nonce, billing_day, deployment, usage_hour.

SELECT hour, quantity FROM take_usage($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
